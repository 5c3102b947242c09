import { Type } from "typebox";

/** The routes of the replicated key-value store, at gateways and learners, and the status of every role. */

const strict = { additionalProperties: false };

/** The longest time that a request may be given, in milliseconds; 5000 if it names none. */
export const MOST_TIMEOUT_MS = 60_000;

/** A body with one value at most, in bytes: 65,536 characters, however they are escaped. */
export const LONGEST_KV_BODY = 512 * 1024;

/** A batch at most, in bytes and in operations. */
export const LONGEST_KV_BATCH = 4 * 1024 * 1024;
export const MOST_BATCH_OPERATIONS = 1000;

const Key = Type.String({ minLength: 1, maxLength: 1024, description: "1 to 1024 characters." });
const Value = Type.String({ maxLength: 65_536, description: "At most 65,536 characters." });
const ValueOrNull = Type.Union([Value, Type.Null()]);
export const Slot = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Revision = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "The slot of a write." });
export const TimeoutMs = Type.Integer({
  minimum: 1,
  maximum: MOST_TIMEOUT_MS,
  description: "How long to wait for the answer, in milliseconds; 5000 unless given.",
});
const Level = Type.Enum(["eventual", "session", "strong"], {
  description:
    "eventual (default): as fresh as the learner that answers. session: never older than what the session has written or " +
    "read. strong: linearizable.",
});
const ClientId = Type.String({ minLength: 1, maxLength: 64, description: "Names a session for reads at its level." });
const Token = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "What the session has seen: the token of its last answer. Levels other than session pass it over.",
});

/** Query parameters are text: whole numbers without sign, fraction, exponent or leading zero. */
export const WholeNumber = Type.String({
  pattern: "^(0|[1-9][0-9]{0,15})$",
  description: "A whole number, 0..2^53-1.",
});

export const ClientSession = Type.Object(
  {
    client: Type.String({ minLength: 1, maxLength: 64 }),
    openedAt: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: "As the answer to its opening says.",
    }),
    sequence: Type.Integer({ minimum: 2, maximum: Number.MAX_SAFE_INTEGER }),
    firstUnacknowledged: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  },
  {
    ...strict,
    description: "For clients that number their writes themselves, in a session that they opened: each happens once.",
  },
);

export const WriteBody = Type.Object(
  { key: Key, value: Value, client_id: Type.Optional(ClientId), timeout_ms: Type.Optional(TimeoutMs) },
  strict,
);

const HowToRead = {
  consistency: Type.Optional(Level),
  consistency_level: Type.Optional(Level),
  client_id: Type.Optional(ClientId),
  token: Type.Optional(Token),
  timeout_ms: Type.Optional(TimeoutMs),
};

const Limit = Type.Integer({ minimum: 1, maximum: 10_000, description: "Entries at most; 1000 unless given." });

/** `key` for one key (the default), `all` for every one, `prefix` for those that begin with `prefix`. */
export const ReadBody = Type.Object(
  {
    type: Type.Optional(Type.Enum(["key", "all", "prefix"])),
    key: Type.Optional(Key),
    prefix: Type.Optional(Type.String({ maxLength: 1024 })),
    after: Type.Optional(Key),
    limit: Type.Optional(Limit),
    ...HowToRead,
  },
  strict,
);

export const SubscribeBody = Type.Object(
  { patterns: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }), client_id: Type.Optional(ClientId) },
  strict,
);

export const UnsubscribeBody = Type.Object({ subscription_id: Type.String({ minLength: 1, maxLength: 8192 }) }, strict);

const QueryHowToRead = {
  consistency: Type.Optional(Level),
  consistency_level: Type.Optional(Level),
  client_id: Type.Optional(ClientId),
  token: Type.Optional(WholeNumber),
  timeout_ms: Type.Optional(WholeNumber),
};

export const KeyQuery = Type.Object(QueryHowToRead, strict);

export const RangeParameters = Type.Object(
  {
    prefix: Type.Optional(Type.String()),
    from: Type.Optional(Type.String()),
    to: Type.Optional(Type.String()),
    after: Type.Optional(Type.String()),
    limit: Type.Optional(WholeNumber),
    ...QueryHowToRead,
  },
  strict,
);

const PREVIOUS = "true: the answer says what was there before, as `previous`; null if the key was absent.";
const Previous = Type.Boolean({ description: PREVIOUS });

export const PutBody = Type.Object(
  {
    value: Value,
    previous: Type.Optional(Previous),
    expected: Type.Optional(ValueOrNull),
    expectedRevision: Type.Optional(Revision),
    session: Type.Optional(ClientSession),
    client_id: Type.Optional(ClientId),
    timeout_ms: Type.Optional(TimeoutMs),
  },
  strict,
);

