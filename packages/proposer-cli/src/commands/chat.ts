import path from "node:path";
import { clientOf } from "../chat/ask-chat.js";
import { ChatPrompt } from "../chat/chat-prompt.js";
import { CHAT_PLACE, chatServers, LOGIN_OPTIONS } from "../chat/chat-servers.js";
import { type KeptLogin, KeptLogins } from "../chat/kept-logins.js";
import { refuseIfNobodyListens } from "../cluster/application-servers.js";
import { homeOf } from "../cluster/settings.js";
import type { Command } from "../terminal/command.js";
import type { Terminal } from "../terminal/terminal.js";

export const chat: Command = {
  usage: "chat",
  summary: "Chat at a prompt, with messages as they come; or carry out lines from stdin, one after the other",
  examples: [
    ["synod chat", "and then: create alice, login alice, list, send bob hello, open bob, help"],
    ["synod chat --as alice", "with a login that synod chat login kept"],
    [
      `printf '%s\\n' "login alice" "$PASSWORD" "send bob hello" | synod chat`,
      "a password is the line after its command",
    ],
  ],
  options: LOGIN_OPTIONS,
  run: async (args, terminal) => {
    const servers = chatServers(args, terminal);
    const timeoutMs = args["timeout"] as number;
    const logins = new KeptLogins(args, terminal, servers);
    const kept = keptLogin(logins, args["as"] as string | undefined, terminal);
    await refuseIfNobodyListens(CHAT_PLACE, servers, timeoutMs, terminal);
    const historyPath = path.join(homeOf(args, terminal), "chat-history");
    const connect = (end: AbortSignal) => clientOf(servers, timeoutMs, end);
    const prompt = new ChatPrompt(terminal, logins, { historyPath, timeoutMs, connect });
    try {
      return { exitCode: await prompt.run(kept) };
    } finally {
      prompt.close();
      await prompt.client.close();
    }
  },
};

/** The login to begin with: the one that is named, else the only one; null if somebody must log in. */
function keptLogin(logins: KeptLogins, as: string | undefined, terminal: Terminal): KeptLogin | null {
  if (as !== undefined) return logins.chosen(as);
  const all = logins.all();
  if (all.length > 1)
    terminal.note(`logged in here: ${all.map(({ user }) => user).join(", ")}; --as NAME is one of them`);
  return all.length === 1 ? (all[0] ?? null) : null;
}
