import { jsonIn } from "../http-exchange.js";
import type { StoreProtocol } from "./store-protocol.js";

/** Codes of gRPC with which etcd says that it did not do something. */
const DEFINITE_CODES = new Set([3, 7, 8, 9, 12, 16]);

/** The JSON gateway of etcd, version 3.4 or later: keys and values are in base64. */
export const ETCD_PROTOCOL: StoreProtocol = {
  name: "etcd",
  put: (key, value) => ({
    method: "POST",
    path: "/v3/kv/put",
    body: JSON.stringify({ key: base64(key), value: base64(value) }),
  }),
  get: (key, level) => ({
    method: "POST",
    path: "/v3/kv/range",
    body: JSON.stringify({ key: base64(key), ...(level === "eventual" ? { serializable: true } : {}) }),
  }),
  valueIn: (body) => {
    const { kvs } = jsonIn(body) as { readonly kvs?: readonly { readonly value?: string }[] };
    const [found] = kvs ?? [];
    // An empty value is left out.
    return found ? Buffer.from(found.value ?? "", "base64").toString() : null;
  },
  outcomeOf: (status, body) => {
    const { code, error } = (jsonIn(body) ?? {}) as { readonly code?: number; readonly error?: string };
    const words = typeof error === "string" ? error.replace(/^etcdserver: /, "") : `status ${status}`;
    return { kind: "failed", code: words, definite: DEFINITE_CODES.has(code ?? -1) };
  },
  removal: (_keys, prefix) => {
    // The key right after all that begin so ends the range.
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    const body = JSON.stringify({ key: base64(prefix), range_end: base64(end) });
    return [{ method: "POST", path: "/v3/kv/deleterange", body }];
  },
};

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
