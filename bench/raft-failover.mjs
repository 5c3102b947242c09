/**
 * How long nobody can write after kill -9 of Raft's leader: five servers under load, the leader killed again and again and
 * brought back. At the end everything that was acknowledged has to be there.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connectStore } from "@synod/client";
import { firstWriteAfterKill } from "./kv/first-write.mjs";
import { startRaft } from "./kv/paxos-cluster.mjs";
import { withCluster } from "./kv/running.mjs";
import { printTable, progress } from "./measure.mjs";

const CALLERS = 16;

/** How long the cluster runs between one kill and the next, in milliseconds. */
const BETWEEN_MS = 1000;

/** @param words `--kills N`: how many; 50 unless given */
export async function benchRaftFailover(words = []) {
  const kills = killsIn(words);
  const { times, writes, failed, lost } = await withCluster(startRaft, (cluster) => measure(cluster, kills));
  times.sort((one, other) => one - other);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(0);
  const row = [times.length, at(0), at(0.5), at(0.9), at(1), times.filter((ms) => ms > 1000).length];
  const header = ["kills", "shortest, ms", "p50", "p90", "longest", "over a second"];
  printTable("First write after kill -9 of the leader, five servers of Raft under load", header, [row]);
  process.stdout.write(`\n${writes} writes acknowledged, ${failed} failed or unknown, ${lost.length} lost\n`);
  for (const { key, acknowledged, found } of lost) {
    process.stdout.write(`LOST: ${key} is ${found}, and ${acknowledged} was acknowledged\n`);
    process.exitCode = 1;
  }
}

async function measure(cluster, kills) {
  const load = startLoad(cluster.members.map(({ url }) => url));
  const times = [];
  try {
    while (times.length < kills) {
      await delay(BETWEEN_MS);
      const place = await leaderOf(cluster);
      const ms = await firstWriteAfterKill({ ...cluster, leader: async () => place });
      times.push(ms);
      progress(`kill ${times.length} of ${kills}: ${ms.toFixed(0)} ms`);
      await cluster.recover(cluster.members[place].name);
    }
  } finally {
    await load.end();
    progress("");
  }
  const lost = await load.lost();
  await load.close();
  return { times, ...load.counts, lost };
}

/** Waits until somebody leads: whoever was killed before may have led for a moment only. */
async function leaderOf(cluster) {
  for (;;) {
    const place = await cluster.leader().catch(() => -1);
    if (place >= 0) return place;
    await delay(50);
  }
}

/** Callers that count upwards, each in a key of its own, until they are told to end. */
function startLoad(servers) {
  const store = connectStore({ servers });
  const counts = { writes: 0, failed: 0 };
  const acknowledged = Array.from({ length: CALLERS }, () => 0);
  let goesOn = true;
  const caller = async (_, number) => {
    for (let next = 1; goesOn; next++) {
      try {
        await store.put(`caller${number}`, String(next));
        acknowledged[number] = next;
        counts.writes++;
      } catch {
        // Whether it happened or not, the next number is higher.
        counts.failed++;
      }
    }
  };
  const callers = Array.from({ length: CALLERS }, caller);
  return {
    counts,
    async end() {
      goesOn = false;
      await Promise.all(callers);
    },
    /** What is read is what was acknowledged last, or a later write that nobody had an answer for. */
    async lost() {
      const found = await Promise.all(
        acknowledged.map(async (_, number) =>
          Number((await store.get(`caller${number}`, { consistency: "strong" }))?.value ?? 0),
        ),
      );
      return acknowledged.flatMap((number, place) =>
        found[place] < number ? [{ key: `caller${place}`, acknowledged: number, found: found[place] }] : [],
      );
    },
    close: () => store.close(),
  };
}

function killsIn(words) {
  const { values } = parseArgs({ args: words, options: { kills: { type: "string", default: "50" } } });
  const kills = Number(values.kills);
  if (Number.isInteger(kills) && kills >= 1) return kills;
  process.stderr.write(`--kills is a whole number above 0, not ${values.kills}\n`);
  process.exit(2);
}
