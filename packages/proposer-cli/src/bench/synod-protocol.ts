import { jsonIn, problemIn } from "../http-exchange.js";
import type { StoreProtocol } from "./store-protocol.js";

/** How many keys one request may remove. */
const KEYS_A_BATCH = 500;

/** A gateway of Synod (docs/key-value.md), whichever engine stands behind it. */
export const PAXOS_PROTOCOL: StoreProtocol = {
  name: "paxos",
  put: (key, value) => ({ method: "PUT", path: `/kv/${key}`, body: JSON.stringify({ value }) }),
  get: (key, level) => ({ method: "GET", path: `/kv/${key}?consistency=${level}`, body: "" }),
  valueIn: (body) => {
    const { value } = jsonIn(body) as { readonly value?: unknown };
    return typeof value === "string" ? value : null;
  },
  outcomeOf: (status, body) => {
    const problem = problemIn(jsonIn(body));
    if (problem?.code === "key-not-found") return { kind: "done" };
    if (problem) return { kind: "failed", code: problem.code, definite: problem.definite };
    return { kind: "failed", code: `status ${status}`, definite: status < 500 };
  },
  removal: (keys) => {
    const batches = Array.from({ length: Math.ceil(keys.length / KEYS_A_BATCH) }, (_, place) =>
      keys.slice(place * KEYS_A_BATCH, (place + 1) * KEYS_A_BATCH),
    );
    return batches.map((batch) => {
      const operations = batch.map((key) => ({ type: "delete", key }));
      return { method: "POST", path: "/kv/batch", body: JSON.stringify({ operations, ordered: false }) };
    });
  },
};

export const RAFT_PROTOCOL: StoreProtocol = { ...PAXOS_PROTOCOL, name: "raft" };
