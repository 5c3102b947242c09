import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ClusterFolder } from "@synod/replica-server/topology";
import { runningProcess } from "../background-process.js";
import { withClusterFolder } from "../cluster/settings.js";
import { UsageError } from "../terminal/exit-code.js";
import { allPages } from "./map-pages.js";
import { type RecordLine, recordLines } from "./record-lines.js";
import type { ChainSource } from "./source.js";

/** In the folder of a learner. */
const CHAIN_FILE = join("chain", "blocks.jsonl");

const UNFINISHED =
  "its record is unfinished: a crash while it was written, or damage. Its server cuts it off when it starts, and takes the block " +
  "from the log again";

const BEING_WRITTEN = "its record is unfinished: its server runs, and may be writing it just now";

/**
 * The chains in a folder: of a server's, one; of a cluster's, that of each server.
 *
 * @param asked the ledger's difficulty, if somebody says it; else the cluster's record does, and 0 is assumed without one
 * @throws {UsageError} if there is none
 */
export function folderSources(folder: string, asked: number | undefined): ChainSource[] {
  const nodes = existsSync(join(folder, "cluster.json"))
    ? readdirSync(folder)
        .map((name) => join(folder, name))
        .filter((one) => existsSync(join(one, "learner")))
    : [folder];
  const sources = nodes.flatMap((node) => nodeSource(resolve(node), asked) ?? []);
  if (sources.length > 0) return sources;
  throw new UsageError(
    `${folder} holds no chain: name a server's folder, such as .synod/clusters/ledger/server1, or that of the cluster`,
  );
}

function nodeSource(node: string, asked: number | undefined): ChainSource | null {
  const learner = [join(node, "learner"), node].find((one) => existsSync(join(one, "chain")));
  if (learner === undefined) return null;
  const own = learner === node ? dirname(node) : node;
  const file = join(learner, CHAIN_FILE);
  const difficulty = asked ?? difficultyBeside(own) ?? 0;
  const isLive = runningProcess(join(own, "node.pid")) !== null;
  return {
    name: basename(own),
    place: file,
    difficulty,
    height: () => countIn(file),
    lines: (from) => linesFrom(file, from),
    pages: () => snapshotPages(learner, difficulty),
    isLive,
    unfinished: isLive ? { isProblem: false, what: BEING_WRITTEN } : { isProblem: true, what: UNFINISHED },
  };
}

/** The difficulty of the ledger that this node's folder is a part of; null if nobody says. */
function difficultyBeside(node: string): number | null {
  const cluster = dirname(node);
  // A cluster's folder is <home>/clusters/<name>.
  const folder = new ClusterFolder(basename(cluster), dirname(dirname(cluster)));
  return withClusterFolder(() => folder.read())?.topology.difficulty ?? null;
}

/** Records are found by counting them: where they begin is written nowhere. */
async function* linesFrom(file: string, from: number): AsyncGenerator<readonly RecordLine[]> {
  let before = from - 1;
  for await (const lines of recordLines(contentOf(file))) {
    const skipped = Math.min(before, lines.length);
    before -= skipped;
    yield skipped === 0 ? lines : lines.slice(skipped);
  }
}

async function countIn(file: string): Promise<number> {
  let count = 0;
  for await (const lines of recordLines(contentOf(file))) count += lines.filter(({ isWhole }) => isWhole).length;
  return count;
}

async function* contentOf(file: string): AsyncGenerator<Uint8Array> {
  // Before the first block there is a folder, and no file in it.
  if (statSync(file, { throwIfNoEntry: false })) yield* createReadStream(file, { highWaterMark: 1024 * 1024 });
}

/** The map in the learner's last snapshot. It names the block that it belongs to, and was made when that was in the file. */
async function snapshotPages(learner: string, difficulty: number) {
  const { ledgerInSnapshot } = await import("@synod/replica-server/ledger-snapshot");
  const ledger = await ledgerInSnapshot(learner, difficulty);
  if (ledger === null) return [];
  type Page = Awaited<ReturnType<Parameters<typeof allPages>[0]>>;
  return allPages(async (after) => ledger.read({ type: "map", ...(after === "" ? {} : { after }) }) as Page);
}
