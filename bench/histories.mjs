/** How the time of a linearizability check grows with operations and clients, on one key and on ten. */
import { checkHistory, HistoryReader, sampleHistory } from "@synod/simulator";
import { inTurn, median, printTable } from "./measure.mjs";

const ROUNDS = 5;
const MEMORY_BYTES = 512 * 2 ** 20;
/** A check that takes longer is given up, and shown as such. */
const MOST_MS = 10_000;

const STORES = [
  ["register, values written once, 1 key", { model: "register", keys: 1, values: 0 }],
  ["register, 5 values and cas, 1 key", { model: "register", keys: 1, values: 5 }],
  ["register, 5 values and cas, 10 keys", { model: "register", keys: 10, values: 5 }],
  ["key-value, texts written once, 1 key", { model: "key-value", keys: 1, values: 0 }],
  ["key-value, texts written once, 10 keys", { model: "key-value", keys: 10, values: 0 }],
  ["key-value, 3 texts, 10 keys", { model: "key-value", keys: 10, values: 3 }],
];

const SIZES = [
  [1_000, 10],
  [1_000, 50],
  [10_000, 10],
  [10_000, 50],
  [50_000, 50],
];

/** Milliseconds from the first line to the verdict. Each round has a history of its own. */
function check(store, operations, clients, seed) {
  const lines = sampleHistory({ ...store, operations, clients, seed });
  const begin = performance.now();
  const reader = new HistoryReader(store.model);
  for (const line of lines) reader.add(line);
  const computation = checkHistory(reader.end(), { memoryBytes: MEMORY_BYTES });
  let next = computation.next("go on");
  while (!next.done) next = computation.next(performance.now() - begin < MOST_MS ? "go on" : "stop");
  return { ms: performance.now() - begin, verdict: next.value.verdict };
}

export async function benchHistories() {
  const rows = [];
  for (const [name, store] of STORES) {
    for (const [operations, clients] of SIZES) {
      let seed = 0;
      const { linearizable, violation } = await inTurn(ROUNDS, {
        linearizable: () => check(store, operations, clients, ++seed),
        violation: () => check({ ...store, stalePerThousand: 10 }, operations, clients, ++seed),
      });
      rows.push([name, operations, clients, told(linearizable), told(violation)]);
    }
  }
  printTable(
    "Checking a history, ms from its first line to the verdict (and what explains it)",
    ["", "operations", "clients", "of a sound store", "with stale reads"],
    rows,
  );
}

function told(rounds) {
  const unknown = rounds.filter(({ verdict }) => verdict === "unknown").length;
  const ms = Math.round(median(rounds.map((round) => round.ms)));
  return unknown === 0 ? `${ms}` : `${ms} (${unknown} of ${rounds.length} unknown)`;
}
