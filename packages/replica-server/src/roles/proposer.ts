import { randomInt } from "node:crypto";
import { type App, CannotStart, EventFeed, isLost, markMade, type NotServed } from "@synod/acceptor-server";
import type { ProposerStatusReply, RoleServer, Topology } from "@synod/api";
import { EmptyQuery, ProblemSchema, ProposerStatusReplySchema } from "@synod/api/schemas";
import { LogProposer, type ProposerWrite, Random, START_TIMER } from "@synod/consensus";
import { addMessageRoutes, answeringRole } from "../host/message-routes.js";
import { NodeHost } from "../host/node-host.js";
import { Peers } from "../host/peers.js";
import { ProposerStore } from "../stores/proposer-store.js";
import { lostRivals } from "./lost-rivals.js";
import { closeApp, listenAt, onlySound, roleApp, runningRole } from "./role-app.js";
import { namesOf, peersOf, type RoleContext, type RunningRole, serversOf } from "./role-context.js";

export interface ProposerRoleOptions extends RoleContext {
  /** The folder of its state. */
  readonly folder: string;
}

type ProposerHost = NodeHost<ProposerWrite>;

/**
 * Starts a proposer: opens its store, listens, and waits for a leader to be heard of.
 *
 * @throws {CannotStart | JournalError | StoreRefused} having let go of everything again
 */
export async function startProposer(options: ProposerRoleOptions): Promise<RunningRole> {
  const { folder, server, clusterId } = options;
  const mark = `${folder}.made`;
  refuseLost(folder, mark, server.name);
  const { store, writes } = await ProposerStore.onDisk(folder, { clusterId, name: server.name });
  const events = new EventFeed(server.name);
  const proposer = logProposer(options, writes);
  const host: ProposerHost = new NodeHost({
    participant: proposer,
    connect: (hear) => new Peers(peersOf(options, serversKnown(options), events, hear)),
    store,
    faults: options.faults,
    onFailure: (failure: NotServed) => options.logger?.fatal({ err: failure }, failure.message),
    ...(options.tuning.host ? { limits: options.tuning.host } : {}),
  });
  let app: App | null = null;
  const close = async () => {
    await Promise.all([closeApp(app), host.close()]);
  };
  try {
    markMade(mark);
    app = await proposerApp(options, host, proposer, events);
    const address = await listenAt(options, app);
    host.goOff(START_TIMER);
    return runningRole(options, address, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** A proposer that forgot which ids it used may use one again, for another value: that breaks consensus. */
function refuseLost(folder: string, mark: string, name: string): void {
  if (!isLost(mark, folder)) return;
  throw new CannotStart(
    `${folder} is gone, and with it which proposal ids ${name} has used: started afresh, it could use one twice and break ` +
      `consensus. Restore the folder; or, if the whole cluster's data may be lost, make the cluster anew. (${mark} tells ` +
      "that there was a journal.)",
  );
}

/** Everybody that a proposer speaks to: acceptors, learners, and the other proposers. */
function serversKnown({ topology, server }: RoleContext) {
  const rivals = serversOf(topology, "proposer").filter(({ name }) => name !== server.name);
  return [...serversOf(topology, "acceptor"), ...serversOf(topology, "learner"), ...rivals];
}

function logProposer({ topology, server, tuning }: RoleContext, writes: readonly ProposerWrite[]): LogProposer {
  return new LogProposer(
    {
      name: server.name,
      index: server.number,
      acceptors: namesOf(topology, "acceptor"),
      rivals: namesOf(topology, "proposer").filter((name) => name !== server.name),
      learners: namesOf(topology, "learner"),
      ...learnersSeenFrom(server, topology),
      chance: Random.fromSeed(randomInt(2 ** 48 - 1)),
      ...tuning.proposer,
    },
    writes,
  );
}

/** The learner in the same process, if there is one, is nearest; and those beside an acceptor need no values. */
function learnersSeenFrom({ node: here }: RoleServer, topology: Topology) {
  const learners = serversOf(topology, "learner");
  const withAcceptor = new Set(serversOf(topology, "acceptor").map(({ node }) => node));
  const reporter = learners.find(({ node }) => node === here);
  return {
    besideAcceptors: learners.filter(({ node }) => withAcceptor.has(node)).map(({ name }) => name),
    ...(reporter ? { reporter: reporter.name } : {}),
  };
}

async function proposerApp(
  context: RoleContext,
  host: ProposerHost,
  proposer: LogProposer,
  events: EventFeed,
): Promise<App> {
  const obstacles = () => {
    const { obstacle } = proposer.state;
    return obstacle === null ? [] : [`${obstacle}: it cannot propose until a person has looked at the acceptors`];
  };
  const { app, metrics } = await roleApp(context, { events, hosts: [host], obstacles });
  metrics.gauge("synod_requests_under_way", "Requests that wait for their answer", () => host.underWay);
  metrics.gauge("synod_is_leader", "1 while this proposer leads", () => (proposer.state.role === "leader" ? 1 : 0));
  metrics.gauge("synod_queued_values", "Values that wait for a batch", () => proposer.state.leading?.queued ?? 0);
  const answering = answeringRole(host, events);
  context.here.add(context.server.name, answering);
  addMessageRoutes(app, answering, ["heartbeat", "submit", "read-barrier"], {
    ...context,
    onLost: lostRivals(context, (rival) => host.tell(rival, { type: "gone" })),
  });
  app.route({
    method: "GET",
    url: "/status",
    preHandler: onlySound(host),
    schema: {
      summary: "Whether this proposer leads, and how far it is",
      querystring: EmptyQuery,
      response: { 200: ProposerStatusReplySchema, default: ProblemSchema },
    },
    handler: async () => proposerStatus(context, proposer),
  });
  return app;
}

function proposerStatus({ server, clusterId }: RoleContext, { state }: LogProposer): ProposerStatusReply {
  const { role, leading, leader, highestUsedId, obstacle, settledThrough } = state;
  return {
    name: server.name,
    role: "proposer",
    node: server.node,
    cluster: clusterId,
    id: server.number,
    state: STATES[role],
    is_leader: role === "leader",
    leader_id: leader,
    proposal_id: highestUsedId < 0 ? null : highestUsedId,
    phase: role === "leader" ? (leading?.isServing ? "accept" : "recovery") : role === "candidate" ? "prepare" : "none",
    decided_through: leading?.decidedThrough ?? settledThrough,
    active_proposals: leading?.proposed ?? 0,
    queued_proposals: leading?.queued ?? 0,
    waiting_reads: leading?.readsWaiting ?? 0,
    quorum: leading?.hasQuorum ?? null,
    truncatable_through: leading?.truncatableThrough ?? null,
    obstacle,
  };
}

const STATES = { leader: "LEADER", candidate: "CANDIDATE", follower: "FOLLOWER" } as const;
