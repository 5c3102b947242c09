import { IDS_PER_ROUND, type LogMessage, type NodeId } from "@synod/consensus";
import type { GatewayReply, GatewayRequest } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import type { Kinds, Occurrences, Placement } from "../world/system.js";
import { type Action, isAction, type WorldEvent } from "../world/world-event.js";
import { Purposes } from "./purposes.js";
import { ServiceGaps } from "./service-gaps.js";
import { askedUntil, PATIENCE_MS } from "./steady-workload.js";

/** What each engine says, writes and is asked, as far as a comparison looks at it. */
export interface EngineKinds extends Kinds {
  readonly message: LogMessage;
  readonly command: unknown;
  readonly reply: GatewayReply;
}

/** The name of what a tally counts of messages of this kind, or for this purpose. */
export const MESSAGES_OF = "message ";
export const MESSAGES_FOR = "messages for ";
/** The longest time of which a tally knows. */
export const WITHOUT_LEADER = "without a leader that serves";

/** Beyond what the last request waits for. */
const MARGIN_US: Microseconds = 100_000;

/** Counts in a run what two engines have in common, in the same terms for both. */
export class EngineTally implements Occurrences<EngineKinds> {
  readonly counts: Record<string, number> = {};
  readonly longestUs: Record<string, Microseconds> = { [WITHOUT_LEADER]: 0 };
  readonly #inner: Occurrences<EngineKinds>;
  readonly #machineOf: ReadonlyMap<NodeId, NodeId>;
  readonly #untilUs: Microseconds;
  readonly #endUs: Microseconds;
  readonly #purposes = new Purposes();
  readonly #gaps: ServiceGaps;
  readonly #asked = new Map<string, "writes" | "strong reads">();
  readonly #stood = new Set<string>();
  readonly #led = new Set<string>();
  #cause: Action["kind"] | null = null;
  #isOver = false;
  #rounds = 0;

  /** @param inner knows when the system has come to rest @param calmUs when the last fault is over */
  constructor(inner: Occurrences<EngineKinds>, placements: readonly Placement[], calmUs: Microseconds) {
    this.#inner = inner;
    this.#machineOf = new Map(placements.flatMap(({ machine, nodes }) => nodes.map((node) => [node, machine])));
    this.#untilUs = askedUntil(calmUs);
    this.#endUs = this.#untilUs + PATIENCE_MS * 1000 + MARGIN_US;
    this.#gaps = new ServiceGaps(this.#untilUs);
  }

  /** Every engine is looked at for the same time, and then as much longer as it takes to come to rest. */
  get settled(): boolean {
    return this.#isOver && this.#inner.settled;
  }

  observe(event: WorldEvent<EngineKinds>, nowUs: Microseconds): void {
    this.#inner.observe(event, nowUs);
    if (this.#isOver) return;
    if (nowUs > this.#endUs) {
      this.#end();
      return;
    }
    if (isAction(event)) this.#cause = event.kind;
    switch (event.kind) {
      case "request":
        this.#requested(event.requestId, event.command as GatewayRequest);
        return;
      case "reply":
        this.#replied(event.requestId, event.reply);
        return;
      case "deliver":
        if (isServed(event.message)) this.#gaps.served(nowUs);
        return;
      case "send":
        this.#sent(event.node, event.to, event.message);
        return;
      case "synced":
        this.#count("flushes in time");
        return;
      case "store":
        this.#count("records", event.writes.length);
        return;
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#gaps.served(this.#untilUs);
    this.#count(WITHOUT_LEADER, this.#gaps.totalUs);
    this.longestUs[WITHOUT_LEADER] = this.#gaps.longestUs;
    this.#count("elections", this.#stood.size);
    this.#count("leaders", this.#led.size);
    this.#count("rounds", this.#rounds);
    this.#count("not answered", this.#asked.size);
  }

  #requested(requestId: string, command: GatewayRequest): void {
    const what = command.kind === "write" ? "writes" : "strong reads";
    this.#asked.set(requestId, what);
    this.#count(`${what} asked`);
  }

  #replied(requestId: string, { kind }: GatewayReply): void {
    const what = this.#asked.get(requestId);
    if (what === undefined) return;
    this.#asked.delete(requestId);
    const isDone = kind === "written" || kind === "read";
    this.#count(`${what} ${isDone ? "acknowledged" : kind === "refused" ? "refused" : "unknown"}`);
  }

  #sent(from: NodeId, to: NodeId, message: LogMessage): void {
    this.#lead(from, message);
    const purpose = this.#purposes.of(from, to, message, this.#cause);
    if (this.#machineOf.get(from) === this.#machineOf.get(to)) return;
    this.#count("messages");
    this.#count(MESSAGES_FOR + purpose);
    this.#count(MESSAGES_OF + kindOf(message));
  }

  /** Who stands, and who leads. */
  #lead(from: NodeId, message: LogMessage): void {
    switch (message.type) {
      case "request-vote":
        if (message.preVote) return;
        this.#stood.add(`${from} ${message.term}`);
        this.#rounds = Math.max(this.#rounds, message.term);
        return;
      case "append-entries":
        this.#led.add(`${message.term}`);
        return;
      case "prepare-log":
        this.#stood.add(`${from} ${message.id}`);
        this.#rounds = Math.max(this.#rounds, Math.floor(message.id / IDS_PER_ROUND));
        return;
      case "accept-log":
        this.#led.add(`${message.id}`);
        return;
    }
  }

  #count(what: string, times = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + times;
  }
}

/** Whether a client hears by this what only a leader can say: that a write is done, or that a strong read may go on. */
function isServed(message: LogMessage): boolean {
  if (message.type === "submitted") return message.outcomes.some(({ kind }) => kind === "applied");
  return message.type === "read-barrier-passed";
}

/** Votes that are only asked for to see whether they would be given are another kind. */
function kindOf(message: LogMessage): string {
  if (message.type === "request-vote" && message.preVote) return "request-pre-vote";
  return message.type === "vote" && message.preVote ? "pre-vote" : message.type;
}
