import { STATUS_CODES } from "node:http";
import { PROBLEM_MEDIA_TYPE } from "@synod/api";
import type { IdentityHeader, Refusal } from "../problems.js";

/** An answer as it is sent, in one piece. */
export interface ShortAnswer {
  readonly status: number;
  readonly text: string;
  /** The cheaper one, where both give the same bytes. */
  readonly encoding: "latin1" | "utf8";
  /** Characters of its body. */
  readonly bodyLength: number;
}

export interface ShortAnswersOptions {
  readonly identity: IdentityHeader;
  /** How long a connection is kept that asks nothing, in milliseconds. */
  readonly keepMs: () => number;
  /** What an error is answered with; it is told to those who count and log them. */
  readonly refuse: (error: unknown, url: string) => Refusal;
}

const SECOND_MS = 1000;
const OK = 200;

/** Makes the answers of the short way: head and body are those that the app would send. */
export class ShortAnswers {
  readonly #options: ShortAnswersOptions;
  readonly #identity: string;
  /** How an answer that is no refusal begins. */
  readonly #ok: string;
  /** The second of the date that was made last, how long connections were kept then, and how an answer went on. */
  #second = 0;
  #keepMs = 0;
  #rest = { ofLast: "", ofOthers: "" };

  constructor(options: ShortAnswersOptions) {
    this.#options = options;
    this.#identity = `${options.identity.name}: ${options.identity.value}`;
    this.#ok = this.#begin(OK, "content-type: application/json; charset=utf-8");
  }

  /** @param isLast whether the connection ends with it */
  of(reply: object, isLast: boolean): ShortAnswer {
    return this.#answer(OK, this.#ok, JSON.stringify(reply), isLast);
  }

  /** @param url of the request, for the log */
  ofError(error: unknown, url: string, isLast: boolean): ShortAnswer {
    const { body, retryAfterSeconds } = this.#options.refuse(error, url);
    const again = retryAfterSeconds === null ? "" : `retry-after: ${retryAfterSeconds}\r\n`;
    const type = `${again}content-type: ${PROBLEM_MEDIA_TYPE}; charset=utf-8`;
    return this.#answer(body.status, this.#begin(body.status, type), JSON.stringify(body), isLast);
  }

  #begin(status: number, type: string): string {
    return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${this.#identity}\r\n${type}\r\n`;
  }

  #answer(status: number, begin: string, json: string, isLast: boolean): ShortAnswer {
    const bytes = Buffer.byteLength(json);
    const { ofLast, ofOthers } = this.#restNow();
    // The app's own header comes before those that it leaves to Node, and is spelled otherwise.
    const text = isLast
      ? `${begin}connection: close\r\ncontent-length: ${bytes}${ofLast}${json}`
      : `${begin}content-length: ${bytes}${ofOthers}${json}`;
    return { status, text, encoding: bytes === json.length ? "latin1" : "utf8", bodyLength: json.length };
  }

  /** What comes after the length, up to the body: the same for a second. */
  #restNow() {
    const now = Date.now();
    const second = Math.floor(now / SECOND_MS);
    const keepMs = this.#options.keepMs();
    if (second !== this.#second || keepMs !== this.#keepMs) {
      this.#second = second;
      this.#keepMs = keepMs;
      // RFC 9110 §5.6.7.
      const date = `\r\nDate: ${new Date(now).toUTCString()}`;
      const kept = `\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepMs / SECOND_MS)}`;
      this.#rest = { ofLast: `${date}\r\n\r\n`, ofOthers: `${date}${kept}\r\n\r\n` };
    }
    return this.#rest;
  }
}
