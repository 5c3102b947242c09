import type {
  Heartbeat,
  HeartbeatHeard,
  Learn,
  Learned,
  LogMessage,
  Query,
  QueryAnswer,
  QueryRefused,
  ReadBarrier,
  ReadBarrierPassed,
  ReadBarrierRefused,
  ReadSnapshot,
  SnapshotPiece,
  Submit,
  SubmitOutcome,
  Submitted,
  Sync,
  SyncReply,
} from "@synod/consensus";
import type { Static } from "typebox";
import { expect, test } from "vitest";
import { isReplyTo, type RoutedType } from "../src/host/message-routes.ts";
import type * as schemas from "../src/host/message-schemas.ts";

/** The names of all members that any of these has. */
type Members<T> = T extends unknown ? keyof T : never;
type Same<One, Other> = [Members<One>] extends [Members<Other>]
  ? [Members<Other>] extends [Members<One>]
    ? true
    : never
  : never;
type Formed<Name extends keyof typeof schemas> = Static<(typeof schemas)[Name]>;

/** Does not compile where a message of the core has a member that its form lacks, or the other way round. */
const SAME_MEMBERS: readonly true[] = [
  true satisfies Same<Heartbeat, Formed<"HeartbeatSchema">>,
  true satisfies Same<HeartbeatHeard, Formed<"HeartbeatHeardSchema">>,
  true satisfies Same<Learn, Formed<"LearnSchema">>,
  true satisfies Same<Learned, Formed<"LearnedSchema">>,
  true satisfies Same<Sync, Formed<"SyncSchema">>,
  true satisfies Same<SyncReply, Formed<"SyncReplySchema">>,
  true satisfies Same<ReadSnapshot, Formed<"ReadSnapshotSchema">>,
  true satisfies Same<SnapshotPiece, Formed<"SnapshotPieceSchema">>,
  true satisfies Same<Submit, Formed<"SubmitSchema">>,
  true satisfies Same<Submit["requests"][number], Formed<"SubmitSchema">["requests"][number]>,
  true satisfies Same<Submitted, Formed<"SubmittedSchema">>,
  true satisfies Same<SubmitOutcome, Formed<"SubmittedSchema">["outcomes"][number]>,
  true satisfies Same<ReadBarrier, Formed<"ReadBarrierSchema">>,
  true satisfies Same<ReadBarrierPassed | ReadBarrierRefused, Formed<"ReadBarrierReplySchema">>,
  true satisfies Same<Query, Formed<"QuerySchema">>,
  true satisfies Same<QueryAnswer | QueryRefused, Formed<"QueryReplySchema">>,
];

const COST = { messages: 6, sharedBy: 1 };

const REPLIES: readonly (readonly [RoutedType, LogMessage])[] = [
  ["heartbeat", { type: "heartbeat-heard", highestId: -1 }],
  [
    "submit",
    {
      type: "submitted",
      submission: 1,
      outcomes: [
        { requestId: "a", kind: "applied", slot: 1, result: "{}", cost: COST },
        { requestId: "b", kind: "refused", reason: "not-leader", leader: null },
        { requestId: "c", kind: "unknown" },
      ],
    },
  ],
  ["read-barrier", { type: "read-barrier-passed", requestId: "a", slot: 0, cost: COST }],
  ["read-barrier", { type: "read-barrier-refused", requestId: "a", reason: "no-quorum", leader: "proposer1" }],
  [
    "learn",
    {
      type: "learned",
      learner: "learner1",
      number: 3,
      appliedThrough: 0,
      snapshotThrough: null,
      results: [{ slot: 1, result: "{}" }],
      missingFrom: null,
    },
  ],
  ["sync", { type: "sync-reply", from: 1, values: ["v"], appliedThrough: 1, snapshot: { through: 1, pieces: 0 } }],
  ["read-snapshot", { type: "snapshot-piece", through: 1, piece: 0, pieces: 1, text: null }],
  ["query", { type: "query-answer", requestId: "a", slot: 0, answers: ["null"] }],
  ["query", { type: "query-refused", requestId: "a", reason: "behind", appliedThrough: 0 }],
];

test("every message between nodes has the members of the core's", () => {
  expect(SAME_MEMBERS).not.toContain(false);
});

test.each(REPLIES)("to %s one may answer %j, and nothing with a member more or less", (type, reply) => {
  expect(isReplyTo(type, reply)).toBe(true);
  expect(isReplyTo(type, { ...reply, more: 1 })).toBe(false);
  for (const member of Object.keys(reply)) {
    const { [member]: _, ...less } = reply as unknown as Record<string, unknown>;
    expect(isReplyTo(type, less), member).toBe(false);
  }
});
