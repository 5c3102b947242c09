import type { IncomingHttpHeaders } from "node:http";
import type { App, EventFeed } from "@synod/acceptor-server";
import { FROM_HEADER, ROLE_HEADER } from "@synod/api";
import { EmptyQuery, ProblemSchema } from "@synod/api/schemas";
import type { LogMessage } from "@synod/consensus";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { aboutOf } from "./message-event.js";
import * as schemas from "./message-schemas.js";

/** Where each message goes: its body is the message itself, and the answer's body the message that answers it. */
export const ROUTES = {
  heartbeat: "/heartbeat",
  submit: "/request",
  "read-barrier": "/barrier",
  learn: "/learn",
  sync: "/sync",
  "read-snapshot": "/snapshot",
  query: "/query",
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
};

const REPLIES = new Map(Object.entries(REPLY_SCHEMAS).map(([type, schema]) => [type, Compile(schema)]));

/** Whether a message of this type can be answered so. */
export function isReplyTo(type: RoutedType, reply: unknown): reply is LogMessage {
  return REPLIES.get(type)?.Check(reply) ?? false;
}

const SUMMARIES: Readonly<Record<RoutedType, string>> = {
  heartbeat: "A leader's word that it leads",
  submit: "Values to put into the log; answered when a learner has applied them",
  "read-barrier": "Which slot must a learner have applied, for a read that begins now to be linearizable?",
  learn: "Decisions of consecutive slots",
  sync: "What is decided, from a slot on",
  "read-snapshot": "One piece of the last snapshot",
  query: "A question about the replicated state, answered once a slot is applied",
};

/** A body at most, in bytes: values of half a million characters, however they are escaped. */
const LONGEST_MESSAGE = 4 * 1024 * 1024;

/** What a participant's host does for its routes. */
interface Requested {
  request(message: LogMessage): Promise<LogMessage>;
}

/** The routes on which other nodes send messages of these types to a participant. */
export function addMessageRoutes(app: App, host: Requested, events: EventFeed, types: readonly RoutedType[]): void {
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
        const reply = await host.request(body as LogMessage);
        if (events.isWatched) events.record({ to: callerOf(headers), ...aboutOf(reply), reply: true });
        return reply;
      },
    });
  }
}

/** Who asked: the role that sent the request, else its node, else a person. */
function callerOf(headers: IncomingHttpHeaders): string {
  const caller = headers[ROLE_HEADER] ?? headers[FROM_HEADER];
  return typeof caller === "string" ? caller : "person";
}
