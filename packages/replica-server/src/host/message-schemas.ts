import { Type } from "typebox";

/** The form of every message between proposers, learners and clients of the log. What they mean is the cores' affair. */

const strict = { additionalProperties: false };
const Slot = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const SlotOrNone = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Count = SlotOrNone;
const Id = Type.Integer({ minimum: -1, maximum: Number.MAX_SAFE_INTEGER });
const Name = Type.String({ minLength: 1, maxLength: 200 });
const RequestId = Type.String({ minLength: 1, maxLength: 200 });
const Values = Type.Array(Type.String(), { maxItems: 10_000 });
const Leader = Type.Union([Name, Type.Null()]);
const Refusal = Type.Enum(["not-leader", "overloaded", "no-quorum"]);
const Cost = Type.Object({ messages: Count, sharedBy: Count }, strict);

export const HeartbeatSchema = Type.Object(
  {
    type: Type.Literal("heartbeat"),
    leader: Name,
    id: Id,
    standing: Type.Optional(Type.Literal(true)),
    settledThrough: SlotOrNone,
  },
  strict,
);

export const HeartbeatHeardSchema = Type.Object({ type: Type.Literal("heartbeat-heard"), highestId: Id }, strict);

export const LearnSchema = Type.Object(
  {
    type: Type.Literal("learn"),
    leader: Name,
    id: Id,
    number: Count,
    from: Slot,
    values: Values,
    decidedThrough: SlotOrNone,
    quiet: Type.Optional(Type.Literal(true)),
    atAcceptor: Type.Optional(Slot),
  },
  strict,
);

export const LearnedSchema = Type.Object(
  {
    type: Type.Literal("learned"),
    learner: Name,
    number: Count,
    appliedThrough: SlotOrNone,
    snapshotThrough: Type.Union([SlotOrNone, Type.Null()]),
    results: Type.Array(Type.Object({ slot: Slot, result: Type.String() }, strict)),
    missingFrom: Type.Union([Slot, Type.Null()]),
  },
  strict,
);

export const SyncSchema = Type.Object({ type: Type.Literal("sync"), from: Slot, limit: Count }, strict);

export const SyncReplySchema = Type.Object(
  {
    type: Type.Literal("sync-reply"),
    from: Slot,
    values: Values,
    appliedThrough: SlotOrNone,
    snapshot: Type.Union([Type.Object({ through: Slot, pieces: Count }, strict), Type.Null()]),
  },
  strict,
);

export const ReadSnapshotSchema = Type.Object(
  { type: Type.Literal("read-snapshot"), through: Slot, piece: Count },
  strict,
);

export const SnapshotPieceSchema = Type.Object(
  {
    type: Type.Literal("snapshot-piece"),
    through: Slot,
    piece: Count,
    pieces: Count,
    text: Type.Union([Type.String(), Type.Null()]),
  },
  strict,
);

export const SubmitSchema = Type.Object(
  {
    type: Type.Literal("submit"),
    submission: Count,
    requests: Type.Array(Type.Object({ requestId: RequestId, value: Type.String() }, strict), { maxItems: 10_000 }),
  },
  strict,
);

export const SubmittedSchema = Type.Object(
  {
    type: Type.Literal("submitted"),
    submission: Count,
    outcomes: Type.Array(
      Type.Union([
        Type.Object(
          { requestId: RequestId, kind: Type.Literal("applied"), slot: Slot, result: Type.String(), cost: Cost },
          strict,
        ),
        Type.Object({ requestId: RequestId, kind: Type.Literal("refused"), reason: Refusal, leader: Leader }, strict),
        Type.Object({ requestId: RequestId, kind: Type.Literal("unknown") }, strict),
      ]),
    ),
  },
  strict,
);

export const ReadBarrierSchema = Type.Object({ type: Type.Literal("read-barrier"), requestId: RequestId }, strict);

export const ReadBarrierReplySchema = Type.Union([
  Type.Object(
    { type: Type.Literal("read-barrier-passed"), requestId: RequestId, slot: SlotOrNone, cost: Cost },
    strict,
  ),
  Type.Object(
    { type: Type.Literal("read-barrier-refused"), requestId: RequestId, reason: Refusal, leader: Leader },
    strict,
  ),
]);

export const QuerySchema = Type.Object(
  {
    type: Type.Literal("query"),
    requestId: RequestId,
    queries: Type.Array(Type.String(), { minItems: 1, maxItems: 1000 }),
    atLeast: SlotOrNone,
    waitMs: Type.Number({ minimum: 0, maximum: 60_000 }),
  },
  strict,
);

export const QueryReplySchema = Type.Union([
  Type.Object(
    { type: Type.Literal("query-answer"), requestId: RequestId, slot: SlotOrNone, answers: Type.Array(Type.String()) },
    strict,
  ),
  Type.Object(
    {
      type: Type.Literal("query-refused"),
      requestId: RequestId,
      reason: Type.Enum(["behind", "overloaded"]),
      appliedThrough: SlotOrNone,
    },
    strict,
  ),
]);

const Acceptance = Type.Object({ acceptedId: Id, acceptedValue: Type.String() }, strict);

/** What an acceptor answers to an accept-log on a stream. */
export const AcceptLogReplySchema = Type.Union([
  Type.Object(
    {
      type: Type.Literal("accepted-log"),
      id: Id,
      instances: Type.Array(Slot),
      sequence: Type.Optional(Count),
    },
    strict,
  ),
  Type.Object({ type: Type.Literal("accept-log-ignored"), id: Id, promisedId: Id }, strict),
  Type.Object(
    {
      type: Type.Literal("refused"),
      id: Id,
      instance: Slot,
      reason: Type.Enum(["value-conflict", "duplicate-instance", "already-decided"]),
      accepted: Type.Union([Acceptance, Type.Null()]),
    },
    strict,
  ),
  Type.Object(
    { type: Type.Literal("truncated"), instance: Slot, truncatedThrough: SlotOrNone, promisedId: Id },
    strict,
  ),
]);
