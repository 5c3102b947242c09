import { join } from "node:path";
import type { App, NodeMetrics, NotServed } from "@synod/acceptor-server";
import { invariant } from "@synod/consensus";
import { type Block, type ChainHead, Ledger, NotASnapshot, type UnderstoodCommand } from "@synod/state-machines";
import type { ApplicationStatus, LearnerApplication, LearnerContext, LearnerStand, Progress } from "../application.js";
import { ReplicatedMachine } from "../replicated-machine.js";
import { addChainRoutes } from "./chain-routes.js";
import { ChainStore } from "./chain-store.js";
import { PeerGapFiller } from "./gap-filler.js";
import { PeerRecords } from "./peer-records.js";

/** The ledger as a learner holds it: the map and the last block in memory, the chain in a file beside its snapshots. */
export class LedgerLearner implements LearnerApplication {
  readonly state: ReplicatedMachine<Ledger, UnderstoodCommand, Block>;
  readonly #context: LearnerContext;
  readonly #difficulty: number;
  readonly #peers: PeerRecords;
  /** The last block of each snapshot that is about to be kept. */
  readonly #heads = new WeakMap<readonly string[], ChainHead>();
  #chain: ChainStore | null = null;
  #progress: () => Progress = () => ({ appliedThrough: 0, decidedThrough: 0 });
  #tentative: LearnerStand["tentative"] = async () => [];

  constructor(context: LearnerContext, difficulty: number) {
    this.#context = context;
    this.#difficulty = difficulty;
    this.#peers = new PeerRecords(context);
    this.state = new ReplicatedMachine({
      machine: () => new Ledger({ difficulty }),
      applied: (_slot, blocks) => {
        for (const block of blocks) this.chain.add(block);
      },
      snapshotTaken: ({ head }, pieces) => this.#heads.set(pieces, head),
      restored: ({ head }, _through, pieces) => this.#restored(head, pieces),
      logger: context.logger,
    });
  }

  /** The server's name: that of the process, which is all roles. */
  get server(): string {
    return this.#context.server.node;
  }

  get ledger(): Ledger {
    return this.state.machine;
  }

  get chain(): ChainStore {
    invariant(this.#chain !== null, "nothing is applied or asked before the chain is open");
    return this.#chain;
  }

  get progress(): Progress {
    return this.#progress();
  }

  async open(fail: (failure: NotServed) => void): Promise<void> {
    const { folder, logger, tuning } = this.#context;
    const { sources } = this.#peers;
    this.#chain = await ChainStore.open({
      folder: join(folder, "chain"),
      head: this.ledger.head,
      gaps: new PeerGapFiller({ sources, difficulty: this.#difficulty, logger }),
      onFailure: fail,
      ...(tuning.chain && { limits: tuning.chain }),
    });
  }

  /** A snapshot is durable when the chain that it names is: acceptors forget what it holds. */
  async settled(pieces: readonly string[]): Promise<void> {
    const head = this.#heads.get(pieces);
    invariant(head !== undefined, "a snapshot that is kept was taken or restored here");
    await this.chain.durable(head.height);
  }

  /** What this server's log has, and what may still come to nothing. */
  tentative(most: number): ReturnType<LearnerStand["tentative"]> {
    return this.#tentative(most);
  }

  addRoutes(app: App, { admission, progress, tentative }: LearnerStand): void {
    this.#progress = progress;
    this.#tentative = tentative;
    addChainRoutes(app, this, admission);
  }

  addGauges(metrics: NodeMetrics): void {
    metrics.gauge("synod_keys", "Keys that are there", () => this.ledger.size);
    metrics.gauge("synod_chain_height", "Blocks of the chain", () => this.ledger.head.height);
    metrics.gauge("synod_chain_recorded", "Blocks of the chain that are in its file", () => this.chain.recorded);
  }

  status(): ApplicationStatus {
    const { height, hash } = this.ledger.head;
    // It has no streams of changes: whoever follows it reads blocks.
    return { keys: this.ledger.size, height, hash, compacted_through: 0, subscriptions: 0 };
  }

  async close(): Promise<void> {
    await this.#chain?.close();
    await this.#peers.close();
  }

  /** @throws {NotASnapshot} if it is not ahead of what is here, or contradicts it */
  #restored(head: ChainHead, pieces: readonly string[]): void {
    const own = this.ledger.head;
    if (head.height < own.height || (head.height === own.height && head.hash !== own.hash)) {
      throw new NotASnapshot(
        `the snapshot ends with block ${head.height}, and here is another chain up to ${own.height}`,
      );
    }
    this.#heads.set(pieces, head);
    this.#chain?.leapTo(head);
  }
}
