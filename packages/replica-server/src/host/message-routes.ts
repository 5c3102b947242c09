import {
  type App,
  answerMessageStreams,
  callerOf,
  type EventFeed,
  type NodeFaults,
  RequestRefused,
} from "@synod/acceptor-server";
import { formatNodeIdentity, NODE_HEADER, type RoleServer } from "@synod/api";
import { EmptyQuery, ProblemSchema } from "@synod/api/schemas";
import { contradictionIn, type LogMessage, usesUpTerms } from "@synod/consensus";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { aboutOf } from "./message-event.js";
import * as schemas from "./message-schemas.js";
import * as raft from "./raft-message-schemas.js";
import type { RoleHere } from "./roles-here.js";

/** Where each message goes: its body is the message itself, and the answer's body the message that answers it. */
export const ROUTES = {
  heartbeat: "/heartbeat",
  submit: "/request",
  "read-barrier": "/barrier",
  learn: "/learn",
  sync: "/sync",
  "read-snapshot": "/snapshot",
  query: "/query",
  "request-vote": "/raft/request-vote",
  "append-entries": "/raft/append-entries",
  "install-snapshot": "/raft/install-snapshot",
  "timeout-now": "/raft/timeout-now",
  "change-membership": "/raft/members",
  "transfer-leadership": "/raft/transfer",
} as const;

export type RoutedType = keyof typeof ROUTES;

/** The form of each message that has a route. */
const REQUESTS: Readonly<Record<RoutedType, TSchema>> = {
  heartbeat: schemas.HeartbeatSchema,
  submit: schemas.SubmitSchema,
  "read-barrier": schemas.ReadBarrierSchema,
  learn: schemas.LearnSchema,
  sync: schemas.SyncSchema,
  "read-snapshot": schemas.ReadSnapshotSchema,
  query: schemas.QuerySchema,
  "request-vote": raft.RequestVoteSchema,
  "append-entries": raft.AppendEntriesSchema,
  "install-snapshot": raft.InstallSnapshotSchema,
  "timeout-now": raft.TimeoutNowSchema,
  "change-membership": raft.ChangeMembershipSchema,
  "transfer-leadership": raft.TransferLeadershipSchema,
};

/** The form of what each is answered with. */
const REPLY_SCHEMAS: Readonly<Record<RoutedType, TSchema>> = {
  heartbeat: schemas.HeartbeatHeardSchema,
  submit: schemas.SubmittedSchema,
  "read-barrier": schemas.ReadBarrierReplySchema,
  learn: schemas.LearnedSchema,
  sync: schemas.SyncReplySchema,
  "read-snapshot": schemas.SnapshotPieceSchema,
  query: schemas.QueryReplySchema,
  "request-vote": raft.VoteSchema,
  "append-entries": raft.AppendedSchema,
  "install-snapshot": raft.SnapshotTakenSchema,
  "timeout-now": raft.TimeoutNowHeardSchema,
  "change-membership": raft.OperatorAnswerSchema,
  "transfer-leadership": raft.OperatorAnswerSchema,
};

const REPLIES = new Map(Object.entries(REPLY_SCHEMAS).map(([type, schema]) => [type, Compile(schema)]));

const ACCEPT_REPLY = Compile(schemas.AcceptLogReplySchema);

/** Whether a message of this type can be answered so. */
export function isReplyTo(type: LogMessage["type"], reply: unknown): reply is LogMessage {
  return (type === "accept-log" ? ACCEPT_REPLY : REPLIES.get(type))?.Check(reply) ?? false;
}

const MESSAGES = new Map<unknown, Validator>(Object.entries(REQUESTS).map(([type, schema]) => [type, Compile(schema)]));

/**
 * Answers the messages of these types that come on streams of other nodes.
 *
 * @param role whose they are
 */
function addMessageStreams(app: App, role: RoleHere, types: readonly RoutedType[], context: StreamContext): void {
  const { server, clusterId, secret, faults, onLost } = context;
  answerMessageStreams(app, {
    identity: { name: NODE_HEADER, value: formatNodeIdentity({ name: server.name, clusterId }) },
    clusterId,
    secret,
    faults,
    onLost,
    answer: async (message, from) => {
      const type = typeof message === "object" && message !== null && "type" in message ? message.type : null;
      const isTaken = types.some((one) => one === type) && MESSAGES.get(type)?.Check(message);
      if (isTaken) {
        refuseByHand(message as LogMessage, from === PERSON, context);
        refuseContradiction(message as LogMessage);
        return role.request(message as LogMessage, from);
      }
      throw new RequestRefused("bad-request", `on a stream ${server.name} takes ${types.join(", ")}, as by POST`);
    },
  });
}

