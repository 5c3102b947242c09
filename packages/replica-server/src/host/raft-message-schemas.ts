import { Type } from "typebox";

/** The form of every message between the servers of Raft, and of what operators ask of them. */

const strict = { additionalProperties: false };
const Term = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Index = Term;
const Count = Term;
const Place = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Name = Type.String({ minLength: 1, maxLength: 200 });
const RequestId = Name;
const IndexOrNull = Type.Union([Index, Type.Null()]);
const NameOrNull = Type.Union([Name, Type.Null()]);

/** More members than any cluster has are a mistake. */
const Members = Type.Array(Name, { maxItems: 1000 });
const Configuration = Type.Object({ voters: Members, nonVoters: Members }, strict);

export const RequestVoteSchema = Type.Object(
  {
    type: Type.Literal("request-vote"),
    term: Term,
    candidate: Name,
    lastIndex: Index,
    lastTerm: Term,
    preVote: Type.Boolean(),
    transfer: Type.Boolean(),
  },
  strict,
);

export const VoteSchema = Type.Object(
  {
    type: Type.Literal("vote"),
    term: Term,
    voter: Name,
    preVote: Type.Boolean(),
    refusal: Type.Union([Type.Enum(["old-term", "voted", "log-behind", "hears-leader"]), Type.Null()]),
  },
  strict,
);

const Entry = Type.Object({ term: Term, value: Type.String(), configuration: Type.Optional(Configuration) }, strict);

export const AppendEntriesSchema = Type.Object(
  {
    type: Type.Literal("append-entries"),
    term: Term,
    leader: Name,
    previousIndex: Index,
    previousTerm: Term,
    entries: Type.Array(Entry, { maxItems: 10_000 }),
    commitIndex: Index,
    sequence: Count,
  },
  strict,
);

export const AppendedSchema = Type.Object(
  {
    type: Type.Literal("appended"),
    term: Term,
    follower: Name,
    sequence: Count,
    previousIndex: Index,
    matchIndex: IndexOrNull,
    conflict: Type.Union([Type.Object({ term: Type.Union([Term, Type.Null()]), index: Index }, strict), Type.Null()]),
  },
  strict,
);

export const InstallSnapshotSchema = Type.Object(
  {
    type: Type.Literal("install-snapshot"),
    term: Term,
    leader: Name,
    lastIndex: Place,
    lastTerm: Term,
    configuration: Configuration,
    piece: Count,
    pieces: Place,
    text: Type.String(),
    sequence: Count,
  },
  strict,
);

export const SnapshotTakenSchema = Type.Object(
  {
    type: Type.Literal("snapshot-taken"),
    term: Term,
    follower: Name,
    lastIndex: Index,
    nextPiece: Count,
    sequence: Count,
  },
  strict,
);

export const TimeoutNowSchema = Type.Object({ type: Type.Literal("timeout-now"), term: Term, leader: Name }, strict);

export const TimeoutNowHeardSchema = Type.Object({ type: Type.Literal("timeout-now-heard"), term: Term }, strict);

export const TransferLeadershipSchema = Type.Object(
  { type: Type.Literal("transfer-leadership"), requestId: RequestId, to: Name },
  strict,
);

export const ChangeMembershipSchema = Type.Object(
  {
    type: Type.Literal("change-membership"),
    requestId: RequestId,
    change: Type.Enum(["add", "remove"]),
    server: Name,
  },
  strict,
);

export const OperatorAnswerSchema = Type.Object(
  {
    type: Type.Literal("operator-answer"),
    requestId: RequestId,
    outcome: Type.Enum([
      "done",
      "not-leader",
      "busy",
      "no-such-member",
      "already-member",
      "last-member",
      "too-early",
      "not-caught-up",
      "given-up",
      "another-leads",
    ]),
    leader: NameOrNull,
  },
  strict,
);
