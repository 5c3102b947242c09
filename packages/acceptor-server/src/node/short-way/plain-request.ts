import { isAscii, isUtf8 } from "node:buffer";
import { isOwnName } from "../own-names.js";

/** A request of the plainest form, as it arrived. */
export interface PlainRequest {
  readonly method: "GET" | "PUT";
  /** Path and query, as they arrived. */
  readonly url: string;
  /** Needs no decoding: it has unreserved characters, colons and slashes only. */
  readonly path: string;
  /** What comes after the question mark; empty if nothing does. */
  readonly query: string;
  /** The body of a PUT, as JSON reads it; undefined for a GET. */
  readonly body: FlatObject | undefined;
  readonly authorization: string | undefined;
  /** Whether the host that it names is this machine itself. */
  readonly namesThisMachine: boolean;
}

/** What stands in a plain body: nothing in it is an object again. */
type FlatObject = Readonly<Record<string, string | number | boolean | null>>;

/** What the lines after the first one say. */
interface Fields {
  /** Bytes of the body; null where there is none. */
  readonly length: number | null;
  readonly isJson: boolean;
  readonly authorization: string | undefined;
  /** Whether the host that it names is this machine itself. */
  readonly namesThisMachine: boolean;
}

/** A request at most, in bytes: what is longer is counted while it arrives, and that is not done here. */
const LONGEST = 16 * 1024;

/** The lines after the first at most, in bytes: the last ones are kept for each connection. */
const LONGEST_FIELDS = 1024;

const FIRST_LINE = /^(GET|PUT) ((\/[\w\-.~/:]*)(?:\?([\w\-.~=&]*))?) HTTP\/1\.1$/;
/** A name and a value of visible characters. What HTTP allows besides is for Node to understand. */
const FIELD = /^([A-Za-z-]+): ([\x20-\x7e]*)$/;

/** What a plain request may say, each at most once. What says anything else is none. */
const PLAIN: ReadonlyMap<string, RegExp> = new Map([
  ["host", /^[\w\-.:[\]]+$/],
  ["connection", /^keep-alive$/i],
  ["content-type", /^application\/json(; ?charset=utf-8)?$/i],
  ["content-length", /^\d{1,5}$/],
  ["authorization", /^[\x21-\x7e]+( [\x21-\x7e]+)?$/],
  // Of these it does not matter what they say.
  ...["user-agent", "accept", "accept-encoding", "accept-language"].map((name) => [name, /^/] as const),
]);

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
    if (headEnd < 0 || headEnd - firstEnd > LONGEST_FIELDS) return null;
    // A text of its own: a part of the whole would keep the whole in memory as long as somebody keeps the path.
    const first = FIRST_LINE.exec(piece.toString("latin1", 0, firstEnd));
    if (first === null) return null;
    const fields = this.#understood(text.slice(firstEnd, headEnd));
    if (fields === null) return null;
    const bodyAt = headEnd + END_OF_HEAD.length;
    if (piece.length !== bodyAt + (fields.length ?? 0)) return null;
    const [, method, url = "", path = "", query = ""] = first;
    const { authorization, namesThisMachine } = fields;
    if (method === "GET") {
      if (fields.length !== null) return null;
      return { method, url, path, query, body: undefined, authorization, namesThisMachine };
    }
    if (!fields.length || !fields.isJson) return null;
    const body = bodyOf(piece, text, bodyAt);
    return body === undefined ? null : { method: "PUT", url, path, query, body, authorization, namesThisMachine };
  }

  #understood(lines: string): Fields | null {
    if (lines !== this.#lines) {
      this.#lines = Buffer.from(lines, "latin1").toString("latin1");
      this.#fields = fieldsOf(this.#lines);
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
    if (said.has(lower) || PLAIN.get(lower)?.test(value) !== true) return null;
    said.set(lower, value);
  }
  const host = said.get("host");
  if (host === undefined) return null;
  const length = said.get("content-length");
  return {
    length: length === undefined ? null : Number(length),
    isJson: said.has("content-type"),
    authorization: said.get("authorization"),
    namesThisMachine: isOwnName(host),
  };
}

/** @returns undefined if it is no plain JSON */
function bodyOf(piece: Buffer, text: string, from: number): FlatObject | undefined {
  try {
    const body = JSON.parse(isAscii(piece) ? text.slice(from) : utf8(piece.subarray(from)));
    return isFlatObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {TypeError} if these bytes are none */
function utf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new TypeError("no UTF-8");
  return bytes.toString("utf8");
}

/** The app refuses members that could change what all objects have: they are objects, or have this name. */
function isFlatObject(body: unknown): body is FlatObject {
  if (typeof body !== "object" || body === null || Array.isArray(body) || Object.hasOwn(body, "__proto__"))
    return false;
  for (const member of Object.values(body)) if (typeof member === "object" && member !== null) return false;
  return true;
}
