import type { ChatChange, ChatMessage } from "./operations.js";

/** What a change means for one login. */
export type ChatNews =
  /** Sent to, or by, this user. */
  | { readonly type: "message"; readonly message: ChatMessage }
  /** For both sides, whoever deleted them. `with`: the other side. */
  | {
      readonly type: "deleted";
      readonly conversations: readonly { readonly with: string; readonly ids: readonly number[] }[];
    }
  /** `by` read them: this user elsewhere, or somebody whom this user sent them to. */
  | {
      readonly type: "read";
      readonly by: string;
      readonly conversations: readonly { readonly from: string; readonly ids: readonly number[] }[];
    }
  /** Somebody with whom this user had a conversation, which is gone with it. */
  | { readonly type: "account-deleted"; readonly user: string }
  /** This login has ended: nothing after it is for whoever has the token. */
  | { readonly type: "logged-out" };

/**
 * What a change means for whoever is logged in with this token; null: nothing that is their affair. It is to be asked of
 * changes above the slot that made the account (`Chat.loginOf`) alone: what was told to one who had the name before is
 * not for one who has it now.
 */
export function newsFor(change: ChatChange, user: string, token: string): ChatNews | null {
  switch (change.type) {
    case "message": {
      const { message } = change;
      return message.from === user || message.to === user ? { type: "message", message } : null;
    }
    case "deleted": {
      const own = change.conversations.filter(({ users }) => users.includes(user));
      const conversations = own.map(({ users: [one, other], ids }) => ({ with: one === user ? other : one, ids }));
      return conversations.length > 0 ? { type: "deleted", conversations } : null;
    }
    case "read": {
      const { by } = change;
      const conversations =
        by === user ? change.conversations : change.conversations.filter(({ from }) => from === user);
      return conversations.length > 0 ? { type: "read", by, conversations } : null;
    }
    case "logged-out":
      return change.tokens.includes(token) ? { type: "logged-out" } : null;
    case "account-deleted":
      if (change.tokens.includes(token)) return { type: "logged-out" };
      return change.peers.includes(user) ? { type: "account-deleted", user: change.user } : null;
  }
}
