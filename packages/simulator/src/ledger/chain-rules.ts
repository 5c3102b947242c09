import type { LearnerWrite, NodeId, Slot } from "@synod/consensus";
import {
  type Block,
  ChainCheck,
  type ChainHead,
  canonicalText,
  EMPTY_CHAIN,
  type GatewayRequest,
  type Json,
  type LedgerCommand,
  type LedgerResult,
  parseBlockRecord,
  parseEnvelope,
  requestIdOf,
} from "@synod/state-machines";
import type { MultiPaxosKinds } from "../multipaxos/multipaxos-kinds.js";
import type { WorldEvent } from "../world/world-event.js";
import { ChainRecord } from "./chain-record.js";
import type { ChainReport } from "./properties.js";

type Event = WorldEvent<MultiPaxosKinds>;

/** The head that a snapshot names. */
interface Named {
  readonly node: NodeId;
  readonly through: Slot;
  readonly head: ChainHead;
}

/** An answer, which names a block. */
interface Told {
  readonly requestId: string;
  readonly operation: Json;
  readonly result: LedgerResult;
}

/** Watches the chain: what gets to learners' disks, and what clients are told of it. */
export class ChainRules {
  readonly #difficulty: number;
  readonly #chain = new ChainRecord();
  /** Each learner's own chain, from the snapshot on with which its life began, or which it took over. */
  readonly #checks = new Map<NodeId, ChainCheck>();
  /** The head that each learner's last snapshot names. */
  readonly #heads = new Map<NodeId, ChainHead>();
  readonly #asked = new Map<string, GatewayRequest>();
  /** The name of the request in the log, by its name at the gateway. */
  readonly #submitted = new Map<string, string>();
  readonly #refused = new Map<string, string>();
  /** What waits for a block that no disk has yet, by its height. */
  readonly #told = new Map<number, Told[]>();
  readonly #named = new Map<number, Named[]>();

  constructor(learners: readonly NodeId[], difficulty: number) {
    this.#difficulty = difficulty;
    for (const name of learners) this.#checks.set(name, new ChainCheck({ difficulty }));
  }

  observe(event: Event, report: ChainReport): void {
    switch (event.kind) {
      case "request":
        if (typeof event.command !== "string" && "timeoutMs" in event.command) {
          this.#asked.set(event.requestId, event.command);
        }
        return;
      case "send":
        if (event.message.type !== "submit") return;
        for (const { requestId, value } of event.message.requests) this.#submits(requestId, value);
        return;
      case "store":
        for (const write of event.writes) this.#stored(event.node, write, report);
        return;
      case "restart":
        if (this.#checks.has(event.node)) this.#beginAt(event.node, this.#heads.get(event.node) ?? EMPTY_CHAIN);
        return;
      case "reply":
        this.#replied(event, report);
        return;
    }
  }

  #submits(requestId: string, value: string): void {
    const envelope = parseEnvelope(value);
    if (envelope.kind === "command") this.#submitted.set(requestId, requestIdOf(envelope));
  }

