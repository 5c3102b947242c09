import { ProposalIdSchema, ValueSchema } from "@synod/api/schemas";
import type { RingMessage } from "@synod/consensus";
import { type Static, type TObject, type TProperties, Type } from "typebox";

/** The messages of a ring as they travel: each is checked before anybody hears it. */

const strict = { additionalProperties: false };

const Election = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "Elections are numbered." });
const Uid = Type.Integer({ minimum: 0, maximum: 1000, description: "The place of a host in the hosts file." });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const PromisedId = Type.Integer({ minimum: -1, maximum: Number.MAX_SAFE_INTEGER });
const Acceptance = Type.Union([
  Type.Object({ acceptedId: ProposalIdSchema, acceptedValue: ValueSchema }, strict),
  Type.Null(),
]);
const Instance = Type.Literal(1, { description: "The instance of single-decree Paxos: one value is agreed on." });
const Uids = Type.Array(Uid, { maxItems: 1000 });

function message<const K extends RingMessage["type"], P extends TProperties>(type: K, properties: P): TObject {
  return Type.Object({ type: Type.Literal(type), ...properties }, strict);
}

const OfOne = { id: ProposalIdSchema, instance: Instance };

/** What members of a ring send to each other; what a host says to its own participant (`no-response`) is not among it. */
const MESSAGES = [
  message("elect", { election: Election, candidate: Uid }),
  message("elected", { election: Election, leader: Uid }),
  message("passed", { of: Type.Enum(["elect", "elected"]), election: Election, id: Uid }),
  message("later-election", { election: Election }),
  message("start", {
    election: Election,
    leader: Uid,
    roles: Type.Object({ proposers: Uids, acceptors: Uids, learners: Uids }, strict),
  }),
  message("started", { election: Election }),
  message("greet", {}),
  message("propose", { number: Count, value: ValueSchema }),
  message("proposed", { number: Count, outcome: Type.String(), mayStillBeChosen: Type.Boolean() }),
  message("ask-chosen", {}),
  message("chosen", { value: ValueSchema }),
  message("not-known", { accepted: Count }),
  message("heard", {}),
  message("done", {}),
  message("all-done", {}),
  message("done-heard", {}),
  message("prepare", OfOne),
  message("accept", { ...OfOne, value: ValueSchema }),
  message("read-state", { instance: Instance }),
  message("promise", { ...OfOne, accepted: Acceptance }),
  message("prepare-ignored", { ...OfOne, promisedId: PromisedId, accepted: Acceptance }),
  message("accepted", { ...OfOne, value: ValueSchema }),
  message("accept-ignored", { ...OfOne, promisedId: PromisedId }),
  message("refused", { ...OfOne, reason: Type.String(), accepted: Acceptance }),
  message("state", { instance: Instance, promisedId: PromisedId, accepted: Acceptance }),
] as const;

const MemberName = Type.String({
  pattern: "^[nc][0-9]{1,4}$",
  description: "n and UID for a node, c and UID for a client.",
});

export const RingMessageBody = Type.Object(
  {
    from: MemberName,
    to: MemberName,
    message: Type.Union([...MESSAGES], { description: "One message: docs/ring.md tells what each means." }),
  },
  strict,
);

export const RingMessageReply = Type.Object({ heard: Type.Literal(true) });

export const RingStateReply = Type.Object({
  name: Type.String(),
  election: Type.Integer({ minimum: 0 }),
  leader: Type.Union([Uid, Type.Null()]),
  role: Type.Union([Type.Enum(["proposer", "acceptor", "learner", "client"]), Type.Null()]),
  chosen: Type.Union([ValueSchema, Type.Null()]),
});

export type RingStateReply = Static<typeof RingStateReply>;
