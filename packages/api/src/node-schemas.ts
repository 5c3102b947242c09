import { Type } from "typebox";
import { FaultSchema } from "./fault-schemas.js";

/** The nodes of a cluster, as a gateway sees them and lets a person break them. */

const SeenRole = Type.Object({
  name: Type.String(),
  role: Type.Enum(["acceptor", "proposer", "learner", "raft", "gateway"]),
  address: Type.String(),
});

const SeenNode = Type.Object({
  name: Type.String(),
  roles: Type.Array(SeenRole),
  answers: Type.Boolean({ description: "Whether its process answers, whatever links are cut on purpose." }),
  faults: Type.Array(FaultSchema, { description: "The faults at work in its process." }),
});

export const NodesReplySchema = Type.Object({
  cluster: Type.String({ description: "The cluster's name." }),
  self: Type.String({ description: "The node that this gateway belongs to." }),
  chaos: Type.Boolean({ description: "Whether anybody may break the cluster on purpose." }),
  operator: Type.Object({
    available: Type.Boolean({ description: "Whether who asks may fail and recover nodes here." }),
    reason: Type.Union([Type.String(), Type.Null()], { description: "Why not, in words." }),
  }),
  nodes: Type.Array(SeenNode),
});

export const NodeParameters = Type.Object({ node: Type.String() });

/** A body that says nothing but that it is one: a form of another site cannot send JSON. */
export const EmptyBody = Type.Object({}, { additionalProperties: false });

export const NodeDeedReplySchema = Type.Object({
  node: Type.String(),
  done: Type.Enum(["killed", "not-up", "started", "already-up", "ending"], {
    description: "ending: it is the node that answers, which dies after this answer.",
  }),
  pid: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { description: "The process that it was done to." }),
});
