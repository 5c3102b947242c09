/** What a message of the chat, its push to the recipient and a login take: five nodes, on each engine. */
import { connectChat } from "@synod/client";
import { startChat } from "./kv/paxos-cluster.mjs";
import { cpuOf } from "./kv/process-cost.mjs";
import { withCluster } from "./kv/running.mjs";
import { median, printTable, progress } from "./measure.mjs";

const PASSWORD = "correct horse";
const SECONDS = 3;
const SENDERS = 16;

export async function benchChat() {
  const rows = [];
  for (const engine of ["raft", "paxos"]) {
    progress(`the chat on ${engine}`);
    await withCluster(
      () => startChat(engine),
      async (cluster) => {
        for (const [what, result] of await measure(cluster)) rows.push([engine, what, ...result]);
      },
    );
  }
  progress("");
  const header = [
    "",
    "",
    "a second",
    "p50, ms",
    "p99, ms",
    "messages between nodes",
    "syncs of all nodes",
    "CPU of all nodes, ms",
  ];
  printTable(`The chat on five nodes (${SECONDS} s each)`, header, rows);
}

async function measure(cluster) {
  const at = (place) => cluster.members[place % cluster.members.length].url;
  const users = Array.from({ length: SENDERS + 1 }, (_, number) => `user${number}`);
  for (const user of users) await post(at(0), "/chat/accounts", { user, password: PASSWORD });
  const logIn = (user, url) => post(url, "/chat/logins", { user, password: PASSWORD });
  const tokens = await Promise.all(users.map(async (user, place) => (await logIn(user, at(place))).token));
  const send = (place) => post(at(place), "/chat/messages", { to: "user0", text: "x".repeat(100) }, tokens[place]);
  const one = await repeated(cluster, 1, () => send(1));
  const many = await repeated(cluster, SENDERS, (caller) => send(caller + 1));
  const push = await pushed(at(2), tokens[0], () => send(1));
  const login = await repeated(cluster, 1, () => logIn("user0", at(0)));
  const logins = await repeated(cluster, 4, (caller) => logIn(`user${caller}`, at(caller)));
  return [
    ["messages, 1 sender", one],
    [`messages, ${SENDERS} senders`, many],
    ["from sending to the recipient's stream at another node", push],
    ["logins, 1 at a time", login],
    ["logins, 4 at a time at 4 nodes", logins],
  ];
}

/** So many callers do it again and again. */
async function repeated(cluster, callers, work) {
  const times = [];
  const costs = [];
  const [cpu, syncs] = [cpuOfAll(cluster), await cluster.syncs()];
  const begin = performance.now();
  const caller = async (_, number) => {
    for (let from = performance.now(); from < begin + SECONDS * 1000; from = performance.now()) {
      const { cost } = await work(number);
      costs.push(cost.messages / Math.max(1, cost.sharedBy));
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const rate = (times.length * 1000) / (performance.now() - begin);
  const synced = ((await cluster.syncs()) - syncs) / times.length;
  const cpuMs = (cpuOfAll(cluster) - cpu) / 1000 / times.length;
  const messages = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  return [rate.toFixed(0), ...percentiles(times), messages.toFixed(1), synced.toFixed(2), cpuMs.toFixed(1)];
}

/** How long it is from before a message is sent until its recipient is told, one message after the other. */
async function pushed(url, token, send) {
  const client = connectChat({ servers: [url] });
  const login = await client.resume(token);
  const events = login.events();
  const times = [];
  await events.started;
  for (const end = performance.now() + SECONDS * 1000; performance.now() < end; ) {
    const from = performance.now();
    const sent = send();
    await events.next();
    times.push(performance.now() - from);
    await sent;
  }
  await events.return();
  await client.close();
  return ["", ...percentiles(times), "", "", ""];
}

/** Microseconds since they started. */
function cpuOfAll({ members }) {
  return members.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
}

function percentiles(times) {
  const sorted = times.sort((one, other) => one - other);
  return [median(sorted), sorted[Math.floor(sorted.length * 0.99)]].map((ms) => ms.toFixed(1));
}

async function post(url, path, body, token) {
  const login = token === undefined ? {} : { "synod-login": token };
  const headers = { "content-type": "application/json", ...login };
  const answer = await fetch(url + path, {
    method: "POST",
    headers,
    body: JSON.stringify({ ...body, timeout_ms: 30_000 }),
  });
  if (answer.status === 200) return answer.json();
  throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}
