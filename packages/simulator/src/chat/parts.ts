import type { LogApplication } from "@synod/consensus";
import type { SessionLimits } from "@synod/state-machines";
import { type RaftClusterParts, REAL_RAFT } from "../raft/parts.js";
import { WatchedChat, type WatchedChatParts } from "./watched-chat.js";

/** What a chat's cluster is made of: the roles of every log on Raft, and the chat that servers feed. */
export interface ChatParts extends Omit<RaftClusterParts, "application"> {
  chat(limits: Partial<SessionLimits>, parts?: WatchedChatParts): LogApplication;
}

/** The parts as servers run them. */
export const REAL_CHAT: ChatParts = {
  ...REAL_RAFT,
  chat: (limits, parts) => new WatchedChat(limits, parts),
};