export const DeleteQuery = Type.Object(
  {
    expectedRevision: Type.Optional(WholeNumber),
    previous: Type.Optional(Type.Enum(["true", "false"], { description: PREVIOUS })),
    client_id: Type.Optional(ClientId),
    timeout_ms: Type.Optional(WholeNumber),
  },
  strict,
);

export const OpenSessionBody = Type.Object(
  { client: Type.String({ minLength: 1, maxLength: 64 }), timeout_ms: Type.Optional(TimeoutMs) },
  strict,
);

/** Each as the one operation takes it: `cas` has either `expected` or `expectedRevision`, and a value of null deletes. */
const BatchOperation = Type.Object(
  {
    type: Type.Enum(["get", "put", "delete", "cas"]),
    key: Key,
    value: Type.Optional(ValueOrNull),
    expected: Type.Optional(ValueOrNull),
    expectedRevision: Type.Optional(Revision),
    previous: Type.Optional(Previous),
  },
  strict,
);

export const BatchBody = Type.Object(
  {
    operations: Type.Array(BatchOperation, { minItems: 1, maxItems: MOST_BATCH_OPERATIONS }),
    ordered: Type.Optional(
      Type.Boolean({
        description:
          "true (default): one after the other, up to the first that fails. false: in rounds, first those that come first on " +
          "their keys, then the second ones, and so on; on each key up to the first that fails.",
      }),
    ),
    consistency: Type.Optional(Level),
    token: Type.Optional(Token),
    client_id: Type.Optional(ClientId),
    session: Type.Optional(ClientSession),
    timeout_ms: Type.Optional(TimeoutMs),
  },
  strict,
);

export const WatchQuery = Type.Object(
  {
    pattern: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 100 })]),
    from: Type.Optional(WholeNumber),
  },
  strict,
);

// --- Replies ---------------------------------------------------------------------------------------------------------

export const Cost = Type.Object({
  messages: Type.Integer({ minimum: 0, description: "Messages that travelled for it, answers included." }),
  sharedBy: Type.Integer({ minimum: 0, description: "How many requests travelled in them together." }),
  ms: Type.Number({ minimum: 0, description: "Milliseconds until the answer, at the server that gives it." }),
});

const Versioned = Type.Union([Type.Object({ value: Type.String(), revision: Revision }), Type.Null()]);
const Entry = Type.Object({ key: Type.String(), value: Type.String(), revision: Revision });

const AsRead = {
  slot: Slot,
  consistency: Level,
  token: Slot,
  learner: Type.String({ description: "The learner that answered." }),
  cost: Cost,
};

export const WriteReplySchema = Type.Object({
  success: Type.Literal(true),
  key: Type.String(),
  value: Type.String(),
  slot: Slot,
  revision: Revision,
  token: Slot,
  cost: Cost,
});

export const EntriesReplySchema = Type.Object({
  entries: Type.Array(Entry),
  next: Type.Union([Type.String(), Type.Null()], {
    description: "Give it as `after` for more; null: there is no more.",
  }),
  ...AsRead,
});

export const ReadReplySchema = Type.Union([
  Type.Object({
    key: Type.String(),
    value: Type.Union([Type.String(), Type.Null()]),
    found: Type.Boolean(),
    revision: Type.Union([Revision, Type.Null()]),
    ...AsRead,
  }),
  EntriesReplySchema,
]);

export const KeyReplySchema = Type.Object({ ...Entry.properties, ...AsRead });

export const PutReplySchema = Type.Object({
  key: Type.String(),
  revision: Revision,
  previous: Type.Optional(Versioned),
  slot: Slot,
  token: Slot,
  cost: Cost,
});

export const DeleteReplySchema = Type.Object({
  key: Type.String(),
  deleted: Type.Boolean(),
  previous: Type.Optional(Versioned),
  slot: Slot,
  token: Slot,
  cost: Cost,
});

export const OpenSessionReplySchema = Type.Object({
  client: Type.String(),
  openedAt: Type.Integer({ minimum: 1, description: "The slot that opened it; goes with each of its writes." }),
  firstSequence: Type.Integer({ minimum: 2, description: "The number of the session's first write." }),
  slot: Slot,
  token: Slot,
  cost: Cost,
});

export const BatchReplySchema = Type.Object({
  results: Type.Array(
    Type.Object(
      { type: Type.Enum(["get", "put", "delete", "cas"]), key: Type.String() },
      { description: "As the reply to the one operation; or `error`, a problem, if it failed." },
    ),
  ),
  untried: Type.Integer({
    minimum: 0,
    description: "Operations at the end that were not tried, since one before failed.",
  }),
  cost: Cost,
});

export const SubscribeReplySchema = Type.Object({
  subscription_id: Type.String(),
  events: Type.String({ description: "The path of the stream, at this server and every gateway and learner." }),
});

export const UnsubscribeReplySchema = Type.Object({ success: Type.Literal(true) });
