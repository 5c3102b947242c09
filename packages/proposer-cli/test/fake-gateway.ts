import type { ServerResponse } from "node:http";
import { type Asked, type FakeAnswer, type FakeServer, fakeServer, refusal } from "./fake-cluster.ts";

interface Held {
  readonly value: string;
  readonly revision: number;
}

/** A gateway over a store in memory, that does one thing after the other: it speaks as those of a cluster do. */
export interface FakeGateway extends FakeServer {
  readonly store: Map<string, Held>;
  /** What the next requests are answered instead, one each. */
  readonly instead: (FakeAnswer | ((asked: Asked) => FakeAnswer | Promise<FakeAnswer>))[];
  /** Open watches. */
  readonly watches: ServerResponse[];
  change(key: string, value: string | null): void;
}

/** The status of a cluster that serves. */
export const SERVING = {
  leader: "proposer1",
  quorum: true,
  acceptors: [],
  learners: [{ name: "learner1", up: true, last_applied: 0, lag: 0 }],
  advice: [],
};

export async function fakeGateway(port = 0): Promise<FakeGateway> {
  const store = new Map<string, Held>();
  const instead: FakeGateway["instead"] = [];
  const watches: ServerResponse[] = [];
  let slot = 0;
  const cost = { messages: 6, sharedBy: 1, ms: 3 };

  const change = (key: string, value: string | null) => {
    slot++;
    if (value === null) store.delete(key);
    else store.set(key, { value, revision: slot });
    const data = JSON.stringify({ revision: slot, key, value, type: value === null ? "delete" : "put" });
    for (const watch of watches) watch.write(`id: ${slot}\nevent: change\ndata: ${data}\n\n`);
  };
  const compareFailed = (key: string) => {
    slot++;
    return refusal("compare-failed", `the key holds ${JSON.stringify(store.get(key)?.value ?? null)}`, {
      current: store.get(key) ?? null,
      slot,
    });
  };
  const put = (
    key: string,
    asked: { value: string; expected?: string | null; expectedRevision?: number; previous?: boolean },
  ): FakeAnswer => {
    const held = store.get(key);
    if (asked.expected !== undefined && (held?.value ?? null) !== asked.expected) return compareFailed(key);
    if (asked.expectedRevision !== undefined && held?.revision !== asked.expectedRevision) return compareFailed(key);
    change(key, asked.value);
    return { body: { key, revision: slot, ...(asked.previous ? { previous: held ?? null } : {}), slot, cost } };
  };
  const remove = (key: string, query: URLSearchParams): FakeAnswer => {
    const revision = query.get("expectedRevision");
    const held = store.get(key);
    if (revision !== null && String(held?.revision) !== revision) return compareFailed(key);
    if (held) change(key, null);
    return {
      body: {
        key,
        deleted: held !== undefined,
        ...(query.get("previous") ? { previous: held ?? null } : {}),
        slot,
        cost,
      },
    };
  };
  const list = (query: URLSearchParams): FakeAnswer => {
    const all = [...store].sort(([one], [other]) => (one < other ? -1 : 1));
    const isFrom = (key: string) => key >= (query.get("from") ?? "") && key > (query.get("after") ?? "");
    const wanted = all.filter(([key]) => key.startsWith(query.get("prefix") ?? "") && isFrom(key));
    const page = wanted.slice(0, Math.min(2, Number(query.get("limit") ?? 2)));
    const next = page.length < wanted.length ? (page.at(-1)?.[0] ?? null) : null;
    return { body: { entries: page.map(([key, held]) => ({ key, ...held })), next, slot, cost } };
  };
  const answer = (asked: Asked): FakeAnswer | Promise<FakeAnswer> => {
    const next = instead.shift();
    if (next !== undefined)
      return typeof next === "function" && next.length === 1
        ? (next as (asked: Asked) => FakeAnswer)(asked)
        : (next as FakeAnswer);
    // Not by URL, which would make something else of a key such as "..".
    const [pathname = "", query = ""] = asked.path.split("?", 2);
    const searchParams = new URLSearchParams(query);
    if (pathname === "/status") return { body: SERVING };
    if (pathname === "/kv") return list(searchParams);
    if (pathname === "/kv/watch") {
      return (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        watches.push(response);
      };
    }
    const key = decodeURIComponent(pathname.slice("/kv/".length));
    if (asked.method === "PUT") return put(key, asked.body as { value: string });
    if (asked.method === "DELETE") return remove(key, searchParams);
    const held = store.get(key);
    const consistency = searchParams.get("consistency");
    if (!held) return refusal("key-not-found", `there is no key ${key}`, { slot, token: slot });
    return { body: { key, ...held, slot, consistency, token: slot, learner: "learner1", cost } };
  };
  const server = await fakeServer(answer, port);
  return Object.assign(server, { store, instead, watches, change });
}
