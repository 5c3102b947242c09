import type { ChangeLog } from "../changes/change-log.js";
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

/** What is new for a login. */
export interface NewsSince {
  /** In the order of slots, each once. */
  readonly news: readonly { readonly slot: number; readonly news: ChatNews }[];
  /** As in `ChangesSince`. */
  readonly compactedThrough: number | null;
}

/**
 * What is new for a login after a slot, among the changes that one server keeps: whoever goes on after the last slot that
 * was told, here or at another server, is told everything once and in order, or through which slot something may be gone.
 *
 * @param login whose it is (`Chat.loginOf`), as of the last of these changes: one that lives
 */
export function newsSince(
  changes: ChangeLog<ChatChange>,
  { user, createdAt }: { readonly user: string; readonly createdAt: number },
  token: string,
  after: number,
): NewsSince {
  // What was before the account was of another one.
  const since = changes.since(Math.max(after, createdAt));
  const news: { readonly slot: number; readonly news: ChatNews }[] = [];
  for (const change of since.changes) {
    const one = newsFor(change, user, token);
    // The login lives: what ended was an earlier one of the same token, which is forgotten by now.
    if (one !== null && one.type !== "logged-out") news.push({ slot: change.slot, news: one });
  }
  return { news, compactedThrough: since.compactedThrough };
}
