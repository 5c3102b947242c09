/** A text is no literal; the message says why, and what to write instead. */
export class LiteralError extends Error {
  override readonly name = "LiteralError";
  constructor(
    message: string,
    /** The word that would be one in quotes, and where it stands; null if quotes alone do not help. */
    readonly bareWord: { readonly word: string; readonly start: number } | null = null,
  ) {
    super(message);
  }
}
