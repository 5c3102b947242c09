/** What these bytes say in UTF-8, a byte order mark included; null if they do not: different bytes would read as one text. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a line that was read as text had bytes that are none: whoever read it put this character in their place. */
export function hasLostBytes(line: string): boolean {
  return line.includes("\uFFFD");
}
