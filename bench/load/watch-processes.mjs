/** What processes hold while they are under load: memory, journals, and how often the log was truncated. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const EVERY_MS = 1000;
const ANSWERED = /^synod_requests_total\{route="\/kv\/\*",status="\d+"\} (\d+)/gm;
const PROBLEMS = /^synod_problems_total\{code="([^"]*)"\} (\d+)/gm;

/**
 * Looks at the members of a cluster once a second until it is stopped.
 *
 * @param members name and pid of each, and the URLs of its gateway and its acceptor
 * @param home the folder with all that they keep
 */
export function watchProcesses(members, home) {
  const begin = performance.now();
  const seen = members.map(({ name }) => ({
    name,
    rss: [],
    heap: [],
    answered: [],
    problems: new Map(),
    journals: 0,
    truncations: 0,
    truncated: 0,
  }));
  let stopped = false;
  const ended = look();
  return {
    /**
     * @returns what was seen of each: `rss`, `heap` (bytes) and `answered` (requests for keys) are pairs of seconds since
     * the beginning and a number, `problems` are counts by the error's code
     */
    async stop() {
      stopped = true;
      await ended;
      return seen;
    },
  };

  async function look() {
    while (!stopped) {
      const seconds = (performance.now() - begin) / 1000;
      await Promise.all(members.map((member, place) => lookAt(member, seen[place], seconds)));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  async function lookAt({ name, pid, gateway, acceptor }, one, seconds) {
    one.rss.push([seconds, residentBytes(pid)]);
    one.journals = Math.max(one.journals, journalBytes(join(home, "clusters", "kv-compact", name)));
    const metrics = await textAt(`${gateway}/metrics`);
    if (metrics !== "") {
      const at = (performance.now() - begin) / 1000;
      one.heap.push([at, Number(/^nodejs_heap_size_used_bytes (\d+)/m.exec(metrics)?.[1])]);
      one.answered.push([at, answeredIn(metrics)]);
      for (const [, code, count] of metrics.matchAll(PROBLEMS)) one.problems.set(code, Number(count));
    }
    const { truncatedThrough = 0 } = JSON.parse((await textAt(`${acceptor}/status`)) || "{}");
    if (truncatedThrough > one.truncated) one.truncations++;
    one.truncated = truncatedThrough;
  }
}

/** How many requests for keys were answered so far. */
function answeredIn(metrics) {
  return [...metrics.matchAll(ANSWERED)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** A server under load may be late: then this look has a gap. */
async function textAt(url) {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
  } catch {
    return "";
  }
}

function residentBytes(pid) {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return Number.NaN;
  }
}

function journalBytes(folder) {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.startsWith("journal")) continue;
    // A checkpoint may replace it between the two looks.
    sum += statSync(join(entry.parentPath ?? entry.path, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return sum;
}
