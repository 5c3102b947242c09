import { connectLedger, type LedgerAnswer, type LedgerClient, nodeHttpTransport, StoreError } from "@synod/client";
import { listed, refuseIfNobodyListens } from "../cluster/application-servers.js";
import { callFailure } from "../cluster/call-failure.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { LEDGER_PLACE, type LedgerServers } from "./ledger-servers.js";

/** A client of these servers. @param signal ends it @param name how blocks name it */
export function clientOf(
  { addresses, secret, clusterId }: LedgerServers,
  timeoutMs: number,
  signal: AbortSignal,
  name?: string,
): LedgerClient {
  return connectLedger({
    ...{ servers: addresses, timeoutMs, signal, transport: nodeHttpTransport },
    ...(secret === undefined ? {} : { secret }),
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(name === undefined ? {} : { name }),
  });
}

/**
 * Asks a ledger for one block.
 *
 * @param timeoutMs for the whole of it, whichever servers it takes
 * @throws {CommandFailure} if there is no answer
 */
export async function askLedger(
  servers: LedgerServers,
  timeoutMs: number,
  terminal: Terminal,
  ask: (client: LedgerClient) => Promise<LedgerAnswer>,
): Promise<LedgerAnswer> {
  await refuseIfNobodyListens(LEDGER_PLACE, servers, timeoutMs, terminal);
  const client = clientOf(servers, timeoutMs, terminal.interrupted);
  try {
    return await ask(client);
  } catch (error) {
    if (error instanceof StoreError) throw ledgerFailure(error, servers);
    throw error;
  } finally {
    await client.close();
  }
}

/** What a failed request is to a command. */
export function ledgerFailure(error: StoreError, { addresses }: LedgerServers): CommandFailure {
  if (error.code !== "not-found") return callFailure(error);
  const words = `${error.message} (${listed(addresses)}): synod kv speaks to a key-value store, synod chat to a chat`;
  return new CommandFailure(ExitCode.failure, "not-a-ledger", words);
}
