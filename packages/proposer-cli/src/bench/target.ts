import type { Address } from "@synod/api";
import { exchange } from "../http-exchange.js";
import type { TargetName } from "./options.js";

/** A store to measure. */
export interface Target {
  readonly name: TargetName;
  /** What it is, and where connections go, for people. */
  readonly about: string;
  /** Where connections go, in turn. */
  readonly addresses: readonly Address[];
  readonly secret: string | undefined;
  /** Whether it was here before, and so keeps what is not removed. */
  readonly isOnesOwn: boolean;
  /** Ends and removes it, if it was started for this. */
  remove(): Promise<void>;
}

/** How long one look at a server may take, in milliseconds. */
const ONE_LOOK_MS = 2000;

/** Asks a server something small, to learn whether it is there and what it is. @throws {NoAnswer} if it is not */
export async function lookAt(
  name: TargetName,
  address: Address,
  secret: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly isRightKind: boolean; readonly body: Readonly<Record<string, unknown>> }> {
  const asked =
    name !== "etcd" ? { path: "/status" } : ({ method: "POST", path: "/v3/maintenance/status", body: {} } as const);
  const reply = await exchange(address, { ...asked, timeoutMs: ONE_LOOK_MS, signal, secret });
  const body = typeof reply.body === "object" && reply.body !== null ? (reply.body as Record<string, unknown>) : {};
  return { isRightKind: reply.status === 200 && (name === "etcd" ? "raftTerm" in body : "leader" in body), body };
}
