import { Type } from "typebox";
import { ClientSession, Cost, Slot, TimeoutMs, WholeNumber } from "./kv-schemas.js";

/** The routes of the chat, at the gateway of each of its nodes. */

const strict = { additionalProperties: false };

/** A body with one message at most, in bytes: 4000 characters, however they are escaped. */
export const LONGEST_CHAT_BODY = 64 * 1024;

const User = Type.String({
  pattern: "^[a-z0-9][a-z0-9_.-]{0,31}$",
  description: "1 to 32 of a-z, 0-9, _ . and -, beginning with a letter or a digit.",
});
const NewPassword = Type.String({ minLength: 8, maxLength: 1000, description: "8 to 1000 characters." });
const Password = Type.String({ maxLength: 1000 });
const Text = Type.String({ minLength: 1, maxLength: 4000, description: "1 to 4000 characters." });
const MessageId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Ids = Type.Array(MessageId, { minItems: 1, maxItems: 1000, uniqueItems: true });
const Count = Type.Integer({ minimum: 0 });
const Token = Type.String({
  pattern: "^[A-Za-z0-9_-]{43}$",
  description: "32 random bytes in base64url: whoever has it is logged in.",
});
const NextId = Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
  description: "Give it as `before` (of unread messages: `after`) for the next page; null: there is none.",
});

const HowToWrite = { session: Type.Optional(ClientSession), timeout_ms: Type.Optional(TimeoutMs) };
const HowToAsk = { limit: Type.Optional(WholeNumber), timeout_ms: Type.Optional(WholeNumber) };

export const CreateAccountBody = Type.Object({ user: User, password: NewPassword, ...HowToWrite }, strict);

/** `token`: drawn by a client that may have to send the request again; else the server draws it. */
export const LogInBody = Type.Object(
  { user: User, password: Password, token: Type.Optional(Token), timeout_ms: Type.Optional(TimeoutMs) },
  strict,
);

export const SetPasswordBody = Type.Object({ password: Password, new_password: NewPassword, ...HowToWrite }, strict);

/** Of logging out, and of deleting one's account. */
export const InMyNameBody = Type.Object(HowToWrite, strict);

export const SendBody = Type.Object({ to: User, text: Text, ...HowToWrite }, strict);

/** Which messages: to be marked as read, or to be deleted. */
export const MessageIdsBody = Type.Object({ ids: Ids, ...HowToWrite }, strict);

/** In a path: whose account, or with whom. */
export const UserParameters = Type.Object({ user: User }, strict);

export const AccountQuery = Type.Object({ timeout_ms: Type.Optional(WholeNumber) }, strict);

/** `pattern`: a glob, `*` unless given. `after`: a name; the page begins behind it. */
export const AccountsQuery = Type.Object(
  { pattern: Type.Optional(Type.String()), after: Type.Optional(Type.String()), ...HowToAsk },
  strict,
);

/** `before`: the id of a message. */
export const ChatPageQuery = Type.Object({ before: Type.Optional(WholeNumber), ...HowToAsk }, strict);

export const UnreadQuery = Type.Object(
  { from: Type.Optional(Type.String()), after: Type.Optional(WholeNumber), ...HowToAsk },
  strict,
);

/** How long to wait until this node is far enough. */
export const ChatEventsQuery = Type.Object({ timeout_ms: Type.Optional(WholeNumber) }, strict);

// --- Replies ---------------------------------------------------------------------------------------------------------

export const ChatMessageSchema = Type.Object({
  id: MessageId,
  from: Type.String(),
  to: Type.String(),
  text: Type.String(),
  time: Type.Integer({ minimum: 0, description: "Milliseconds since 1970, by the clock of the node that took it." }),
  read: Type.Boolean({ description: "Whether the recipient has read it." }),
});

const AsWritten = { slot: Slot, cost: Cost };

export const UserReplySchema = Type.Object({ user: Type.String(), ...AsWritten });

export const AccountReplySchema = Type.Object({ user: Type.String(), exists: Type.Boolean() });

export const AccountsReplySchema = Type.Object({
  users: Type.Array(Type.String()),
  next: Type.Union([Type.String(), Type.Null()], {
    description: "Give it as `after` for more; null: there is no more.",
  }),
});

export const LogInReplySchema = Type.Object({ user: Type.String(), token: Type.String(), unread: Count, ...AsWritten });

export const LoginReplySchema = Type.Object({ user: Type.String(), unread: Count });

export const SendReplySchema = Type.Object({ message: ChatMessageSchema, ...AsWritten });

export const MarkReadReplySchema = Type.Object({ count: Count, unread: Count, ...AsWritten });

export const DeleteMessagesReplySchema = Type.Object({ count: Count, ...AsWritten });

export const ConversationsReplySchema = Type.Object({
  conversations: Type.Array(
    Type.Object({ with: Type.String(), messages: Count, unread: Count, last: ChatMessageSchema }),
  ),
  next: NextId,
  unread: Count,
});

export const ConversationReplySchema = Type.Object({ messages: Type.Array(ChatMessageSchema), next: NextId });

export const UnreadReplySchema = Type.Object({ messages: Type.Array(ChatMessageSchema), next: NextId, unread: Count });
