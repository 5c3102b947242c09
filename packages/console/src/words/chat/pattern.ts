/** The glob for what somebody typed who looks for people: it is one, or a part of a name. */
export function patternOf(typed: string): string {
  const text = typed.trim();
  return /[*?]/.test(text) ? text : `*${text.toLowerCase()}*`;
}
