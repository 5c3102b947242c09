import { isIPv6 } from "node:net";
import type { AcceptorServer } from "@synod/acceptor-server";
import { type Address, defaultAcceptorAddress, formatAddress, MOST_SERVERS } from "@synod/api";
import { addressOf, idsUpTo, knownServerCount, POOL_OPTIONS, poolSettings } from "../pool-settings.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration, text, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** How long a server that is asked to stop may take to finish what is under way, in milliseconds. */
const STOP_WITHIN_MS = 5000;

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
    "log-level": {
      choices: ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
      default: "info",
      describe: "The least level that is logged, as JSON lines on stdout",
    },
    ...POOL_OPTIONS,
  },
  run: runAcceptor,
};

async function runAcceptor(args: Arguments, terminal: Terminal): Promise<Result> {
  const server = await start(args, terminal);
  const { serverId, serverCount } = server.identity;
  const place = `http://${formatAddress(server.address)}`;
  terminal.note(`acceptor ${serverId} of ${serverCount} listens on ${place}; its state is in ${server.folder}`);
  if (server.tornTail) {
    const { file, offset, bytes } = server.tornTail;
    terminal.note(
      `${file}: the last flush before the crash was not finished; ${bytes} bytes at offset ${offset} were cut off. ` +
        "Nobody had an answer that rests on them.",
    );
  }
  await untilStopped(server);
  return { exitCode: terminal.interrupted.aborted ? ExitCode.interrupted : ExitCode.done };
}

async function start(args: Arguments, terminal: Terminal): Promise<AcceptorServer> {
  const settings = poolSettings(args, terminal);
  const { secret } = settings;
  const serverCount = knownServerCount(settings);
  const serverId = args["id"] as number;
  if (serverId > serverCount) throw new UsageError(`--id is ${serverId}, but the pool's servers are 1..${serverCount}`);
  const addresses = idsUpTo(serverCount).map((id) => addressOf(settings, id));
  addresses[serverId - 1] = ownAddress(args, addresses[serverId - 1] ?? defaultAcceptorAddress(serverId));

  // Loaded here, so that no other command pays for it.
  const [{ startAcceptor }, { pino }] = await Promise.all([import("@synod/acceptor-server"), import("pino")]);
  const logger = pino({ level: args["log-level"] as string, base: { server: serverId } });
  try {
    return await startAcceptor({
      serverId,
      serverCount,
      addresses,
      home: (args["home"] as string | undefined) ?? (terminal.env["SYNOD_HOME"] || undefined),
      listen: args["listen"] as string | undefined,
      secret,
      peerTimeoutMs: args["peer-timeout"] as number,
      logger,
    });
  } catch (error) {
    if (isKnown(error)) throw new CommandFailure(ExitCode.failure, codeOf(error), error.message, { cause: error });
    throw error;
  }
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

function codeOf(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name === "CannotStart" ? "cannot-start" : "store-refused";
}

/** Waits for SIGTERM or SIGINT, then finishes what is under way, within a bound. */
async function untilStopped(server: AcceptorServer): Promise<void> {
  const { default: closeWithGrace } = await import("close-with-grace");
  await new Promise<void>((resolve) => {
    closeWithGrace({ delay: STOP_WITHIN_MS, logger: false }, async ({ err, signal }) => {
      if (err) process.stderr.write(`${err.stack ?? err.message}\n`);
      await server.close();
      if (signal === "SIGINT") process.exit(ExitCode.interrupted);
      resolve();
    });
  });
}
