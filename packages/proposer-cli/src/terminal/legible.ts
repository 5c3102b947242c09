/** A text for a terminal, where anybody may have written it: what that would obey, or be turned round by, as a number. */
export function legible(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
