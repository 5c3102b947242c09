import { STATUS_CODES } from "node:http";
import { PROBLEM_MEDIA_TYPE } from "@synod/api";
import type { IdentityHeader, Refusal } from "../problems.js";

/** An answer as it is sent, in one piece. */
export interface ShortAnswer {
  readonly text: string;
  /** The cheaper one, where both give the same bytes. */
  readonly encoding: "latin1" | "utf8";
}

export interface ShortAnswersOptions {
  readonly identity: IdentityHeader;
  /** How long a connection is kept that asks nothing, in milliseconds. */
  readonly keepMs: () => number;
  /** Hears of each answer. */
  readonly onAnswered: (route: string, status: number) => void;
  /** What an error is answered with; it is told to those who count and log them. */
  readonly refuse: (error: unknown, url: string) => Refusal;
}

const SECOND_MS = 1000;

/** Makes the answers of the short way: head and body are those that the app would send. */
export class ShortAnswers {
  readonly #options: ShortAnswersOptions;
  readonly #identity: string;
  /** The date of this second, in the form of a header (RFC 9110 §5.6.7). */
  #date = "";
  #dateUntil = 0;

  constructor(options: ShortAnswersOptions) {
    this.#options = options;
    this.#identity = `${options.identity.name}: ${options.identity.value}`;
  }

  /** @param isLast whether the connection ends with it */
  of(route: string, reply: object, isLast: boolean): ShortAnswer {
    this.#options.onAnswered(route, 200);
    return this.#answer("200 OK", "content-type: application/json; charset=utf-8", JSON.stringify(reply), isLast);
  }

  /** @param url of the request, for the log */
  ofError(route: string, error: unknown, url: string, isLast: boolean): ShortAnswer {
    const { body, retryAfterSeconds } = this.#options.refuse(error, url);
    this.#options.onAnswered(route, body.status);
    const again = retryAfterSeconds === null ? "" : `retry-after: ${retryAfterSeconds}\r\n`;
    const status = `${body.status} ${STATUS_CODES[body.status]}`;
    return this.#answer(
      status,
      `${again}content-type: ${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
      JSON.stringify(body),
      isLast,
    );
  }

  #answer(status: string, fields: string, json: string, isLast: boolean): ShortAnswer {
    const bytes = Buffer.byteLength(json);
    const end = isLast
      ? "connection: close"
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${this.#options.keepMs() / SECOND_MS}`;
    const head = `HTTP/1.1 ${status}\r\n${this.#identity}\r\n${fields}\r\ncontent-length: ${bytes}\r\nDate: ${this.#now()}\r\n${end}\r\n\r\n`;
    return { text: head + json, encoding: bytes === json.length ? "latin1" : "utf8" };
  }

  #now(): string {
    const now = Date.now();
    if (now >= this.#dateUntil) {
      this.#date = new Date(now).toUTCString();
      this.#dateUntil = now - (now % SECOND_MS) + SECOND_MS;
    }
    return this.#date;
  }
}
