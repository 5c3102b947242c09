import type { Static } from "typebox";
import type * as schemas from "./chat-schemas.js";

/** With a request in somebody's name: the token of their login. */
export const LOGIN_HEADER = "synod-login";

export type ChatMessageReply = Static<typeof schemas.ChatMessageSchema>;

/** To `POST /chat/accounts`, `/chat/logout`, `/chat/password` and `/chat/account/delete`. */
export type ChatUserReply = Static<typeof schemas.UserReplySchema>;

/** To `GET /chat/accounts/NAME`. */
export type ChatAccountReply = Static<typeof schemas.AccountReplySchema>;

/** To `GET /chat/accounts`. */
export type ChatAccountsReply = Static<typeof schemas.AccountsReplySchema>;

/** To `POST /chat/logins`. */
export type ChatLogInReply = Static<typeof schemas.LogInReplySchema>;

/** To `GET /chat/login`. */
export type ChatLoginReply = Static<typeof schemas.LoginReplySchema>;

/** To `POST /chat/messages`. */
export type ChatSendReply = Static<typeof schemas.SendReplySchema>;

/** To `POST /chat/read`. */
export type ChatMarkReadReply = Static<typeof schemas.MarkReadReplySchema>;

/** To `POST /chat/delete`. */
export type ChatDeleteReply = Static<typeof schemas.DeleteMessagesReplySchema>;

/** To `GET /chat/conversations`. */
export type ChatConversationsReply = Static<typeof schemas.ConversationsReplySchema>;

/** To `GET /chat/conversations/NAME`. */
export type ChatConversationReply = Static<typeof schemas.ConversationReplySchema>;

/** To `GET /chat/unread`. */
export type ChatUnreadReply = Static<typeof schemas.UnreadReplySchema>;

/**
 * What `GET /chat/events` tells whoever is logged in, as server-sent events: the event's name is the type, its id what a
 * reader resumes after, at any node.
 */
export type ChatEvent =
  /** The first event of every stream. */
  | { readonly type: "started"; readonly user: string }
  /** Sent to, or by, this user. */
  | { readonly type: "message"; readonly message: ChatMessageReply }
  /** For both sides, whoever deleted them. */
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
  /** This login has ended; so does the stream. */
  | { readonly type: "logged-out" }
  /** Nothing was for this user for long: a reader resumes after its id. */
  | { readonly type: "progress" }
  /** Some changes are gone for this reader: it must read anew what it shows. */
  | { readonly type: "resync" };
