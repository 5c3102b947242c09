import { Type } from "typebox";
import { ApplicationFacts } from "./kv-status-schemas.js";

/** What a Raft server says of itself, and what people ask of it. */

const strict = { additionalProperties: false };
const Index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Term = Index;
const NameOrNull = Type.Union([Type.String(), Type.Null()]);
const Names = Type.Array(Type.String());

const Entry = Type.Object({
  index: Index,
  term: Term,
  value: Type.String(),
  voters: Type.Optional(Names),
  non_voters: Type.Optional(Names),
});

/** What any Raft server knows of itself. */
const RaftFacts = {
  name: Type.String(),
  node: Type.String(),
  cluster: Type.String({ description: "The id of the cluster." }),
  role: Type.Literal("raft"),
  id: Type.Integer({ minimum: 1 }),
  state: Type.Enum(["LEADER", "CANDIDATE", "FOLLOWER"]),
  is_leader: Type.Boolean(),
  leader_id: NameOrNull,
  term: Term,
  voted_for: Type.Union([Type.String(), Type.Null()], { description: "Its vote of this term; null if it gave none." }),
  first_index: Type.Integer({ minimum: 1, description: "The first entry that its log still holds." }),
  last_index: Index,
  last_term: Term,
  commit_index: Index,
  applied_index: Index,
  snapshot_index: Type.Integer({ minimum: 0, description: "The last entry that its snapshot holds; 0 without one." }),
  voters: Type.Array(Type.String(), { description: "As the last configuration in its log says." }),
  non_voters: Names,
  is_member: Type.Boolean({
    description:
      "Whether these name it. Who is no member, or was removed, gets nothing of the log: its state grows old, and what it " +
      "answers to eventual reads with it.",
  }),
  followers: Type.Union(
    [
      Type.Array(
        Type.Object({
          name: Type.String(),
          match_index: Index,
          next_index: Index,
          mode: Type.Enum(["probing", "streaming", "snapshot"]),
        }),
      ),
      Type.Null(),
    ],
    { description: "Of a leader: how far the others' logs are known to be its own." },
  ),
  contradictions: Type.Integer({ minimum: 0, description: "Messages that contradict what is committed here." }),
};

/** `GET /status` of a Raft server. */
export const RaftStatusReplySchema = Type.Object({
  ...RaftFacts,
  queued_proposals: Type.Integer({ minimum: 0, description: "Of a leader: values that wait for a place in the log." }),
  waiting_reads: Index,
  ...ApplicationFacts,
});

/** `GET /raft/state`: the same without the application, and the last entries of the log. */
export const RaftStateReplySchema = Type.Object({ ...RaftFacts, entries: Type.Array(Entry) });

/** Entries in one answer to `GET /raft/state` at most. */
export const MOST_RAFT_ENTRIES = 1000;

const Digits = Type.String({
  pattern: "^(0|[1-9][0-9]{0,3})$",
  description: "How many of the last entries; 10 unless given.",
});

export const RaftStateQuery = Type.Object({ entries: Type.Optional(Digits) }, strict);
