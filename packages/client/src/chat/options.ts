import type { CallOptions, ConnectOptions } from "../calls/options.js";

/** `servers` are the nodes of the chat, such as `http://127.0.0.1:50051`. */
export interface ChatOptions extends ConnectOptions {
  /** The cluster that must answer; default: whichever answers first, and no other after it. */
  readonly clusterId?: string;
}

/** Which accounts: a page of their names, in their order. */
export interface AccountsOptions extends CallOptions {
  /** A glob: `*` is any run of characters, `?` one or more. Default: all. */
  readonly pattern?: string;
  /** Names behind this one: `next` of the page before. */
  readonly after?: string;
  /** Names in a page at most, 1 to 500. Default 50. */
  readonly limit?: number;
}

/** Which page of conversations, or of the messages of one: the newest, unless it says before which. */
export interface ChatPageOptions extends CallOptions {
  /** Those before this message: `next` of the page before. */
  readonly before?: number;
  /** Lines in a page at most, 1 to 500. Default 50. */
  readonly limit?: number;
}

/** Which messages that were not read, the oldest first. */
export interface UnreadOptions extends CallOptions {
  /** Of this sender alone. */
  readonly from?: string;
  /** Those behind this message: `next` of the page before. */
  readonly after?: number;
  /** Messages in a page at most, 1 to 500. Default 50. */
  readonly limit?: number;
}
