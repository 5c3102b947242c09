import type { Slot } from "@synod/consensus";
import type { GatewayReply } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import type { Came, Oracle } from "./oracle.js";

/** What clients of any replicated log must come to see in some run. */
export const CLIENTS_SOMETIMES = {
  "writes-acknowledged": "a write was acknowledged",
  "copies-suppressed": "a command was in the log again, and not carried out again",
  "slots-shared": "several commands shared a slot",
  "shared-in-part": "of commands that share a slot one was carried out there, and another one before",
  "sessions-expired": "a session expired",
  "expiries-told": "a client was told that its session has expired",
  "unknown-outcomes": "a client was told that nobody knows what became of its write",
  "writes-refused": "a write was refused",
  "strong-reads": "a strong read was answered",
  "reads-refused": "a read was refused",
} as const;

/** What cannot happen where each command has a slot of its own. */
export const OF_SHARED_SLOTS = ["slots-shared", "shared-in-part"] as const;

type ClientCount = keyof typeof CLIENTS_SOMETIMES;

/** Counts what clients ask and are told, and what comes of the log by that. */
export class ClientOccurrences {
  readonly #counts: Record<ClientCount, number>;
  readonly #longestUs: Record<string, Microseconds>;
  /** Replays what is applied, wherever that is first. */
  readonly #oracle: Oracle;
  readonly #asked = new Map<string, { readonly kind: string; readonly atUs: Microseconds }>();

  /** @param counts and the longest times: what it adds to */
  constructor(oracle: Oracle, counts: Record<ClientCount, number>, longestUs: Record<string, Microseconds>) {
    this.#oracle = oracle;
    this.#counts = counts;
    this.#longestUs = longestUs;
  }

  requested(requestId: string, command: { readonly kind: string; readonly level?: string }, atUs: Microseconds): void {
    this.#asked.set(requestId, { kind: command.level ?? command.kind, atUs });
  }

  /** @returns what came of it, of each command; null if it was applied before */
  applied(slot: Slot, value: string): readonly Came[] | null {
    if (slot !== this.#oracle.through + 1) return null;
    const { expired } = this.#oracle;
    const came = this.#oracle.replay(value);
    this.#counts["sessions-expired"] += this.#oracle.expired - expired;
    const copies = came.filter(({ kind, isCarriedOut }) => kind === "result" && !isCarriedOut).length;
    this.#counts["copies-suppressed"] += copies;
    if (came.length > 1) this.#counts["slots-shared"]++;
    if (copies > 0 && came.some(({ isCarriedOut }) => isCarriedOut)) this.#counts["shared-in-part"]++;
    return came;
  }

  replied(requestId: string, reply: GatewayReply, nowUs: Microseconds): void {
    const asked = this.#asked.get(requestId);
    this.#asked.delete(requestId);
    const name = asked && happened(asked.kind, reply);
    if (!asked || !name) return;
    this.#counts[name]++;
    if (name === "writes-acknowledged") this.#took("a write", nowUs - asked.atUs);
    if (name === "strong-reads") this.#took("a strong read", nowUs - asked.atUs);
  }

  #took(what: string, us: Microseconds): void {
    this.#longestUs[what] = Math.max(this.#longestUs[what] ?? 0, us);
  }
}

/** What it was when a request of this kind was replied to so. */
function happened(kind: string, reply: GatewayReply): ClientCount | null {
  switch (reply.kind) {
    case "written":
      return kind === "write" ? "writes-acknowledged" : null;
    case "read":
      return kind === "strong" ? "strong-reads" : null;
    case "refused":
      return kind === "write" || kind === "open-session" ? "writes-refused" : "reads-refused";
    case "unknown":
      return "unknown-outcomes";
    case "session-expired":
      return "expiries-told";
  }
}
