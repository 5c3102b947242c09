/** An answer of HTTP/1.1, whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Whether another request may follow on this connection. */
  readonly keepsAlive: boolean;
}

const END_OF_HEAD = "\r\n\r\n";
const END_OF_LINE = "\r\n";

/**
 * Reads an answer that has come whole.
 *
 * @param received all that came since the request was sent
 * @returns null if there is more to come
 * @throws {Error} if it is no answer of HTTP/1.1, or of a kind whose end cannot be told
 */
export function readHttpAnswer(received: Buffer): HttpAnswer | null {
  const headEnd = received.indexOf(END_OF_HEAD);
  if (headEnd < 0) return null;
  const head = received.toString("latin1", 0, headEnd);
  const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1]);
  if (Number.isNaN(status)) throw new Error("no answer of HTTP/1.1");
  const body = bodyOf(received, headEnd + END_OF_HEAD.length, head);
  return body === null ? null : { status, body, keepsAlive: !/\r\nconnection: *close/i.test(head) };
}

function bodyOf(received: Buffer, start: number, head: string): string | null {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = start + Number(length);
    return received.length < end ? null : received.toString("utf8", start, end);
  }
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunksFrom(received, start);
  throw new Error("an answer without a length");
}

/** The text of all chunks; null if the last one is still to come. */
function chunksFrom(received: Buffer, start: number): string | null {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = received.indexOf(END_OF_LINE, at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(received.toString("latin1", at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error("a chunk without a size");
    const chunkAt = lineEnd + END_OF_LINE.length;
    at = chunkAt + size + END_OF_LINE.length;
    if (received.length < at) return null;
    if (size === 0) return Buffer.concat(chunks).toString("utf8");
    chunks.push(received.subarray(chunkAt, chunkAt + size));
  }
}
