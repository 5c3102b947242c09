import { type App, wholeNumber } from "@synod/acceptor-server";
import type { RaftStateReply, RaftStatusReply } from "@synod/api";
import {
  EmptyQuery,
  MOST_RAFT_ENTRIES,
  ProblemSchema,
  RaftStateQuery,
  RaftStateReplySchema,
  RaftStatusReplySchema,
} from "@synod/api/schemas";
import type { RaftNode } from "@synod/consensus";
import type { OnlySound } from "./role-app.js";
import type { RoleContext } from "./role-context.js";
import type { StatusOfApplication } from "./state-server.js";

/** Entries that are told if nobody says how many, and the characters of their values at most. */
const USUAL_ENTRIES = 10;
const MOST_CHARACTERS = 1024 * 1024;

const STATES = { leader: "LEADER", candidate: "CANDIDATE", follower: "FOLLOWER" } as const;

/** What a Raft server tells of itself. */
export function addRaftRoutes(
  app: App,
  context: RoleContext,
  node: RaftNode,
  { application, onlySound }: { readonly application: () => StatusOfApplication; readonly onlySound: OnlySound },
): void {
  app.route({
    method: "GET",
    url: "/status",
    preHandler: onlySound,
    schema: {
      summary: "Whether this server leads, how far it is, and what it holds",
      querystring: EmptyQuery,
      response: { 200: RaftStatusReplySchema, default: ProblemSchema },
    },
    handler: async (): Promise<RaftStatusReply> => {
      const { leading } = node.state;
      const { queued = 0, reads = 0 } = leading ?? {};
      return { ...factsOf(context, node), queued_proposals: queued, waiting_reads: reads, ...application() };
    },
  });

  app.route({
    method: "GET",
    url: "/raft/state",
    preHandler: onlySound,
    schema: {
      summary: "Term, vote, members, and the last entries of the log of this server",
      querystring: RaftStateQuery,
      response: { 200: RaftStateReplySchema, default: ProblemSchema },
    },
    handler: async ({ query }): Promise<RaftStateReply> => {
      const most = Math.min(wholeNumber("entries", query.entries, USUAL_ENTRIES), MOST_RAFT_ENTRIES);
      return { ...factsOf(context, node), entries: lastEntries(node, most) };
    },
  });
}

function factsOf({ server, clusterId }: RoleContext, { state }: RaftNode) {
  const { role, leading } = state;
  return {
    name: server.name,
    node: server.node,
    cluster: clusterId,
    role: "raft" as const,
    id: server.number,
    state: STATES[role],
    is_leader: role === "leader",
    leader_id: state.leader,
    term: state.term,
    voted_for: state.votedFor,
    first_index: state.firstIndex,
    last_index: state.lastIndex,
    last_term: state.lastTerm,
    commit_index: state.commitIndex,
    applied_index: state.appliedIndex,
    snapshot_index: state.snapshotIndex,
    voters: [...state.voters],
    non_voters: [...state.nonVoters],
    is_member: [...state.voters, ...state.nonVoters].includes(server.name),
    followers: leading && followersIn(leading.followers),
    contradictions: state.contradictions,
  };
}

type Followers = NonNullable<RaftNode["state"]["leading"]>["followers"];

function followersIn(followers: Followers): NonNullable<RaftStateReply["followers"]> {
  return Object.entries(followers).map(([name, { matchIndex, nextIndex, mode }]) => {
    return { name, match_index: matchIndex, next_index: nextIndex, mode };
  });
}

/** The last entries of the log, fewer where their values are long. */
function lastEntries(node: RaftNode, most: number): RaftStateReply["entries"] {
  const entries: RaftStateReply["entries"] = [];
  let characters = 0;
  for (let index = node.state.lastIndex; entries.length < most; index--) {
    const entry = node.entryAt(index);
    characters += entry?.value.length ?? 0;
    if (entry === null || (characters > MOST_CHARACTERS && entries.length > 0)) break;
    const { term, value, configuration } = entry;
    const members = configuration && {
      voters: [...configuration.voters],
      non_voters: [...configuration.nonVoters],
    };
    entries.unshift({ index, term, value, ...members });
  }
  return entries;
}
