/** How long nobody can write after kill -9 of the leader. */
const TRY_MS = 100;
const PAUSE_MS = 2;
const MOST_MS = 20_000;

const PUT = () => ["PUT", "/kv/after", { value: "x".repeat(100) }];

const REQUESTS = {
  paxos: PUT,
  raft: PUT,
  etcd: () => ["POST", "/v3/kv/put", { key: "YWZ0ZXI=", value: "eHh4eHh4eHg=" }],
};

/** Kills the leader. @returns milliseconds until a write succeeds at one of the others, each asked again and again */
export async function firstWriteAfterKill({ target, members, leader }) {
  const leads = await leader();
  if (leads < 0) throw new Error(`${target} has no leader to kill`);
  const survivors = members.filter((_, place) => place !== leads);
  for (const { url } of survivors) if (!(await write(target, url, 5000))) throw new Error(`${url} does not write`);
  const begin = performance.now();
  process.kill(members[leads].pid, "SIGKILL");
  let done = false;
  const insist = async ({ url }) => {
    while (!done && performance.now() - begin < MOST_MS) {
      if (await write(target, url, TRY_MS)) {
        done = true;
        return performance.now() - begin;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return Number.POSITIVE_INFINITY;
  };
  return Math.min(...(await Promise.all(survivors.map(insist))));
}

async function write(target, url, timeoutMs) {
  const [method, path, body] = REQUESTS[target]();
  try {
    const answer = await fetch(url + path, {
      method,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
