import { randomInt } from "node:crypto";
import { type App, CannotStart, isLost, markMade, type NodeMetrics, StoreRefused } from "@synod/acceptor-server";
import { LEASE_TIMER, type LogApplication, type NodeId, RaftNode, type RaftWrite, Random } from "@synod/consensus";
import { NotASnapshot } from "@synod/state-machines";
import type { LearnerApplication, LearnerContext, TentativeValue } from "../applications/application.js";
import { type OpenedRaftStore, RaftStore } from "../stores/raft-store.js";
import { settledFirst } from "../stores/settled-first.js";
import { addRaftRoutes } from "./raft-routes.js";
import type { OnlySound } from "./role-app.js";
import { namesOf, serversOf } from "./role-context.js";
import { type RunningLearner, type StateEngine, type StatusOfApplication, startStateServer } from "./state-server.js";

/**
 * Starts a server of Raft: opens its store, listens, and waits for a leader to be heard of.
 *
 * @throws {CannotStart | JournalError | StoreRefused} having let go of everything again
 */
export async function startRaft(context: LearnerContext): Promise<RunningLearner> {
  const { folder, server, clusterId, topology } = context;
  const mark = `${folder}.made`;
  refuseLost(folder, mark, server.name);
  const identity = { clusterId, name: server.name };
  const opened = await RaftStore.onDisk(folder, identity, firstVoters(topology, server.name));
  try {
    markMade(mark);
  } catch (error) {
    await opened.store.close();
    throw error;
  }
  return startStateServer(context, opened.store, (application) => new RaftEngine(context, application, opened));
}

/** A server that forgot its vote may vote twice in a term, and one that forgot its log may elect who lacks what is committed. */
function refuseLost(folder: string, mark: string, name: string): void {
  if (!isLost(mark, folder)) return;
  throw new CannotStart(
    `${folder} is gone, and with it the vote and the log of ${name}: started afresh, it could break consensus. Restore ` +
      `the folder; or, if the whole cluster's data may be lost, make the cluster anew. (${mark} tells that there was a ` +
      "journal.)",
  );
}

/** The voters when the cluster is made. A server that is added later hears of the members from the log alone. */
function firstVoters(topology: LearnerContext["topology"], name: NodeId): NodeId[] {
  const voters = namesOf(topology, "raft").slice(0, topology.voters);
  return voters.includes(name) ? voters : [];
}

class RaftEngine implements StateEngine<RaftWrite> {
  readonly participant: RaftNode;
  readonly others: StateEngine<RaftWrite>["others"];
  readonly store: StateEngine<RaftWrite>["store"];
  readonly messages = [
    "request-vote",
    "append-entries",
    "install-snapshot",
    "timeout-now",
    "submit",
    "read-barrier",
    "query",
    "change-membership",
    "transfer-leadership",
  ] as const;
  readonly #context: LearnerContext;
  readonly #flushes: () => number;

  /** @throws {StoreRefused} if its own last snapshot cannot be read */
  constructor(context: LearnerContext, application: LearnerApplication, opened: OpenedRaftStore) {
    const { topology, server } = context;
    this.#context = context;
    this.#flushes = () => opened.store.flushes;
    this.participant = raftNode(context, application.state, opened);
    this.others = serversOf(topology, "raft").filter(({ name }) => name !== server.name);
    this.store = settledFirst(application, opened.store, (write) =>
      write.kind === "snapshot" ? write.snapshot.pieces : null,
    );
  }

  progress = () => {
    const { appliedIndex, commitIndex } = this.participant.state;
    return { appliedThrough: appliedIndex, decidedThrough: commitIndex };
  };

  /** The entries of its log that it does not know to be committed. */
  tentative = async (most: number): Promise<readonly TentativeValue[]> => {
    const values: TentativeValue[] = [];
    for (let slot = this.participant.state.commitIndex + 1; values.length < most; slot++) {
      const entry = this.participant.entryAt(slot);
      if (entry === null) break;
      values.push({ slot, id: entry.term, value: entry.value });
    }
    return values;
  };

  /** The leader is gone: it is not waited for any longer, but for as long as the random patience of this server lasts. */
  timerOfLost = (server: NodeId): string | null => (this.participant.state.leader === server ? LEASE_TIMER : null);

  addGauges(metrics: NodeMetrics): void {
    const state = () => this.participant.state;
    metrics.gauge("synod_flushes", "How often writes were made durable, one fdatasync each", () => this.#flushes());
    metrics.gauge("synod_raft_term", "The term of this server", () => state().term);
    metrics.gauge("synod_is_leader", "1 while this server leads", () => (state().role === "leader" ? 1 : 0));
    metrics.gauge("synod_last_index", "The last entry of the log", () => state().lastIndex);
    metrics.gauge("synod_snapshot_through", "What the last snapshot holds", () => state().snapshotIndex);
    metrics.gauge("synod_queued_values", "Values that wait for a place in the log", () => state().leading?.queued ?? 0);
  }

  addRoutes(app: App, application: () => StatusOfApplication, onlySound: OnlySound): void {
    addRaftRoutes(app, this.#context, this.participant, { application, onlySound });
  }
}

/** @throws {StoreRefused} if its own last snapshot cannot be read */
function raftNode(
  { server, tuning, folder }: LearnerContext,
  application: LogApplication,
  { voters, writes }: OpenedRaftStore,
): RaftNode {
  const chance = Random.fromSeed(randomInt(2 ** 48 - 1));
  try {
    return new RaftNode({ name: server.name, voters, application, chance, ...tuning.raft }, writes);
  } catch (error) {
    if (!(error instanceof NotASnapshot)) throw error;
    throw new StoreRefused(
      `the snapshot in ${folder} cannot be read: ${error.message}. It was written by another version, or by another program.`,
      { cause: error },
    );
  }
}
