import { type App, EventFeed, type NodeMetrics, type NotServed, StoreRefused } from "@synod/acceptor-server";
import type { LearnerStatusReply } from "@synod/api";
import { EmptyQuery, LearnerStatusReplySchema, ProblemSchema } from "@synod/api/schemas";
import {
  type LearnerWrite,
  type LogApplication,
  LogClient,
  LogLearner,
  type LogOutcome,
  type LogRequest,
  START_TIMER,
} from "@synod/consensus";
import { NotASnapshot } from "@synod/state-machines";
import type { LearnerApplication, LearnerContext } from "../applications/application.js";
import { addMessageRoutes, answeringRole } from "../host/message-routes.js";
import { NodeHost } from "../host/node-host.js";
import { type Hear, Peers } from "../host/peers.js";
import type { ReplicatedLog } from "../replicated-log.js";
import { LearnerStore } from "../stores/learner-store.js";
import { settledFirst } from "../stores/settled-first.js";
import { DecidedValues } from "./decided-values.js";
import { gatewayHost } from "./gateway-host.js";
import { PaxosLog } from "./paxos-log.js";
import { admissionOf, closeApp, listenAt, roleApp, runningRole } from "./role-app.js";
import { namesOf, peersOf, type RoleContext, type RunningRole, serversOf } from "./role-context.js";

/** A learner that runs, and the log as it sees it. */
export interface RunningLearner extends RunningRole {
  readonly log: ReplicatedLog;
}

type LearnerHost = NodeHost<LearnerWrite, string>;

/**
 * Starts a learner: opens its store, listens, and asks others for what it lacks. A folder that is gone is made anew: a
 * learner promises nothing, and all that it knew the acceptors and the other learners know, since acceptors forget only
 * what two learners hold durably.
 *
 * @throws {CannotStart | JournalError | StoreRefused} having let go of everything again
 */
export async function startLearner(options: LearnerContext): Promise<RunningLearner> {
  const { folder, server, clusterId } = options;
  const opened = await LearnerStore.onDisk(folder, { clusterId, name: server.name });
  let learner: Learner | null = null;
  try {
    learner = new Learner(options, opened);
    await learner.open();
    const app = await learner.app();
    const address = await listenAt(options, app);
    learner.host.goOff(START_TIMER);
    const running = learner;
    return { ...runningRole(options, address, () => running.close()), log: learner.log };
  } catch (error) {
    await (learner ? learner.close() : opened.store.close());
    throw error;
  }
}

/** Everything that runs in a learner's role. */
class Learner {
  readonly #context: LearnerContext;
  readonly host: LearnerHost;
  readonly log: ReplicatedLog;
  readonly #events: EventFeed;
  readonly #participant: LogLearner;
  readonly #application: LearnerApplication;
  readonly #decided: DecidedValues;
  /** For people's reads here: its only learner is this one. */
  readonly #gateway: ReturnType<typeof gatewayHost>;
  readonly #client: NodeHost<never, LogRequest, LogOutcome>;
  #app: App | null = null;
  #isClosing = false;

  constructor(context: LearnerContext, { store, writes }: Awaited<ReturnType<typeof LearnerStore.onDisk>>) {
    const { server, faults, tuning } = context;
    this.#context = context;
    this.#events = new EventFeed(server.name);
    this.#application = context.application.learner(context);
    this.#participant = logLearner(context, this.#application.state, writes);
    this.#decided = new DecidedValues(this.#participant.state.appliedThrough);
    const limits = tuning.host ? { limits: tuning.host } : {};
    const onFailure = (failure: NotServed) => this.#failed(failure);
    this.host = new NodeHost({
      participant: this.#participant,
      connect: (hear) => new Peers(peersOf(context, othersOf(context), this.#events, hear)),
      store: settledFirst(this.#application, store),
      faults,
      onDecided: (slot, value) => this.#decided.push(slot, value),
      onFailure,
      ...limits,
    });
    const connect = (hear: Hear) => this.#connectClient(hear);
    this.#gateway = gatewayHost(context, [server.name], connect);
    const { name } = server;
    const proposers = namesOf(context.topology, "proposer");
    const participant = new LogClient({ proposers, learners: [name], ...tuning.client });
    this.#client = new NodeHost({ participant, connect, store: null, faults, onFailure, ...limits });
    this.log = new PaxosLog(this.#client, this.#decided);
  }

  /** Before anything is applied beyond its own last snapshot. @throws {StoreRefused} */
  async open(): Promise<void> {
    await this.#application.open?.((failure) => this.host.fail(failure));
  }

  async app(): Promise<App> {
    const context = this.#context;
    const { app, metrics } = await roleApp(context, {
      events: this.#events,
      hosts: [this.host, this.#gateway.host],
    });
    this.#app = app;
    this.#watch(metrics);
    const role = answeringRole(this.host, this.#events);
    context.here.add(context.server.name, role);
    addMessageRoutes(app, role, ["learn", "sync", "read-snapshot", "query"], context);
    this.#application.addRoutes(app, {
      host: this.#gateway.host,
      admission: admissionOf(context, metrics),
      progress: () => this.#participant.state,
    });
    app.route({
      method: "GET",
      url: "/status",
      schema: {
        summary: "How far this learner is, and what it holds",
        querystring: EmptyQuery,
        response: { 200: LearnerStatusReplySchema, default: ProblemSchema },
      },
      handler: async () => this.#status(),
    });
    return app;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#decided.close();
    await Promise.all([closeApp(this.#app), this.#gateway.host.close(), this.#client.close()]);
    // A snapshot that waits for the application must not keep the host from closing.
    await Promise.all([this.#application.close(), this.host.close()]);
  }

  #failed(failure: NotServed): void {
    if (!this.#isClosing) this.#context.logger?.fatal({ err: failure }, failure.message);
  }

  #connectClient(hear: Hear): Peers {
    const { topology, server } = this.#context;
    return new Peers(peersOf(this.#context, [...serversOf(topology, "proposer"), server], this.#events, hear));
  }

  #watch(metrics: NodeMetrics): void {
    const state = () => this.#participant.state;
    metrics.gauge("synod_applied_through", "The last slot applied", () => state().appliedThrough);
    metrics.gauge("synod_decided_through", "The highest slot known to be decided", () => state().decidedThrough);
    metrics.gauge("synod_snapshot_through", "What the last snapshot holds", () => state().snapshotThrough);
    metrics.gauge("synod_sessions", "Sessions that live", () => this.#application.state.sessions);
    this.#application.addGauges(metrics);
    metrics.gauge("synod_requests_under_way", "Requests that wait for their answer", () => this.host.underWay);
  }

  #status(): LearnerStatusReply {
    const { server, clusterId } = this.#context;
    const { appliedThrough, decidedThrough, snapshotThrough, leader, isCatchingUp, contradictions } =
      this.#participant.state;
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
      ...this.#application.status(),
      sessions: this.#application.state.sessions,
      leader_id: leader?.name ?? null,
      not_commands: this.#application.state.notCommands,
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
