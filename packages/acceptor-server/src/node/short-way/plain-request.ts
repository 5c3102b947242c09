import { isAscii, isUtf8 } from "node:buffer";

/** A request of the plainest form, as it arrived. */
export interface PlainRequest {
  readonly method: "GET" | "PUT";
  /** Needs no decoding: it has unreserved characters, colons and slashes only. */
  readonly path: string;
  /** What comes after the question mark; empty if nothing does. */
  readonly query: string;
  /** The body of a PUT, as JSON reads it; undefined for a GET. */
  readonly body: unknown;
  readonly authorization: string | undefined;
}

/** What the lines after the first one say. */
interface Fields {
  /** Bytes of the body; null where there is none. */
  readonly length: number | null;
  readonly isJson: boolean;
  readonly authorization: string | undefined;
}

/** A request at most, in bytes: what is longer is counted while it arrives, and that is not done here. */
const LONGEST = 16 * 1024;

const FIRST_LINE = /^(GET|PUT) (\/[\w\-.~/:]*)(?:\?([\w\-.~=&]*))? HTTP\/1\.1$/;
/** A name and a value of visible characters. What HTTP allows besides is for Node to understand. */
const FIELD = /^([A-Za-z-]+): ([\x20-\x7e]*)$/;
/** Of these it does not matter what they say. */
const WITHOUT_EFFECT = new Set(["user-agent", "accept", "accept-encoding", "accept-language"]);

const END_OF_LINE = "\r\n";
const END_OF_HEAD = "\r\n\r\n";

/**
 * Recognises requests of the plainest form on one connection, and nothing else: of whatever is not certainly one of these, it
 * says so, and Node reads it. So it needs to know little of HTTP, and nothing of what makes two readers differ over where a
 * request ends (RFC 9112 §11.2): a length given once, in digits, and exactly so many bytes, which arrived in one piece.
 */
export class PlainRequestReader {
  /** The lines after the first of the last request, and what they say: most senders repeat them word by word. */
  #lines = "";
  #fields: Fields | null = null;

  /** @returns null if it is not exactly one plain request */
  read(piece: Buffer): PlainRequest | null {
    if (piece.length > LONGEST) return null;
    const text = piece.toString("latin1");
    const firstEnd = text.indexOf(END_OF_LINE);
    const headEnd = text.indexOf(END_OF_HEAD, firstEnd);
    if (headEnd < 0) return null;
    const first = FIRST_LINE.exec(text.slice(0, firstEnd));
    if (first === null) return null;
    const fields = this.#understood(text.slice(firstEnd, headEnd));
    if (fields === null) return null;
    const bodyAt = headEnd + END_OF_HEAD.length;
    if (piece.length !== bodyAt + (fields.length ?? 0)) return null;
    const [, method, path = "", query = ""] = first;
    const { authorization } = fields;
    if (method === "GET") {
      return fields.length === null ? { method, path, query, body: undefined, authorization } : null;
    }
    if (!fields.length || !fields.isJson) return null;
    const body = bodyOf(piece, text, bodyAt);
    return body === undefined ? null : { method: "PUT", path, query, body, authorization };
  }

  #understood(lines: string): Fields | null {
    if (lines !== this.#lines) {
      this.#lines = lines;
      this.#fields = fieldsOf(lines);
    }
    return this.#fields;
  }
}

/** @param lines each with the end of the line before it @returns null if one of them is not plain */
function fieldsOf(lines: string): Fields | null {
  const said = new Map<string, string>();
  for (const line of lines.slice(END_OF_LINE.length).split(END_OF_LINE)) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return null;
    const lower = name.toLowerCase();
    if (WITHOUT_EFFECT.has(lower)) continue;
    if (said.has(lower)) return null;
    said.set(lower, value);
  }
  const isEach = [...said].every(([name, value]) => PLAIN[name]?.test(value) === true);
  if (!isEach || !said.has("host")) return null;
  const length = said.get("content-length");
  return {
    length: length === undefined ? null : Number(length),
    isJson: said.has("content-type"),
    authorization: said.get("authorization"),
  };
}

/** What these may say in a plain request. What has any other name makes it none. */
const PLAIN: Readonly<Record<string, RegExp>> = {
  host: /^[\w\-.:[\]]+$/,
  connection: /^keep-alive$/i,
  "content-type": /^application\/json(; ?charset=utf-8)?$/i,
  "content-length": /^\d{1,5}$/,
  authorization: /^[\x21-\x7e]+( [\x21-\x7e]+)?$/,
};

/** @returns undefined if it is no JSON */
function bodyOf(piece: Buffer, text: string, from: number): unknown {
  try {
    if (isAscii(piece)) return JSON.parse(text.slice(from));
    const bytes = piece.subarray(from);
    return isUtf8(bytes) ? JSON.parse(bytes.toString("utf8")) : undefined;
  } catch {
    return undefined;
  }
}