const SUMMARIES: Readonly<Record<RoutedType, string>> = {
  heartbeat: "A leader's word that it leads",
  submit: "Values to put into the log; answered when a learner has applied them",
  "read-barrier": "Which slot must a learner have applied, for a read that begins now to be linearizable?",
  learn: "Decisions of consecutive slots",
  sync: "What is decided, from a slot on",
  "read-snapshot": "One piece of the last snapshot",
  query: "A question about the replicated state, answered once a slot is applied",
  "request-vote": "Would you vote for this candidate, or: vote for it",
  "append-entries": "Entries of the leader's log, or its word that it leads",
  "install-snapshot": "One piece of the leader's snapshot",
  "timeout-now": "The leader's word that this server shall stand for election at once",
  "change-membership": "Add a server to the members, or remove one; answered by the leader once it is done",
  "transfer-leadership": "Hand the lead over to this server; answered once it is known who leads next",
};

/** What streams of messages need to know of their node. */
export interface StreamContext {
  readonly server: RoleServer;
  readonly clusterId: string;
  readonly secret?: string | undefined;
  readonly faults: NodeFaults | null;
  /** Hears that a stream of this role ended, and not from this side. */
  readonly onLost?: ((from: string) => void) | undefined;
}

/** A body at most, in bytes: values of half a million characters, however they are escaped. */
const LONGEST_MESSAGE = 4 * 1024 * 1024;

/** The routes on which other nodes send messages of these types to a participant. */
export function addMessageRoutes(app: App, role: RoleHere, types: readonly RoutedType[], context: StreamContext): void {
  addMessageStreams(app, role, types, context);
  for (const type of types) {
    app.route({
      method: "POST",
      url: ROUTES[type],
      bodyLimit: LONGEST_MESSAGE,
      schema: {
        summary: SUMMARIES[type],
        querystring: EmptyQuery,
        body: REQUESTS[type],
        response: { 200: REPLY_SCHEMAS[type], default: ProblemSchema },
      },
      handler: async ({ headers, body }) => {
        const from = callerOf(headers) ?? PERSON;
        refuseByHand(body as LogMessage, from === PERSON, context);
        refuseContradiction(body as LogMessage);
        return role.request(body as LogMessage, from);
      },
    });
  }
}

/** Who sends what no node says is its own. */
const PERSON = "person";

/** What only servers say to each other, who leads and what is decided: a person who says it plays one of them, and is believed. */
const OF_SERVERS: ReadonlySet<string> = new Set([
  ...["heartbeat", "learn"],
  ...["request-vote", "append-entries", "install-snapshot", "timeout-now"],
]);

/** @throws {RequestRefused} `by-hand-off` where nobody may play a server; `id-too-high` where nobody could lead after it */
function refuseByHand(message: LogMessage, isByHand: boolean, { server, faults }: StreamContext): void {
  const { type } = message;
  if (!isByHand || !OF_SERVERS.has(type)) return;
  if (faults === null) {
    throw new RequestRefused(
      "by-hand-off",
      `${server.name} hears ${type} from the servers of its cluster alone: start a cluster with chaos to send it by hand`,
    );
  }
  if (usesUpTerms(message)) {
    throw new RequestRefused(
      "id-too-high",
      "after this term hardly any is left, and this cluster could never have a leader again: take a lower one",
    );
  }
}

/** @throws {RequestRefused} `bad-request` if the message contradicts itself, which no form of it shows */
function refuseContradiction(message: LogMessage): void {
  const contradiction = contradictionIn(message);
  if (contradiction !== null) throw new RequestRefused("bad-request", contradiction);
}

/** What a participant's host does for whoever asks. */
interface Requested {
  request(message: LogMessage): Promise<LogMessage>;
}

/** A participant as others ask it, from here or by HTTP: its answers are told to those who watch. */
export function answeringRole(host: Requested, events: EventFeed): RoleHere {
  return {
    async request(message, from) {
      const reply = await host.request(message);
      if (events.isWatched) events.record({ to: from, ...aboutOf(reply), reply: true });
      return reply;
    },
  };
}
