/** Bytes that nobody can guess, as base64url. By `getRandomValues`, which a page without TLS has as well. */
export function drawn(bytes: number): string {
  const text = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes)));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
