/** What a gateway does with ten times the clients that bring it to its best rate, who ask again as soon as they are answered. */
import { connect } from "node:net";
import { cpuOf } from "../kv/process-cost.mjs";
import { median, printTable, progress } from "../measure.mjs";

const BEST = 256;
const MANY = 2560;
const ROUNDS = 3;
const WARM_UP_MS = 2500;
const ROUND_MS = 6000;
/** As many as the gateway takes up at once while it is busy. */
const OPENED_TOGETHER = 50;

/** @returns what is wrong, in words: nothing if it goes on at its best */
export async function overload(cluster) {
  const results = { [BEST]: [], [MANY]: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    for (const clients of [BEST, MANY]) {
      progress(`round ${round} of ${ROUNDS}: ${clients} clients`);
      results[clients].push(await hammer(cluster, clients));
    }
  }
  progress("");
  const rows = Object.entries(results).map(([clients, rounds]) => {
    const middle = (field) => median(rounds.map((round) => round[field])).toFixed(0);
    return [
      clients,
      middle("written"),
      middle("refused"),
      middle("other"),
      middle("p50"),
      middle("p99"),
      middle("cpu"),
    ];
  });
  const header = [
    "clients",
    "puts a second",
    "refused a second",
    "other answers",
    "p50, ms",
    "p99, ms",
    "CPU a put, µs",
  ];
  printTable("More than it can do, kv-compact", header, rows);
  const ratio = median(results[MANY].map(({ written }, round) => written / results[BEST][round].written));
  process.stdout.write(`\n${MANY} / ${BEST} clients = ${ratio.toFixed(2)} of the puts (aim: at least 0.8)\n`);
  return ratio >= 0.8 ? [] : [`only ${ratio.toFixed(2)} of the best rate is left when there is more to do`];
}

async function hammer(cluster, clients) {
  const { url } = cluster.members[await cluster.leader()] ?? cluster.members[0];
  const seen = { answers: new Map(), times: [] };
  const sockets = await openAll(Number(new URL(url).port), clients, seen);
  await pause(WARM_UP_MS);
  [seen.answers, seen.times] = [new Map(), []];
  const before = cpuOfAll(cluster);
  const begin = performance.now();
  await pause(ROUND_MS);
  const seconds = (performance.now() - begin) / 1000;
  const { answers, times } = seen;
  const cpu = cpuOfAll(cluster) - before;
  for (const socket of sockets) socket.destroy();
  await pause(1000);
  const count = (status) => answers.get(status) ?? 0;
  const all = [...answers.values()].reduce((sum, number) => sum + number, 0);
  const sorted = times.sort((one, other) => one - other);
  return {
    written: count("200") / seconds,
    refused: count("503") / seconds,
    other: all - count("200") - count("503"),
    p50: sorted[sorted.length >> 1] ?? Number.NaN,
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    cpu: cpu / count("200"),
  };
}

/** Opens them a few at a time, so that none is dropped; then all of them begin. */
async function openAll(port, count, seen) {
  const sockets = [];
  while (sockets.length < count) {
    const some = Math.min(OPENED_TOGETHER, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => open(port)))));
  }
  sockets.forEach((socket, place) => {
    let sent = performance.now();
    const ask = () => {
      sent = performance.now();
      socket.write(put(place));
    };
    // Each answer is short, and comes in one piece.
    socket.on("data", (answer) => {
      const status = answer.toString("latin1", 9, 12);
      seen.answers.set(status, (seen.answers.get(status) ?? 0) + 1);
      if (status === "200") seen.times.push(performance.now() - sent);
      ask();
    });
    ask();
  });
  return sockets;
}

function open(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.on("error", reject);
  });
}

const BODY = JSON.stringify({ value: "x".repeat(100) });

function put(place) {
  const key = `key${String((place % 1000) + 1).padStart(13, "0")}`;
  return `PUT /kv/${key} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
}

function cpuOfAll({ members }) {
  return members.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
