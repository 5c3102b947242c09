import type { NodeId } from "@synod/consensus";
import { isProof, type LedgerCommand, type LedgerResult, parseBlockRecord, parseEnvelope } from "@synod/state-machines";
import type { MultiPaxosKinds } from "../multipaxos/multipaxos-kinds.js";
import { OccurrencesBeside } from "../world/beside.js";
import type { Occurrences, PropertyText } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import type { LedgerSettings } from "./ledger-system.js";

const SOMETIMES = {
  "values-told": "a get was answered with a value",
  "misses-told": "a get was answered KEY_DOES_NOT_EXIST",
  "repeats-answered": "a request that came again was answered with the block that it was",
  "unproven-passed-over": "a command whose nonce proves nothing was in the log",
  "snapshots-linked": "a learner linked a block to the head of a snapshot that it had taken over",
} as const;

type Name = keyof typeof SOMETIMES;

/** Snapshots are rarer than that in the longest of usual runs. */
const SHORT_LOG = 20_000;

/** What may happen to a ledger with these settings, beside what may happen to every log. */
export function ledgerSometimes({ learners, snapshotCharacters }: LedgerSettings): readonly PropertyText[] {
  const all = Object.entries(SOMETIMES).map(([name, sentence]) => ({ name, sentence }));
  const isAlone = learners === 1 || snapshotCharacters > SHORT_LOG;
  return all.filter(({ name }) => !isAlone || name !== "snapshots-linked");
}

/** Counts what a ledger is about, beside what every log is about. */
export class LedgerOccurrences extends OccurrencesBeside<MultiPaxosKinds, Name> {
  readonly #difficulty: number;
  /** The requests that were answered, by their names in the chain. */
  readonly #answered = new Set<string>();
  /** The last block of each learner's file. */
  readonly #heights = new Map<NodeId, number>();

  /** @param log counts what every log is about */
  constructor(log: Occurrences<MultiPaxosKinds>, difficulty: number) {
    super(log, Object.keys(SOMETIMES) as Name[]);
    this.#difficulty = difficulty;
  }

  protected override look(event: WorldEvent<MultiPaxosKinds>): void {
    if (event.kind === "apply" && typeof event.command === "string") this.#applied(event.command);
    if (event.kind === "reply" && event.reply.kind === "written") {
      const result = event.reply.result as unknown as Partial<LedgerResult>;
      if (result.requestId !== undefined) this.#answers(result.requestId, result.answer);
    }
    if (event.kind !== "store") return;
    for (const write of event.writes) if (write.kind === "blocks") this.#stored(event.node, write.records);
  }

  #applied(value: string): void {
    const envelope = parseEnvelope(value);
    if (envelope.kind !== "command") return;
    const { operation, nonce } = envelope.operation as unknown as LedgerCommand;
    if (!isProof(operation, nonce, this.#difficulty)) this.count("unproven-passed-over");
  }

  #answers(requestId: string, answer: LedgerResult["answer"] | undefined): void {
    if (answer === "value") this.count("values-told");
    if (answer === "KEY_DOES_NOT_EXIST") this.count("misses-told");
    if (this.#answered.has(requestId)) this.count("repeats-answered");
    this.#answered.add(requestId);
  }

  #stored(node: NodeId, records: readonly string[]): void {
    const [first = 1, last = first] = [records[0], records.at(-1)].map((one) => parseBlockRecord(one ?? "")?.height);
    if (first > (this.#heights.get(node) ?? 0) + 1) this.count("snapshots-linked");
    this.#heights.set(node, last);
  }
}
