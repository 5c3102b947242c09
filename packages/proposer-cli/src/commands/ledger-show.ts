import { formatAddress, type TentativeReply } from "@synod/api";
import { NoAnswer, ProblemAnswer } from "@synod/client";
import { chainPage, MOST_DRAWN } from "../chain/chain-page.js";
import { chainLines } from "../chain/chain-text.js";
import { folderSources } from "../chain/folder-source.js";
import { noChain, type Silent } from "../chain/no-chain.js";
import { askServer, serverSource } from "../chain/server-source.js";
import { type Part, type ShownChain, shownBlocks } from "../chain/shown-chain.js";
import { CHAIN_OPTIONS, chosenServers } from "../chain/which-servers.js";
import type { Arguments, Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";
import { name, text, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";
import { openWholeFile } from "../whole-file.js";

/** Blocks that are shown if nobody says how many. */
const USUAL_LIMIT = 20;
const MOST_LIMIT = 1_000_000;

export const ledgerShow: Command = {
  usage: "ledger show",
  summary: "Draw a ledger's chain, as one of its servers holds it",
  examples: [
    ["synod ledger show", "the last 20 blocks of the first server that answers, and what is tentative there"],
    ["synod ledger show --from 1 --limit 100", "the first hundred"],
    ["synod ledger show --html chain.html", "a page that stands alone, on which a broken block is seen at once"],
    ["synod ledger show --data .synod/clusters/ledger/server1", "from a server's files, also while it is down"],
  ],
  options: {
    from: {
      type: "string",
      describe: "The height of the first block to show (default: the last ones are shown)",
      coerce: wholeNumber("--from", 1, Number.MAX_SAFE_INTEGER),
    },
    limit: {
      type: "string",
      describe: `Blocks at most (default ${USUAL_LIMIT}; with --html ${MOST_DRAWN})`,
      coerce: wholeNumber("--limit", 1, MOST_LIMIT),
    },
    html: { type: "string", describe: "Write a page that stands alone to this file instead", coerce: name("--html") },
    data: { type: "string", describe: "The folder of a server, in place of one that runs", coerce: text("--data") },
    ...CHAIN_OPTIONS,
  },
  run: async (args, terminal) => {
    const { data, servers, server } = args;
    if (data !== undefined && (servers !== undefined || server !== undefined)) {
      throw new UsageError("--data looks at files: it goes with neither --servers nor --server");
    }
    const html = args["html"] as string | undefined;
    const page = html === undefined ? null : openWholeFile(html);
    try {
      const chain = await (data === undefined ? fromServers(args, terminal) : fromFolder(args));
      tellOfTheRest(chain, page !== null, terminal);
      page?.write(chainPage(chain));
      if (!page) for (const line of chainLines(chain, terminal.colors)) terminal.line(line);
      const isRight = chain.blocks.every(({ problems }) => problems.length === 0);
      const document = { ...chain, warnings: terminal.warnings };
      return { exitCode: isRight ? ExitCode.done : ExitCode.safetyViolated, document };
    } finally {
      page?.abandon();
    }
  },
};

function partOf({ from, limit, html }: Arguments): Part {
  const usual = html === undefined ? USUAL_LIMIT : MOST_DRAWN;
  return { from: from as number | undefined, limit: (limit as number | undefined) ?? usual };
}

async function fromFolder(args: Arguments): Promise<ShownChain> {
  const [source, ...others] = folderSources(args["data"] as string, undefined);
  if (!source || others.length > 0) {
    throw new UsageError(`${args["data"]} has several chains: name the folder of one server`);
  }
  return { ...(await shownBlocks(source, partOf(args), await import("@synod/state-machines"))), tentative: null };
}

/** The chain of the first server that answers. */
async function fromServers(args: Arguments, terminal: Terminal): Promise<ShownChain> {
  const servers = chosenServers(args, terminal);
  const call = { servers, timeoutMs: args["timeout"] as number, signal: terminal.interrupted };
  const silent: Silent[] = [];
  for (const address of servers.addresses) {
    try {
      const source = await serverSource(address, call);
      const shown = await shownBlocks(source, partOf(args), await import("@synod/state-machines"));
      const { entries } = await askServer<TentativeReply>(address, "/ledger/tentative", call);
      // What comes after the chain's end is shown where its end is.
      const isEnd = (shown.blocks.at(-1)?.height ?? 0) >= shown.height;
      return { ...shown, tentative: isEnd ? entries : [] };
    } catch (error) {
      terminal.interrupted.throwIfAborted();
      if (!(error instanceof NoAnswer || error instanceof ProblemAnswer)) throw error;
      silent.push({ place: `http://${formatAddress(address)}`, error });
    }
  }
  throw noChain(silent);
}

function tellOfTheRest({ server, height, blocks }: ShownChain, isPage: boolean, terminal: Terminal): void {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (!first || !last) {
    const whose = `the chain of ${legible(server)}`;
    terminal.note(height === 0 ? `${whose} is empty` : `${whose} has ${height} blocks`);
    return;
  }
  if (isPage && blocks.length > MOST_DRAWN) {
    terminal.warn(`a page has room for ${MOST_DRAWN} blocks: the first ${blocks.length - MOST_DRAWN} are left out`);
  }
  if (blocks.length === height) return;
  terminal.note(
    `blocks ${first.height} to ${last.height} of ${height}, from ${legible(server)}; --from and --limit show others`,
  );
}
