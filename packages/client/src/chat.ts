export type { StreamConnection, StreamOptions } from "./calls/resumed-stream.js";
export { ChatClient, connectChat } from "./chat/chat-client.js";
export type { ChatEvents, ChatLogin, ChatMessage, ReadMessages } from "./chat/chat-login.js";
export type { ChatLoginEvent } from "./chat/chat-replies.js";
export type { AccountsOptions, ChatOptions, ChatPageOptions, UnreadOptions } from "./chat/options.js";
