import { isIPv6 } from "node:net";
import type { AcceptorServer, AcceptorServerOptions } from "@synod/acceptor-server";
import { type Address, defaultAcceptorAddress, formatAddress, MOST_SERVERS } from "@synod/api";
import { runningAcceptor } from "../acceptor-process.js";
import {
  addressOf,
  idsUpTo,
  knownServerCount,
  POOL_ID_OPTION,
  POOL_OPTIONS,
  type PoolSettings,
  poolSettings,
} from "../pool-settings.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { endGracefully } from "../terminal/graceful-end.js";
import { duration, text, wholeNumber } from "../terminal/option-values.js";
import { LOG_LEVEL_OPTION, logToStdout } from "../terminal/server-log.js";
import type { Terminal } from "../terminal/terminal.js";

export const acceptorRun: Command = {
  usage: "acceptor run",
  summary: "Run one acceptor in the foreground, until Ctrl-C",
  examples: [
    ["acceptor-server --id 1 --server-count 3", "the first acceptor of three, on 127.0.0.1:5001"],
    ["synod acceptor run --id 1 --server-count 3", "the same"],
  ],
  options: {
    id: {
      type: "string",
      demandOption: true,
      describe: "Which server of the pool this is, 1..server-count",
      coerce: wholeNumber("--id", 1, MOST_SERVERS),
    },
    port: {
      type: "string",
      describe: "The port to listen on (default 5000 + id, or that of --servers; 0: any free one)",
      coerce: wholeNumber("--port", 0, 65535),
    },
    listen: {
      type: "string",
      describe: "The address to listen on (default 127.0.0.1); another machine's reach needs a shared secret",
      coerce: text("--listen"),
    },
    "peer-timeout": {
      type: "string",
      default: "1s",
      describe: "How long another server may take to tell its state",
      coerce: duration("--peer-timeout"),
    },
    ...LOG_LEVEL_OPTION,
    ...POOL_ID_OPTION,
    ...POOL_OPTIONS,
  },
  run: runAcceptor,
};

async function runAcceptor(args: Arguments, terminal: Terminal): Promise<Result> {
  const settings = poolSettings(args, terminal);
  const options = serverOptions(args, settings);
  // Loaded here, so that no other command pays for it.
  const [{ startAcceptor }, { pino }] = await Promise.all([import("@synod/acceptor-server"), import("pino")]);
  const log = logToStdout(args["log-level"]);
  const logger = pino({ level: log.level, base: { server: options.serverId } }, log);
  let server: AcceptorServer | null = null;
  const end = await endGracefully(terminal, logger, async () => server?.close());
  try {
    server = await startAcceptor({ ...options, logger });
  } catch (error) {
    end.cancel();
    if (isKnown(error)) throw couldNotStart(error, options.serverId, settings);
    throw error;
  }
  if (server.tornTail) logger.warn(server.tornTail, "a torn tail was cut off");
  tellWhere(server, terminal);
  // From here on signals end the process, when the server has finished.
  return new Promise(() => {});
}

function tellWhere({ identity, address, folder, tornTail }: AcceptorServer, terminal: Terminal): void {
  const { serverId, serverCount } = identity;
  const place = `http://${formatAddress(address)}`;
  terminal.note(`acceptor ${serverId} of ${serverCount} listens on ${place}; its state is in ${folder}`);
  if (!tornTail) return;
  const { file, offset, bytes } = tornTail;
  terminal.note(
    `${file}: the last flush before the crash was not finished: ${bytes} bytes at offset ${offset} were cut off. Nobody ` +
      "had an answer that rests on them, unless the disk itself lost what it had synced (see docs/divergence.md).",
  );
}

/** @throws {UsageError} if what was said does not fit together */
function serverOptions(args: Arguments, settings: PoolSettings): AcceptorServerOptions {
  const serverCount = knownServerCount(settings);
  const serverId = args["id"] as number;
  if (serverId > serverCount) throw new UsageError(`--id is ${serverId}, but the pool's servers are 1..${serverCount}`);
  const addresses = idsUpTo(serverCount).map((id) => addressOf(settings, id));
  addresses[serverId - 1] = ownAddress(args, addresses[serverId - 1] ?? defaultAcceptorAddress(serverId));
  return {
    serverId,
    serverCount,
    addresses,
    home: settings.folder.home,
    listen: args["listen"] as string | undefined,
    secret: settings.secret,
    poolId: args["pool-id"] as string | undefined,
    peerTimeoutMs: args["peer-timeout"] as number,
  };
}

function ownAddress(args: Arguments, address: Address): Address {
  const port = (args["port"] as number | undefined) ?? address.port;
  const listen = args["listen"] as string | undefined;
  if (listen !== undefined && !isIPv6(listen) && !/^[A-Za-z0-9._-]+$/.test(listen)) {
    throw new UsageError(`--listen must be an address or a host name, not "${listen}"`);
  }
  return { host: address.host, port };
}

/** Errors of starting whose message says all there is to say. */
const KNOWN = new Set(["CannotStart", "JournalError", "StoreRefused", "PoolFolderError"]);

function isKnown(error: unknown): error is Error {
  return error instanceof Error && KNOWN.has(error.name);
}

/** The failure, and what a person can do about it here. */
function couldNotStart(error: Error, serverId: number, { folder }: PoolSettings): CommandFailure {
  const code = codeOf(error);
  const holder = code === "journal-locked" ? runningAcceptor(folder, serverId) : null;
  const who = holder ? ` It is process ${holder.pid}, at ${formatAddress(holder.address)}.` : "";
  const wipe =
    code === "journal-damaged" || code === "journal-missing"
      ? ` To go on without what this server knew, which can lose a chosen value: synod acceptor reset ${serverId} --forget-promises`
      : "";
  return new CommandFailure(ExitCode.failure, code, `${error.message}${who}${wipe}`, { cause: error });
}

function codeOf(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name === "CannotStart" ? "cannot-start" : "store-refused";
}
