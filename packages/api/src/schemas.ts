import { Type } from "typebox";

export * from "./chat-schemas.js";
export * from "./fault-schemas.js";
export * from "./kv-schemas.js";
export * from "./kv-status-schemas.js";
export * from "./ledger-schemas.js";
export * from "./node-schemas.js";
export * from "./raft-schemas.js";

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

const Sequence = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Given back with the answer, so that one knows which of several messages it answers.",
});

const DecidedRange = Type.Object(
  { from: InstanceSchema, through: InstanceSchema },
  { ...strict, description: "What is accepted in these instances under this id is chosen." },
);

export const LogAcceptBody = Type.Object(
  {
    id: ProposalIdSchema,
    sequence: Type.Optional(Sequence),
    decided: Type.Optional(DecidedRange),
    entries: Type.Array(Type.Object({ instance: InstanceSchema, value: ValueSchema }, strict), {
      maxItems: MOST_LOG_ENTRIES,
    }),
  },
  strict,
);

export const LogTruncateBody = Type.Object({ through: InstanceSchema }, strict);

export const LogQuery = Type.Object(
  { from: Type.Optional(InstanceParameter), limit: Type.Optional(InstanceParameter) },
  strict,
);

export const EmptyQuery = Type.Object({}, strict);

export const FaultsBody = Type.Object(
  { faults: Type.String({ description: "Faults in the language of docs/faults.md, one a line." }) },
  strict,
);

export const FaultsQuery = Type.Object({ id: Type.Optional(InstanceParameter) }, strict);

const PromisedId = Type.Integer({ minimum: -1, description: "The highest id promised; -1 before the first." });

const AcceptedPair = { acceptedId: ProposalIdSchema, acceptedValue: ValueSchema };

const Truncated = { truncated: Type.Literal(true), truncatedThrough: Type.Integer({ minimum: 1 }) };

export const PrepareReplySchema = Type.Union([
  Type.Object({ ignored: Type.Boolean(), promisedId: ProposalIdSchema }),
  Type.Object({ ignored: Type.Boolean(), promisedId: ProposalIdSchema, ...AcceptedPair }),
  Type.Object({ ignored: Type.Boolean(), promisedId: PromisedId, ...Truncated }),
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
  entries: Type.Array(
    Type.Object({
      instance: InstanceSchema,
      ...AcceptedPair,
      decided: Type.Optional(
        Type.Literal(true, { description: "This acceptor was told that this proposal is chosen." }),
      ),
    }),
  ),
  next: Type.Union([InstanceSchema, Type.Null()]),
  truncatedThrough: Type.Integer({ minimum: 0 }),
};

export const LogPrepareReplySchema = Type.Union([
  Type.Object({ ignored: Type.Literal(false), promisedId: ProposalIdSchema, ...LogPage }),
  IgnoredReply,
]);

export const LogAcceptReplySchema = Type.Union([
  Type.Object({
    ignored: Type.Literal(false),
    acceptedId: ProposalIdSchema,
    instances: Type.Array(InstanceSchema),
    sequence: Type.Optional(Sequence),
  }),
  IgnoredReply,
]);

export const LogTruncateReplySchema = Type.Object({ truncatedThrough: Type.Integer({ minimum: 0 }) });

export const LogReplySchema = Type.Object({ promisedId: PromisedId, ...LogPage });

export const HealthReplySchema = Type.Object({
  status: Type.Literal("ok"),
  role: Type.Enum(["acceptor", "proposer", "learner", "raft", "gateway", "ring"]),
  name: Type.String({ description: "The role's name: role and number." }),
  node: Type.Union([Type.String(), Type.Null()], { description: "The node it runs in; null in a pool." }),
  cluster: Type.String({ description: "The id of the cluster or pool." }),
});

export const AcceptorStatusReplySchema = Type.Object({
  name: Type.String(),
  role: Type.Literal("acceptor"),
  id: Type.Integer({ minimum: 1, description: "1, 2, 3, ... among the acceptors." }),
  promisedId: PromisedId,
  truncatedThrough: Type.Integer({ minimum: 0 }),
  entries: Type.Integer({
    minimum: 0,
    description: "Slots in which something is accepted, and that are not truncated.",
  }),
  lastSlot: Type.Integer({ minimum: 0, description: "The last slot in use; 0 before the first." }),
  decided: Type.Integer({ minimum: 0, description: "The last slot that is known here to be decided; 0 if none is." }),
  cluster: Type.String(),
});

export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  definite: Type.Boolean({ description: "True: it certainly had no effect. False: it may have had one." }),
});
