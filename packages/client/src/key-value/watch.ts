import { ResumedStream, type StreamOptions } from "../calls/resumed-stream.js";
import type { Servers } from "../calls/servers.js";
import { parseJson } from "../reply-form.js";
import type { ServerSentEvent } from "../server-sent-events.js";

/** What a watch tells. */
export type WatchEvent =
  | { readonly type: "put"; readonly key: string; readonly value: string; readonly revision: number }
  | { readonly type: "delete"; readonly key: string; readonly value: null; readonly revision: number }
  /** Changes up to this revision that were asked for are no longer kept: read the keys, and go on with what follows. */
  | { readonly type: "compacted"; readonly compactedThrough: number };

export interface WatchOptions extends StreamOptions {
  /** Which keys: `*` is any run of characters, `?` one or more without a slash. One pattern or several. */
  readonly pattern: string | readonly string[];
  /** The first revision to tell of. Default: what changes from now on, which is from when `started` is resolved. */
  readonly from?: number;
}

/**
 * The changes of some keys, as they happen, each once, in the order of revisions. Changes of several keys may have one
 * revision: they come one after the other, in the order in which they were made.
 */
export class Watch extends ResumedStream<WatchEvent> {
  /** @param closed ends it with the store @throws {TypeError | RangeError} if an option makes no sense */
  constructor(servers: Servers, options: WatchOptions, closed: AbortSignal) {
    super(servers, { path: pathOf(options), understood }, options, closed);
  }
}

function pathOf({ pattern, from }: WatchOptions): string {
  const patterns: readonly unknown[] = [pattern].flat();
  if (patterns.length === 0 || !patterns.every(isPattern)) {
    throw new TypeError('pattern: name the keys to watch, such as { pattern: "user/*" }');
  }
  const query = patterns.map((one) => `pattern=${encodeURIComponent(one)}`);
  return `/kv/watch?${[...query, ...(from === undefined ? [] : [`from=${from}`])].join("&")}`;
}

function isPattern(pattern: unknown): pattern is string {
  return typeof pattern === "string" && pattern.isWellFormed();
}

function understood({ event, data }: ServerSentEvent, revision: number): readonly WatchEvent[] {
  if (event === "compacted") return [{ type: "compacted", compactedThrough: revision }];
  // Anything else says how far the stream is.
  if (event !== "change" && event !== "changes") return [];
  const told = parseJson(data) as { readonly changes?: unknown } | undefined;
  const changes: unknown = event === "change" ? [told] : told?.changes;
  return Array.isArray(changes) ? changes.filter(isChange) : [];
}

function isChange(told: Partial<WatchEvent> | null | undefined): boolean {
  return told?.type === "put" || told?.type === "delete";
}
