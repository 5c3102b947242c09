/** The bytes of a text, for records that a failing test can show. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The texts of records. */
export function texts(records: readonly Uint8Array[]): string[] {
  return records.map((record) => new TextDecoder().decode(record));
}
