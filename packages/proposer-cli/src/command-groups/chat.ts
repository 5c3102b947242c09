import { chat } from "../commands/chat.js";
import { chatAccounts, chatAvailable, chatCreate } from "../commands/chat-accounts.js";
import { chatDelete } from "../commands/chat-delete.js";
import { chatDemo } from "../commands/chat-demo.js";
import { chatLogin, chatLogout } from "../commands/chat-login.js";
import { chatDeleteAccount, chatPassword } from "../commands/chat-own-account.js";
import { chatConversation, chatConversations, chatRead } from "../commands/chat-read.js";
import { chatSend } from "../commands/chat-send.js";
import { chatWatch } from "../commands/chat-watch.js";
import type { Command } from "../terminal/command.js";

/** What `synod chat` groups, as its help lists it; alone it is a command, too. */
export const CHAT_COMMANDS: readonly Command[] = [
  chat,
  chatDemo,
  chatCreate,
  chatAvailable,
  chatLogin,
  chatLogout,
  chatAccounts,
  chatSend,
  chatRead,
  chatConversations,
  chatConversation,
  chatDelete,
  chatPassword,
  chatDeleteAccount,
  chatWatch,
];
