import { type App, EventFeed, type NodeMetrics, type NotServed } from "@synod/acceptor-server";
import type { RoleServer } from "@synod/api";
import {
  LogClient,
  type LogMessage,
  type LogOutcome,
  type LogRequest,
  type NodeId,
  type Participant,
  START_TIMER,
} from "@synod/consensus";
import type {
  ApplicationStatus,
  LearnerApplication,
  LearnerContext,
  LearnerStand,
  Progress,
} from "../applications/application.js";
import type { HostStore } from "../host/group-commit.js";
import { addMessageRoutes, answeringRole, type RoutedType } from "../host/message-routes.js";
import { NodeHost } from "../host/node-host.js";
import { type Hear, Peers } from "../host/peers.js";
import type { ReplicatedLog } from "../replicated-log.js";
import { DecidedValues } from "./decided-values.js";
import { EngineLog } from "./engine-log.js";
import { gatewayHost } from "./gateway-host.js";
import { valueTakers } from "./log-servers.js";
import { lostRivals } from "./lost-rivals.js";
import { admissionOf, closeApp, listenAt, type OnlySound, onlySound, roleApp, runningRole } from "./role-app.js";
import { peersOf, type RunningRole } from "./role-context.js";

/** A server that applies the log and runs, and the log as it sees it. */
export interface RunningLearner extends RunningRole {
  readonly log: ReplicatedLog;
}

/** What an engine's part of such a server is: a learner of Multi-Paxos, or a server of Raft. */
export interface StateEngine<W> {
  readonly participant: Participant<LogMessage, W, string>;
  /** Everybody that it sends to. */
  readonly others: readonly RoleServer[];
  readonly store: HostStore<W>;
  /** The messages that it hears. */
  readonly messages: readonly RoutedType[];
  readonly progress: () => Progress;
  readonly tentative: LearnerStand["tentative"];
  /** Of an engine that elects its servers: which timer goes off early where the process of this one is gone; null for none. */
  readonly timerOfLost?: (server: NodeId) => string | null;
  addGauges(metrics: NodeMetrics): void;
  /**
   * Routes that this engine alone has, `/status` among them: what it says there is its memory, which `onlySound` keeps back
   * once the server has failed.
   */
  addRoutes(app: App, application: () => StatusOfApplication, onlySound: OnlySound): void;
}

/** What a server adds to its status that is not of its engine. */
export type StatusOfApplication = ApplicationStatus & { readonly sessions: number; readonly not_commands: number };

/**
 * Starts a server that applies the log: it listens, and goes on from what its store has.
 *
 * @param store is closed if it cannot start
 * @throws {CannotStart | JournalError | StoreRefused} having let go of everything again
 */
export async function startStateServer<W>(
  context: LearnerContext,
  store: HostStore<W>,
  engineOf: (application: LearnerApplication) => StateEngine<W>,
): Promise<RunningLearner> {
  let server: StateServer<W> | null = null;
  try {
    server = new StateServer(context, engineOf);
    await server.open();
    const app = await server.app();
    const address = await listenAt(context, app);
    server.host.goOff(START_TIMER);
    const running = server;
    return { ...runningRole(context, address, () => running.close()), log: server.log };
  } catch (error) {
    await (server ? server.close() : store.close());
    throw error;
  }
}

/** Everything that runs in the role of a server that applies the log. */
class StateServer<W> {
  readonly #context: LearnerContext;
  readonly host: NodeHost<W, string>;
  readonly log: ReplicatedLog;
  readonly #events: EventFeed;
  readonly #engine: StateEngine<W>;
  readonly #application: LearnerApplication;
  readonly #decided: DecidedValues;
  /** For people's reads here: it reads from this server alone. */
  readonly #gateway: ReturnType<typeof gatewayHost>;
  readonly #client: NodeHost<never, LogRequest, LogOutcome>;
  #app: App | null = null;
  #isClosing = false;

  constructor(context: LearnerContext, engineOf: (application: LearnerApplication) => StateEngine<W>) {
    const { server, faults, tuning, topology } = context;
    this.#context = context;
    this.#events = new EventFeed(server.name);
    this.#application = context.application.learner(context);
    this.#engine = engineOf(this.#application);
    const { participant, others, store } = this.#engine;
    this.#decided = new DecidedValues(this.#engine.progress().appliedThrough);
    const limits = tuning.host ? { limits: tuning.host } : {};
    const onFailure = (failure: NotServed) => this.#failed(failure);
    this.host = new NodeHost({
      participant,
      connect: (hear) => new Peers(peersOf(context, others, this.#events, hear)),
      store,
      faults,
      onDecided: (slot, value) => this.#decided.push(slot, value),
      onFailure,
      ...limits,
    });
    const connect = (hear: Hear) => this.#connectClient(hear);
    this.#gateway = gatewayHost(context, [server.name], connect);
    const proposers = valueTakers(topology).map(({ name }) => name);
    const client = new LogClient({ proposers, learners: [server.name], ...tuning.client });
    this.#client = new NodeHost({ participant: client, connect, store: null, faults, onFailure, ...limits });
    this.log = new EngineLog(this.#client, this.#decided);
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
    addMessageRoutes(app, role, this.#engine.messages, { ...context, onLost: this.#onLost() });
    const { progress, tentative } = this.#engine;
    this.#application.addRoutes(app, {
      host: this.#gateway.host,
      admission: admissionOf(context, metrics),
      progress,
      tentative,
    });
    this.#engine.addRoutes(app, () => this.#statusOfApplication(), onlySound(this.host));
    return app;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#decided.close();
    await Promise.all([closeApp(this.#app), this.#gateway.host.close(), this.#client.close()]);
    // A snapshot that waits for the application must not keep the host from closing.
    await Promise.all([this.#application.close(), this.host.close()]);
  }

  /** What is told of connections of others that were lost; nothing if the engine does not want to know. */
  #onLost(): ((from: NodeId) => void) | undefined {
    const { timerOfLost } = this.#engine;
    if (!timerOfLost) return undefined;
    return lostRivals(this.#context, (rival) => {
      const timer = timerOfLost(rival);
      if (timer !== null) this.host.goOff(timer);
    });
  }

  #failed(failure: NotServed): void {
    if (!this.#isClosing) this.#context.logger?.fatal({ err: failure }, failure.message);
  }

  #connectClient(hear: Hear): Peers {
    const { topology, server } = this.#context;
    const takers = valueTakers(topology).filter(({ name }) => name !== server.name);
    return new Peers(peersOf(this.#context, [...takers, server], this.#events, hear));
  }

  #watch(metrics: NodeMetrics): void {
    const { progress } = this.#engine;
    metrics.gauge("synod_applied_through", "The last slot applied", () => progress().appliedThrough);
    metrics.gauge("synod_decided_through", "The highest slot known to be decided", () => progress().decidedThrough);
    metrics.gauge("synod_sessions", "Sessions that live", () => this.#application.state.sessions);
    this.#engine.addGauges(metrics);
    this.#application.addGauges(metrics);
    metrics.gauge("synod_requests_under_way", "Requests that wait for their answer", () => this.host.underWay);
  }

  #statusOfApplication(): StatusOfApplication {
    const { sessions, notCommands } = this.#application.state;
    return { ...this.#application.status(), sessions, not_commands: notCommands };
  }
}
