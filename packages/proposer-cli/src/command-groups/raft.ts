import { raftAppendEntries } from "../commands/raft-append-entries.js";
import { raftMember, raftTransfer } from "../commands/raft-operate.js";
import { raftRequestVote } from "../commands/raft-request-vote.js";
import { raftState } from "../commands/raft-state.js";
import type { Command } from "../terminal/command.js";

/** What `synod raft` groups, as its help lists it. */
export const RAFT_COMMANDS: readonly Command[] = [
  raftState,
  raftRequestVote,
  raftAppendEntries,
  raftTransfer,
  raftMember,
];
