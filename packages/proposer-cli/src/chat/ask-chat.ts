import { type ChatClient, type ChatLogin, connectChat, nodeHttpTransport, StoreError } from "@synod/client";
import { refuseIfNobodyListens } from "../cluster/application-servers.js";
import type { Arguments } from "../terminal/command.js";
import type { Terminal } from "../terminal/terminal.js";
import { chatFailure } from "./chat-failure.js";
import { CHAT_PLACE, type ChatServers, chatServers } from "./chat-servers.js";
import { type KeptLogin, KeptLogins } from "./kept-logins.js";

/** A client of these nodes. @param signal ends it */
export function clientOf({ addresses, secret, clusterId }: ChatServers, timeoutMs: number, signal: AbortSignal) {
  return connectChat({
    ...{ servers: addresses, timeoutMs, signal, transport: nodeHttpTransport },
    ...(secret === undefined ? {} : { secret }),
    ...(clusterId === undefined ? {} : { clusterId }),
  });
}

/** What a command that speaks to a chat has at hand. */
export interface AtChat {
  readonly client: ChatClient;
  readonly logins: KeptLogins;
}

/**
 * Does something at the chat that is meant, by its options.
 *
 * @throws {CommandFailure} if there is no answer, or it is no
 */
export async function askChat<T>(args: Arguments, terminal: Terminal, ask: (chat: AtChat) => Promise<T>): Promise<T> {
  const servers = chatServers(args, terminal);
  const timeoutMs = args["timeout"] as number;
  await refuseIfNobodyListens(CHAT_PLACE, servers, timeoutMs, terminal);
  const client = clientOf(servers, timeoutMs, terminal.interrupted);
  try {
    return await ask({ client, logins: new KeptLogins(args, terminal, servers) });
  } catch (error) {
    throw error instanceof StoreError ? chatFailure(error) : error;
  } finally {
    await client.close();
  }
}

/**
 * The same in the name of whoever is logged in here.
 *
 * @throws {CommandFailure} if nobody is, if there is no answer, or it is no
 */
export function askInName<T>(
  args: Arguments,
  terminal: Terminal,
  ask: (login: ChatLogin, chat: AtChat) => Promise<T>,
): Promise<T> {
  // Before anybody is spoken to: that nobody is logged in can be seen here.
  const kept = new KeptLogins(args, terminal, chatServers(args, terminal)).chosen(args["as"] as string | undefined);
  return askChat(args, terminal, (chat) => inName(kept, chat, ask));
}

async function inName<T>(
  kept: KeptLogin,
  chat: AtChat,
  ask: (login: ChatLogin, chat: AtChat) => Promise<T>,
): Promise<T> {
  const { client, logins } = chat;
  try {
    return await ask(await client.resume(kept.token), chat);
  } catch (error) {
    // It has ended elsewhere: nobody shall be taken for logged in by it.
    if (error instanceof StoreError && error.code === "not-logged-in") logins.forget(kept.user);
    throw error;
  }
}
