import { MAX_BODY_BYTES } from "./record-format.js";

/** The largest record a journal takes unless told otherwise, in bytes: 64 MiB. */
export const DEFAULT_MAX_RECORD_BYTES = 64 * 2 ** 20;

/** @throws {RangeError} if the body is larger than the limit. Nothing was written, and the journal goes on. */
export function refuseOversized(what: "record" | "state", body: Uint8Array, limit: number = MAX_BODY_BYTES): void {
  if (body.length > limit) {
    throw new RangeError(`a ${what} of ${body.length} bytes is larger than the journal takes: ${limit}`);
  }
}
