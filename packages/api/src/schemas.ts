import { Type } from "typebox";

/** Every route's schemas, for servers: requests are checked against them, `/openapi.json` shows them. */

const strict = { additionalProperties: false };

export const ProposalIdSchema = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "A proposal id: an integer 0..2^53-1.",
});

export const InstanceSchema = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "A slot of the log, 1..2^53-1. Single-decree Paxos is instance 1, the default.",
});

export const ValueSchema = Type.String({ description: "Any string, also the empty one." });

/** Query parameters are text: whole numbers without sign, fraction, exponent or leading zero. */
const InstanceParameter = Type.String({ pattern: "^[1-9][0-9]{0,15}$", description: "A whole number, 1..2^53-1." });

/** Entries in one `POST /log/accept` at most. */
export const MOST_LOG_ENTRIES = 10_000;

export const PrepareBody = Type.Object({ id: ProposalIdSchema, instance: Type.Optional(InstanceSchema) }, strict);

export const AcceptBody = Type.Object(
  { id: ProposalIdSchema, value: ValueSchema, instance: Type.Optional(InstanceSchema) },
  strict,
);

export const InstanceQuery = Type.Object({ instance: Type.Optional(InstanceParameter) }, strict);

export const LogPrepareBody = Type.Object({ id: ProposalIdSchema, from: InstanceSchema }, strict);

export const LogAcceptBody = Type.Object(
  {
    id: ProposalIdSchema,
    entries: Type.Array(Type.Object({ instance: InstanceSchema, value: ValueSchema }, strict), {
      maxItems: MOST_LOG_ENTRIES,
    }),
  },
  strict,
);

export const LogQuery = Type.Object(
  { from: Type.Optional(InstanceParameter), limit: Type.Optional(InstanceParameter) },
  strict,
);

export const EmptyQuery = Type.Object({}, strict);

const PromisedId = Type.Integer({ minimum: -1, description: "The highest id promised; -1 before the first." });

const AcceptedPair = { acceptedId: ProposalIdSchema, acceptedValue: ValueSchema };

const Truncated = { truncated: Type.Literal(true), truncatedThrough: Type.Integer({ minimum: 1 }) };

export const PrepareReplySchema = Type.Union([
  Type.Object({ ignored: Type.Boolean(), promisedId: ProposalIdSchema }),
  Type.Object({ ignored: Type.Boolean(), promisedId: ProposalIdSchema, ...AcceptedPair }),
  Type.Object({ ignored: Type.Literal(true), promisedId: PromisedId, ...Truncated }),
]);

const IgnoredReply = Type.Object({ ignored: Type.Literal(true), promisedId: ProposalIdSchema });

export const AcceptReplySchema = Type.Union([
  Type.Object({ ignored: Type.Literal(false), ...AcceptedPair }),
  IgnoredReply,
]);

export const StateReplySchema = Type.Union([
  Type.Object({
    promisedId: PromisedId,
    acceptedId: Type.Integer({ minimum: -1 }),
    acceptedValue: Type.Union([Type.String(), Type.Null()]),
  }),
  Type.Object({ promisedId: PromisedId, ...Truncated }),
]);

export const PoolStateReplySchema = Type.Record(Type.String(), StateReplySchema);

export const HistoryReplySchema = Type.Object({
  instance: InstanceSchema,
  history: Type.Array(Type.Object(AcceptedPair)),
  missingThroughId: Type.Integer({ minimum: -1 }),
});

const LogPage = {
  entries: Type.Array(Type.Object({ instance: InstanceSchema, ...AcceptedPair })),
  next: Type.Union([InstanceSchema, Type.Null()]),
  truncatedThrough: Type.Integer({ minimum: 0 }),
};

export const LogPrepareReplySchema = Type.Union([
  Type.Object({ ignored: Type.Literal(false), promisedId: ProposalIdSchema, ...LogPage }),
  IgnoredReply,
]);

export const LogAcceptReplySchema = Type.Union([
  Type.Object({ ignored: Type.Literal(false), acceptedId: ProposalIdSchema, instances: Type.Array(InstanceSchema) }),
  IgnoredReply,
]);

export const LogReplySchema = Type.Object({ promisedId: PromisedId, ...LogPage });

export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  definite: Type.Boolean({ description: "True: it certainly had no effect. False: it may have had one." }),
});
