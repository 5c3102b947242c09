import { type Protocol, partsWith } from "../campaign/protocol.js";
import { RAFT, raftSettings } from "../raft/raft-protocol.js";
import { chatSystem } from "./chat-system.js";
import { CHAT_MUTATIONS } from "./mutations.js";
import { REAL_CHAT } from "./parts.js";

/** The chat on Raft, to be simulated by name. */
export const CHAT: Protocol = {
  name: "chat",
  summary: "a chat on Raft: accounts, logins and conversations, and those who watch them from whichever server",
  settings: RAFT.settings,
  mutations: CHAT_MUTATIONS,
  modelSettings: () => {
    throw new RangeError("chat is simulated only: its states are too many to visit them all");
  },
  system: (settings, mutation) => chatSystem(raftSettings(settings), partsWith(REAL_CHAT, CHAT_MUTATIONS, mutation)),
};
