import { Type } from "typebox";
import { ClientSession, Cost, Slot, TimeoutMs, WholeNumber } from "./kv-schemas.js";

/** The routes of the ledger, at the gateway of each of its servers. */

const strict = { additionalProperties: false };

/** A body with one operation at most, in bytes: 66,560 characters, however they are escaped. */
export const LONGEST_LEDGER_BODY = 512 * 1024;

/** Blocks in one answer, at most; 100 unless asked otherwise. */
export const MOST_BLOCKS = 1000;

const Anything = Type.Unknown({ description: "Any JSON." });
const Height = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: "0 before the first block." });
const Hash = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256, in hexadecimal." });
const HashOrNull = Type.Union([Hash, Type.Null()], { description: "The hash of a block; null where there is none." });
const Nonce = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const RequestId = Type.String({ description: "Names the request: client, slot of its session, number in it." });

/** What to do: a get is a block of the chain, too. Keys that are equal as JSON are one key. */
const Operation = Type.Object(
  {
    type: Type.Enum(["get", "put"]),
    key: Anything,
    value: Type.Optional(Type.Unknown({ description: "Any JSON. Of a put, and there always." })),
  },
  strict,
);

export const AddBlockBody = Type.Object(
  { operation: Operation, session: Type.Optional(ClientSession), timeout_ms: Type.Optional(TimeoutMs) },
  strict,
);

/** `from`: the first height, 1 unless given. `limit`: how many at most. */
export const BlocksQuery = Type.Object({ from: Type.Optional(WholeNumber), limit: Type.Optional(WholeNumber) }, strict);

/** `after`: the canonical JSON of a key; the page begins behind it. */
export const LedgerMapQuery = Type.Object(
  { after: Type.Optional(Type.String()), limit: Type.Optional(WholeNumber) },
  strict,
);

// --- Replies ---------------------------------------------------------------------------------------------------------

export const AddBlockReplySchema = Type.Object({
  answer: Type.Enum(["success", "value", "KEY_DOES_NOT_EXIST"], {
    description: "success: it was put. value: it was found, and is in `value`.",
  }),
  value: Anything,
  height: Height,
  hash: Hash,
  requestId: RequestId,
  nonce: Nonce,
  slot: Slot,
  cost: Cost,
});

/** A block, as docs/ledger.md describes it. */
export const BlockSchema = Type.Object({
  height: Height,
  operation: Type.Object({ type: Type.Enum(["get", "put"]), key: Anything, value: Type.Optional(Anything) }),
  requestId: RequestId,
  proposer: Type.String({ description: "The server that took the request and did the work." }),
  time: Type.Integer({ minimum: 0, description: "When it did, in milliseconds since 1970 by its clock." }),
  nonce: Nonce,
  previousHash: HashOrNull,
  hash: Hash,
});

export const BlocksReplySchema = Type.Object({
  blocks: Type.Array(BlockSchema),
  next: Type.Union([Height, Type.Null()], { description: "Give it as `from` for more; null: there is no more yet." }),
  height: Height,
  hash: HashOrNull,
});

/** One server's chain, as far as that server knows it. */
export const ChainReplySchema = Type.Object({
  server: Type.String({ description: "The node." }),
  height: Height,
  hash: HashOrNull,
  slot: Slot,
  keys: Type.Integer({ minimum: 0, description: "Keys of the map that the chain spells." }),
  difficulty: Type.Integer({ minimum: 0 }),
  recorded: Type.Integer({ minimum: 0, description: "Blocks that are in this server's file; it writes behind." }),
});

export const LedgerMapReplySchema = Type.Object({
  entries: Type.Array(Type.Object({ key: Anything, value: Anything, height: Height })),
  next: Type.Union([Type.String(), Type.Null()]),
  height: Height,
  hash: HashOrNull,
});

/** What this server's log has above the last slot known to be decided: it may still come to nothing. */
export const TentativeReplySchema = Type.Object({
  entries: Type.Array(
    Type.Object({
      slot: Slot,
      proposalId: Type.Integer({
        minimum: 0,
        description: "Under which its acceptor accepted it; under Raft the term of its leader.",
      }),
      requestId: Type.Union([RequestId, Type.Null()], { description: "Null: it is no command of the ledger." }),
      operation: Anything,
      proposer: Type.Union([Type.String(), Type.Null()]),
      nonce: Type.Union([Nonce, Type.Null()]),
    }),
  ),
});

/** What this server was asked and has not answered. */
export const RequestsReplySchema = Type.Object({
  requests: Type.Array(
    Type.Object({
      operation: Anything,
      client: Type.Union([Type.String(), Type.Null()], { description: "Of a session of its own; else null." }),
      waitedMs: Type.Number({ minimum: 0 }),
    }),
  ),
});
