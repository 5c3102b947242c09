/**
 * Two workers share out jobs by a counter: each number is taken by one of them. It needs a cluster:
 * `synod cluster start kv-compact`.
 *
 *     node examples/job-counter.mjs [server ...]
 */
import { connectStore } from "@synod/client";

const JOBS = 20;
const COUNTER = "jobs/next";
const named = process.argv.slice(2);
const servers = named.length > 0 ? named : ["http://127.0.0.1:8000"];

/** Takes the next number: if somebody else was quicker, looks again and takes the one after. */
async function takeJob(store) {
  for (;;) {
    const next = await store.get(COUNTER);
    const job = Number(next?.value ?? 0);
    if (job >= JOBS) return null;
    const expectation = next === null ? { expected: null } : { expectedRevision: next.revision };
    const { succeeded } = await store.compareAndSet(COUNTER, expectation, String(job + 1));
    if (succeeded) return job;
  }
}

async function worker() {
  const store = connectStore({ servers });
  const done = [];
  for (let job = await takeJob(store); job !== null; job = await takeJob(store)) done.push(job);
  await store.close();
  return done;
}

const store = connectStore({ servers });
await store.delete(COUNTER);
const [one, two] = await Promise.all([worker(), worker()]);
await store.close();

console.log(`worker 1 did ${one.length} jobs, worker 2 did ${two.length}`);
const all = [...one, ...two].sort((a, b) => a - b);
console.log(
  all.every((job, place) => job === place) ? `each of the ${all.length} jobs was done once` : "something is wrong",
);
