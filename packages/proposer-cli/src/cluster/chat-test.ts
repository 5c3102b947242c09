import { randomBytes } from "node:crypto";
import {
  type ChatLogInReply,
  type ChatSendReply,
  type ChatUnreadReply,
  type ChatUserReply,
  LOGIN_HEADER,
} from "@synod/api";
import type { StoreCall } from "../kv/gateway.js";
import { ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";

type Ask = (call: StoreCall) => Promise<{ readonly body: unknown }>;

/** Makes two accounts, has one send a message to the other, who reads it, and deletes both. @param ask asks a node of the chat */
export async function testChat(
  ask: Ask,
  terminal: Terminal,
): Promise<{ readonly exitCode: ExitCode; readonly document: object }> {
  const random = randomBytes(4).toString("hex");
  const [from, to] = [`test-${random}-a`, `test-${random}-b`] as const;
  const password = randomBytes(16).toString("base64url");
  const post = async <Reply>(path: string, body: object, token?: string) => {
    const headers = token === undefined ? {} : { [LOGIN_HEADER]: token };
    return (await ask({ method: "POST", path, body, headers })).body as Reply;
  };

  for (const user of [from, to]) await post<ChatUserReply>("/chat/accounts", { user, password });
  terminal.line(`accounts: ok (${from}, ${to})`);
  const sender = await post<ChatLogInReply>("/chat/logins", { user: from, password });
  const reader = await post<ChatLogInReply>("/chat/logins", { user: to, password });
  terminal.line(`log in: ok (slot ${reader.slot})`);
  const text = new Date().toISOString();
  const { message, slot } = await post<ChatSendReply>("/chat/messages", { to, text }, sender.token);
  terminal.line(`send: ok (message ${message.id}, slot ${slot})`);
  const read = await ask({ path: "/chat/unread", headers: { [LOGIN_HEADER]: reader.token } });
  const { messages } = read.body as ChatUnreadReply;
  const ok = messages.length === 1 && messages[0]?.id === message.id && messages[0].text === text;
  terminal.line(`read: ${ok ? "ok" : `wrong: ${JSON.stringify(messages)}, not the one that was sent`}`);
  for (const { token } of [sender, reader]) await post<ChatUserReply>("/chat/account/delete", {}, token);
  terminal.line("delete accounts: ok");
  const document = { from, to, text, message: message.id, slot, ok, warnings: terminal.warnings };
  return { exitCode: ok ? ExitCode.done : ExitCode.failure, document };
}
