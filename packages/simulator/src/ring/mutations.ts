import type { RingClientReply } from "@synod/consensus";
import type { Mutation } from "../campaign/protocol.js";
import {
  changedNode,
  leadingAtOnce,
  lettingAllPass,
  type NodeChanges,
  withoutTimers,
  withPaxosFlaw,
} from "./flawed-members.js";
import type { RingParts } from "./parts.js";

/** Flaws to plant in a ring: those of the system that it re-implements first, then those that elections can have. */
export const RING_MUTATIONS: readonly Mutation<RingParts>[] = [
  {
    name: "acceptor-keeps-nothing",
    sentence: "An acceptor answers that it accepted, and keeps nothing of it.",
    plant: (parts) => withPaxosFlaw(parts, "keeps-nothing-accepted"),
  },
  {
    name: "learner-counts-copies",
    sentence: "A learner counts an acceptor as often as it hears from it.",
    plant: (parts) => withPaxosFlaw(parts, "learner-counts-twice"),
  },
  {
    name: "sends-no-ignored",
    sentence: "An acceptor does not answer what comes too late, so that no proposer knows that it was pre-empted.",
    plant: (parts) =>
      changingNodes(parts, () => ({
        output: (ready) => ({
          ...ready,
          messages: ready.messages.filter(({ message }) => !message.type.endsWith("-ignored")),
        }),
      })),
  },
  {
    name: "asks-once",
    sentence: "A client asks once, and waits: one lost message, and it waits for ever.",
    plant: (parts) => ({ ...parts, client: (options) => withoutTimers(parts.client(options), ["greet", "ask"]) }),
  },
  {
    name: "first-client-ends-all",
    sentence: "A node that hears of one client that it is done does nothing any more.",
    plant: (parts) =>
      changingNodes(parts, () => {
        let isOver = false;
        return {
          input: (input) => {
            isOver ||= input.kind === "message" && input.message.type === "done";
            return isOver ? null : input;
          },
        };
      }),
  },
  {
    name: "proposer-reuses-id",
    sentence: "A proposer that restarts begins with its first id again.",
    plant: (parts) => withPaxosFlaw(parts, "reuses-id"),
  },
  {
    name: "tells-before-write",
    sentence: "A node answers at once, and writes to its disk meanwhile.",
    plant: (parts) =>
      changingNodes(parts, () => ({
        output: (ready) => ({
          ...ready,
          messages: ready.messages.map((message) => ({ ...message, beforeWrites: true })),
        }),
      })),
  },
  {
    name: "lets-all-pass",
    sentence: "A node passes lower ids on like higher ones, and whoever's id comes back leads.",
    plant: (parts) => withElection(parts, (make) => (options, disk) => lettingAllPass(make(options, disk), options)),
  },
  {
    name: "leads-at-once",
    sentence: "A node takes itself for the leader as soon as it stands.",
    plant: (parts) => withElection(parts, (make) => (options, disk) => leadingAtOnce(make(options, disk), options)),
  },
  {
    name: "forgets-election",
    sentence: "A node that restarts begins with the first election again.",
    plant: (parts) => withElection(parts, (make) => (options) => make(options, [])),
  },
  {
    name: "roles-for-the-living",
    sentence: "A leader leaves acceptors that it skipped out of the roles.",
    plant: (parts) => ({
      ...parts,
      ofNodes: {
        ...parts.ofNodes,
        follows: () => true,
        roles: (plan, election) => {
          const { proposers, acceptors, learners } = parts.ofNodes.roles(plan, election);
          const isSkipped = (uid: number) => election.skipped.includes(`n${uid}`);
          return { proposers, acceptors: acceptors.filter((uid) => !isSkipped(uid)), learners };
        },
      },
    }),
  },
  {
    name: "never-elects-again",
    sentence: "A node whose election comes to nothing, or whose leader is silent, waits for ever.",
    plant: (parts) =>
      changingNodes(parts, () => ({
        output: (ready) => ({
          ...ready,
          timers: ready.timers.filter(({ timer }) => !["election", "start-expected", "hop"].includes(timer)),
        }),
      })),
  },
  {
    name: "asks-no-acceptor",
    sentence: "A learner that has missed what acceptors said does not ask them.",
    plant: (parts) =>
      changingNodes(parts, () => ({
        output: (ready) => ({
          ...ready,
          messages: ready.messages.filter(({ message }) => message.type !== "read-state"),
        }),
      })),
  },
  {
    name: "unknown-is-refused",
    sentence: "A client that does not know whether its value may be chosen is told that it is not.",
    plant: (parts) => ({
      ...parts,
      client: (options) => {
        const client = parts.client(options);
        return {
          step: (input) => {
            const ready = client.step(input);
            return {
              ...ready,
              replies: ready.replies.map(({ requestId, reply }) => ({ requestId, reply: definite(reply) })),
            };
          },
          get state() {
            return client.state;
          },
        };
      },
    }),
  },
];

function definite(reply: RingClientReply): RingClientReply {
  return reply.kind === "failed" && reply.why === "unknown" ? { ...reply, why: "no-quorum" } : reply;
}

/** @param changes made anew for each life of a node */
function changingNodes(parts: RingParts, changes: () => NodeChanges): RingParts {
  return { ...parts, node: (options, disk, ofNodes) => changedNode(parts.node(options, disk, ofNodes), changes()) };
}

type MakeElection = RingParts["ofNodes"]["election"];

function withElection(parts: RingParts, change: (make: MakeElection) => MakeElection): RingParts {
  return { ...parts, ofNodes: { ...parts.ofNodes, election: change(parts.ofNodes.election) } };
}
