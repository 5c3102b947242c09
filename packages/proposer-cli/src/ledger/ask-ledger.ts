import { type Address, formatAddress } from "@synod/api";
import {
  connectLedger,
  type LedgerAnswer,
  type LedgerClient,
  NoAnswer,
  nodeHttpTransport,
  StoreError,
} from "@synod/client";
import { exchange } from "../http-exchange.js";
import { EXIT_CODES } from "../kv/gateway.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import type { LedgerServers } from "./ledger-servers.js";

/** How long a server may take to show that it is there, in milliseconds. */
const ONE_LOOK_MS = 1000;

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
  await refuseIfNobodyListens(servers, timeoutMs, terminal);
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
export function ledgerFailure({ code, message, definite }: StoreError, { addresses }: LedgerServers): CommandFailure {
  if (!definite) return new CommandFailure(ExitCode.outcomeUnknown, code, message);
  if (code === "unreachable") return new CommandFailure(ExitCode.nobodyReachable, code, message);
  if (code === "timeout") return new CommandFailure(ExitCode.noConsensus, code, message);
  if (code === "not-found") {
    const words = `${message} (${listed(addresses)}): synod kv speaks to a key-value store, synod chat to a chat`;
    return new CommandFailure(ExitCode.failure, "not-a-ledger", words);
  }
  const exitCode = code in EXIT_CODES ? EXIT_CODES[code as keyof typeof EXIT_CODES] : undefined;
  return new CommandFailure(exitCode ?? ExitCode.failure, code, message);
}

/** Where nobody is at all, there is nothing to wait for. @throws {CommandFailure} */
async function refuseIfNobodyListens(
  { addresses, secret }: LedgerServers,
  mostMs: number,
  { interrupted }: Terminal,
): Promise<void> {
  const timeoutMs = Math.min(mostMs, ONE_LOOK_MS);
  const looks = addresses.map(async (address) => {
    try {
      await exchange(address, { path: "/livez", timeoutMs, signal: interrupted, secret });
    } catch (error) {
      // Whoever is slow, or answers nonsense, is there.
      if (error instanceof NoAnswer && error.reason === "refused") throw error;
    }
  });
  try {
    await Promise.any(looks);
  } catch {
    interrupted.throwIfAborted();
    throw new CommandFailure(
      ExitCode.nobodyReachable,
      "unreachable",
      `no server of a ledger listens at ${listed(addresses)}. To start one here: synod cluster start ledger`,
    );
  }
  interrupted.throwIfAborted();
}

function listed(addresses: readonly Address[]): string {
  return addresses.map(formatAddress).join(", ");
}
