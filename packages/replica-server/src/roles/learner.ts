import { type App, type NodeMetrics, NotServed, RequestRefused, StoreRefused } from "@synod/acceptor-server";
import type { LearnerStatusReply } from "@synod/api";
import { EmptyQuery, LearnerStatusReplySchema, ProblemSchema } from "@synod/api/schemas";
import { type LearnerWrite, type LogApplication, LogLearner } from "@synod/consensus";
import { NotASnapshot } from "@synod/state-machines";
import type { LearnerApplication, LearnerContext, TentativeValue } from "../applications/application.js";
import { LearnerStore } from "../stores/learner-store.js";
import { settledFirst } from "../stores/settled-first.js";
import type { OnlySound } from "./role-app.js";
import { namesOf, type RoleContext, serversOf } from "./role-context.js";
import { type RunningLearner, type StateEngine, type StatusOfApplication, startStateServer } from "./state-server.js";

/**
 * Starts a learner: opens its store, listens, and asks others for what it lacks. A folder that is gone is made anew: a
 * learner promises nothing, and all that it knew the acceptors and the other learners know, since acceptors forget only
 * what two learners hold durably.
 *
 * @throws {CannotStart | JournalError | StoreRefused} having let go of everything again
 */
export async function startLearner(context: LearnerContext): Promise<RunningLearner> {
  const { folder, server, clusterId } = context;
  const { store, writes } = await LearnerStore.onDisk(folder, { clusterId, name: server.name });
  return startStateServer(context, store, (application) => new LearnerEngine(context, application, store, writes));
}

class LearnerEngine implements StateEngine<LearnerWrite> {
  readonly participant: LogLearner;
  readonly others: StateEngine<LearnerWrite>["others"];
  readonly store: StateEngine<LearnerWrite>["store"];
  readonly messages = ["learn", "sync", "read-snapshot", "query"] as const;
  readonly #context: LearnerContext;

  /** @throws {StoreRefused} if its own last snapshot cannot be read */
  constructor(
    context: LearnerContext,
    application: LearnerApplication,
    store: LearnerStore,
    writes: readonly LearnerWrite[],
  ) {
    this.#context = context;
    this.participant = logLearner(context, application.state, writes);
    this.others = othersOf(context);
    this.store = settledFirst(application, store, (write) => write.pieces);
  }

  progress = () => this.participant.state;

  /** What the acceptor of this process accepted, and is not known to be decided. */
  tentative = async (most: number): Promise<readonly TentativeValue[]> => {
    const { topology, here, server } = this.#context;
    const acceptor = serversOf(topology, "acceptor").find(({ node }) => node === server.node);
    const found = acceptor && here.find(acceptor.name);
    if (!found) throw new NotServed("internal", "no acceptor runs in this process");
    const from = this.progress().decidedThrough + 1;
    const reply = await found.request({ type: "read-log", from, limit: most }, server.name);
    if (reply.type !== "log") throw new RequestRefused("internal", `the acceptor answered with ${reply.type}`);
    // Meanwhile the learner may have heard of more.
    const { decidedThrough } = this.progress();
    return reply.page.entries
      .filter(({ instance, decided }) => !decided && instance > decidedThrough)
      .map(({ instance, acceptedId, acceptedValue }) => ({ slot: instance, id: acceptedId, value: acceptedValue }));
  };

  addGauges(metrics: NodeMetrics): void {
    const state = () => this.participant.state;
    metrics.gauge("synod_snapshot_through", "What the last snapshot holds", () => state().snapshotThrough);
  }

  addRoutes(app: App, application: () => StatusOfApplication, onlySound: OnlySound): void {
    app.route({
      method: "GET",
      url: "/status",
      preHandler: onlySound,
      schema: {
        summary: "How far this learner is, and what it holds",
        querystring: EmptyQuery,
        response: { 200: LearnerStatusReplySchema, default: ProblemSchema },
      },
      handler: async () => this.#status(application()),
    });
  }

  #status(application: StatusOfApplication): LearnerStatusReply {
    const { server, clusterId } = this.#context;
    const { appliedThrough, decidedThrough, snapshotThrough, leader, isCatchingUp, contradictions } =
      this.participant.state;
    return {
      name: server.name,
      node: server.node,
      cluster: clusterId,
      role: "learner",
      id: server.number,
      last_applied: appliedThrough,
      highest_seen: decidedThrough,
      lag: decidedThrough - appliedThrough,
      snapshot_through: snapshotThrough,
      ...application,
      leader_id: leader?.name ?? null,
      contradictions,
      catching_up: isCatchingUp,
    };
  }
}

/** @throws {StoreRefused} if its own last snapshot cannot be read */
function logLearner(
  { topology, server, tuning, folder }: LearnerContext,
  application: LogApplication,
  writes: readonly LearnerWrite[],
): LogLearner {
  const peers = namesOf(topology, "learner").filter((name) => name !== server.name);
  const acceptors = namesOf(topology, "acceptor");
  try {
    const beside = serversOf(topology, "acceptor").find(({ node }) => node === server.node);
    const options = { name: server.name, acceptors, peers, application, ...(beside ? { acceptor: beside.name } : {}) };
    return new LogLearner({ ...options, ...tuning.learner }, writes);
  } catch (error) {
    if (!(error instanceof NotASnapshot)) throw error;
    throw new StoreRefused(
      `the snapshot in ${folder} cannot be read: ${error.message}. If another learner is up to date, remove the folder: this ` +
        "one then learns everything anew.",
      { cause: error },
    );
  }
}

/** Whom it asks for what it lacks. */
function othersOf({ topology, server }: RoleContext) {
  const peers = serversOf(topology, "learner").filter(({ name }) => name !== server.name);
  return [...serversOf(topology, "acceptor"), ...peers];
}
