import { Type } from "typebox";

/** What `GET /status` of proposers, learners and gateways answers. */

const Slot = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const NameOrNull = Type.Union([Type.String(), Type.Null()]);
const SlotOrNull = Type.Union([Slot, Type.Null()]);

/** What a server that applies the log says of its application, whichever engine decides the log's values. */
export const ApplicationFacts = {
  compacted_through: Type.Integer({ minimum: 0, description: "Changes up to here are no longer told." }),
  keys: Type.Optional(
    Type.Integer({ minimum: 0, description: "Of a key-value store, and of the map that a ledger spells." }),
  ),
  accounts: Type.Optional(Type.Integer({ minimum: 0, description: "Of a chat." })),
  messages: Type.Optional(Type.Integer({ minimum: 0, description: "Of a chat: those that are there." })),
  height: Type.Optional(Type.Integer({ minimum: 0, description: "Of a ledger's server: blocks of its chain." })),
  hash: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: "Of a ledger's server: the last block's." }),
  ),
  sessions: Slot,
  subscriptions: Type.Integer({ minimum: 0, description: "Streams of changes that are open." }),
  not_commands: Type.Integer({ minimum: 0, description: "Values applied that were no commands: a person's hand." }),
};

const RoleFacts = {
  name: Type.String(),
  node: Type.String(),
  cluster: Type.String({ description: "The id of the cluster." }),
};

export const ProposerStatusReplySchema = Type.Object({
  ...RoleFacts,
  role: Type.Literal("proposer"),
  id: Type.Integer({ minimum: 1, description: "Its place among the ids of a round." }),
  state: Type.Enum(["LEADER", "CANDIDATE", "FOLLOWER"]),
  is_leader: Type.Boolean(),
  leader_id: NameOrNull,
  proposal_id: Type.Union([Slot, Type.Null()], { description: "The last proposal id that it used." }),
  phase: Type.Enum(["none", "prepare", "recovery", "accept"]),
  decided_through: Slot,
  active_proposals: Slot,
  queued_proposals: Slot,
  waiting_reads: Slot,
  quorum: Type.Union([Type.Boolean(), Type.Null()], {
    description: "Of a leader: whether it hears a majority of the acceptors.",
  }),
  truncatable_through: SlotOrNull,
  obstacle: NameOrNull,
});

export const LearnerStatusReplySchema = Type.Object({
  ...RoleFacts,
  role: Type.Literal("learner"),
  id: Type.Integer({ minimum: 1 }),
  last_applied: Slot,
  highest_seen: Type.Integer({ minimum: 0, description: "The highest slot that it knows to be decided." }),
  lag: Slot,
  snapshot_through: Slot,
  ...ApplicationFacts,
  leader_id: NameOrNull,
  contradictions: Slot,
  catching_up: Type.Boolean(),
});

const Seen = { name: Type.String(), node: Type.String(), address: Type.String(), up: Type.Boolean() };
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const GatewayStatusReplySchema = Type.Object({
  cluster: Type.String({ description: "The cluster's name." }),
  cluster_id: Type.String(),
  application: Type.String(),
  engine: Type.String(),
  leader: NameOrNull,
  quorum: Type.Boolean({ description: "Whether a majority of the acceptors, or of the voters of Raft, answers." }),
  acceptors: Type.Array(Type.Object({ ...Seen, promisedId: OrNull(Type.Integer()), decided: SlotOrNull })),
  proposers: Type.Array(
    Type.Object({ ...Seen, id: Type.Integer(), state: NameOrNull, is_leader: Type.Boolean(), leader_id: NameOrNull }),
  ),
  learners: Type.Array(Type.Object({ ...Seen, last_applied: SlotOrNull, lag: SlotOrNull })),
  raft_servers: Type.Array(
    Type.Object({
      ...Seen,
      id: Type.Integer(),
      state: NameOrNull,
      is_leader: Type.Boolean(),
      leader_id: NameOrNull,
      term: SlotOrNull,
      commit_index: SlotOrNull,
      applied_index: SlotOrNull,
      lag: SlotOrNull,
      is_voter: Type.Boolean({
        description: "By the members as the leader knows them; without one, as any server does.",
      }),
    }),
  ),
  gateway: Type.Object({ name: Type.String(), node: Type.String(), client: NameOrNull, subscriptions: Slot }),
  advice: Type.Array(Type.String()),
});