  #stored(node: NodeId, write: MultiPaxosKinds["write"], report: ChainReport): void {
    if (write.kind === "blocks") for (const record of write.records) this.#block(node, record, report);
    if (write.kind === "snapshot") this.#snapshot(node, write, report);
  }

  #block(node: NodeId, record: string, report: ChainReport): void {
    const check = this.#checks.get(node);
    const place = (check?.head.height ?? 0) + 1;
    const problems = check?.take(record) ?? [];
    const block = parseBlockRecord(record);
    if (block && block.height === place) this.#compare(node, block, report);
    for (const { height, what } of problems) report("blocks-verify", `block ${height} of ${node}: ${what}`);
    if (block === null || problems.length > 0 || this.#chain.at(block.height) !== undefined) return;
    if (this.#refused.has(block.requestId)) this.#refusedInVain(block.requestId, block.height, report);
    const known = this.#chain.height;
    this.#chain.take(block);
    for (let height = known + 1; height <= this.#chain.height; height++) this.#isKnown(height, report);
  }

  /** The chain is known up to this block: what was said of it before is held against it. */
  #isKnown(height: number, report: ChainReport): void {
    for (const told of this.#told.get(height) ?? []) this.#hold(told, report);
    for (const named of this.#named.get(height) ?? []) this.#holdHead(named, report);
    this.#told.delete(height);
    this.#named.delete(height);
  }

  /** Holds a learner's block against the chain as others have it. */
  #compare(node: NodeId, { height, hash, requestId }: Block, report: ChainReport): void {
    const other = this.#chain.at(height);
    if (other !== undefined && other.hash !== hash) {
      report("one-chain", `block ${height} of ${node} is ${requestId}, and another learner's is ${other.requestId}`);
    }
    const earlier = this.#chain.heightOf(requestId) ?? height;
    if (earlier === height) return;
    report("no-request-twice", `${requestId} is block ${earlier}, and block ${height} of ${node}`);
  }

  #snapshot(node: NodeId, { through, pieces }: LearnerWrite, report: ChainReport): void {
    const { sessionPieces = 0 } = JSON.parse(pieces[0] ?? "{}");
    const [[, height, hash] = []] = JSON.parse(pieces[1 + sessionPieces] ?? "[]");
    const head: ChainHead = { height, hash };
    this.#heads.set(node, head);
    const named = { node, through, head };
    // A learner gives a snapshot to a peer as soon as it has taken it; its blocks may still be on their way to its disk.
    if (height <= this.#chain.height) this.#holdHead(named, report);
    else this.#named.set(height, [...(this.#named.get(height) ?? []), named]);
    // It took the snapshot of a peer: its chain goes on where that one ends.
    const own = this.#checks.get(node)?.head;
    if (own?.height !== height || own?.hash !== hash) this.#beginAt(node, head);
  }

  /** Holds the head of a snapshot against the chain, which has a block of this height. */
  #holdHead({ node, through, head }: Named, report: ChainReport): void {
    const { height, hash } = head;
    if ((this.#chain.at(height)?.hash ?? null) === hash) return;
    const what = `the snapshot of ${node} through ${through} names block ${height} ${hash}`;
    report("snapshots-name-the-chain", `${what}, and that of the chain is ${this.#chain.at(height)?.hash}`);
  }

  #beginAt(node: NodeId, after: ChainHead): void {
    this.#checks.set(node, new ChainCheck({ difficulty: this.#difficulty, after }));
  }

  #replied({ requestId, reply }: Event & { readonly kind: "reply" }, report: ChainReport): void {
    const asked = this.#asked.get(requestId);
    this.#asked.delete(requestId);
    if (asked?.kind !== "write") return;
    const named = this.#submitted.get(requestId);
    // A client that numbers its commands itself may have asked another gateway for the same.
    if (reply.kind === "refused" && asked.session === null && named !== undefined) {
      this.#refused.set(named, requestId);
      const height = this.#chain.heightOf(named);
      if (height !== undefined) this.#refusedInVain(named, height, report);
    }
    if (reply.kind !== "written") return;
    const result = reply.result as unknown as LedgerResult;
    const { operation } = asked.operation as unknown as LedgerCommand;
    const told = { requestId: named ?? "", operation: operation as Json, result };
    if (result.height <= this.#chain.height) this.#hold(told, report);
    else this.#told.set(result.height, [...(this.#told.get(result.height) ?? []), told]);
  }

  #refusedInVain(named: string, height: number, report: ChainReport): void {
    report("refused-is-no-block", `${this.#refused.get(named)} was refused, and is block ${height}, ${named}`);
  }

  /** Holds an answer against the chain, which has the block that it names. */
  #hold({ requestId, operation, result }: Told, report: ChainReport): void {
    const { height, hash } = result;
    const block = this.#chain.at(height);
    const isThis = block?.requestId === requestId && block.hash === hash && isSame(block.operation as Json, operation);
    if (!isThis || result.requestId !== requestId) {
      const instead = block ? `${block.requestId}, ${block.hash}` : "no block";
      report(
        "acknowledged-is-a-block",
        `${requestId} was told that it is block ${height}, ${hash}; that is ${instead}`,
      );
      return;
    }
    const { answer } = result;
    if (block.operation.type === "put") {
      if (answer !== "success") report("acknowledged-is-a-block", `${requestId} is a put, and was told ${answer}`);
      return;
    }
    const value = this.#chain.valueBelow(height, block.operation.key);
    const isTrue =
      value === undefined ? answer === "KEY_DOES_NOT_EXIST" : answer === "value" && isSame(result.value, value);
    if (isTrue) return;
    const said = answer === "value" ? JSON.stringify(result.value) : answer;
    report(
      "gets-tell-the-chain",
      `${requestId} was told ${said}, and the chain below block ${height} spells ${JSON.stringify(value)}`,
    );
  }
}

function isSame(one: Json, other: Json): boolean {
  return canonicalText(one) === canonicalText(other);
}
