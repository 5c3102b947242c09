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
  /** The second of the date that was made last, and that date in the form of a header (RFC 9110 §5.6.7). */
  #second = 0;
  #date = "";

  constructor(options: ShortAnswersOptions) {
    this.#options = options;
    this.#identity = `${options.identity.name}: ${options.identity.value}`;
  }

  /** @param isLast whether the connection ends with it */
  of(reply: object, isLast: boolean): ShortAnswer {
    return this.#answer(OK, "content-type: application/json; charset=utf-8", JSON.stringify(reply), isLast);
  }

  /** @param url of the request, for the log */
  ofError(error: unknown, url: string, isLast: boolean): ShortAnswer {
    const { body, retryAfterSeconds } = this.#options.refuse(error, url);
    const again = retryAfterSeconds === null ? "" : `retry-after: ${retryAfterSeconds}\r\n`;
    const type = `${again}content-type: ${PROBLEM_MEDIA_TYPE}; charset=utf-8`;
    return this.#answer(body.status, type, JSON.stringify(body), isLast);
  }

  #answer(status: number, type: string, json: string, isLast: boolean): ShortAnswer {
    const bytes = Buffer.byteLength(json);
    const length = `content-length: ${bytes}\r\nDate: ${this.#now()}`;
    // The app's own header comes before those that it leaves to Node, and is spelled otherwise.
    const rest = isLast
      ? `connection: close\r\n${length}`
      : `${length}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.#options.keepMs() / SECOND_MS)}`;
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${this.#identity}\r\n${type}\r\n${rest}\r\n\r\n`;
    return { status, text: head + json, encoding: bytes === json.length ? "latin1" : "utf8", bodyLength: json.length };
  }

  #now(): string {
    const now = Date.now();
    const second = Math.floor(now / SECOND_MS);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(now).toUTCString();
    }
    return this.#date;
  }
}
