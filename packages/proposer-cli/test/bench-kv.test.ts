import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { problem } from "@synod/api";
import { expect, onTestFinished, test } from "vitest";
import { type Answering, fakeServer, refusal } from "./fake-cluster.ts";
import { fakeGateway } from "./fake-gateway.ts";
import { gatewayToMeasure } from "./gateway-to-measure.ts";
import { runCommand } from "./run-command.ts";

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-bench-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const SHORT = ["--keys", "20", "--seed", "7"];

function bench(servers: string, words: readonly string[], more: Parameters<typeof runCommand>[2] = {}) {
  const duration = words.includes("--duration") ? [] : ["--duration", "300ms"];
  const warmUp = words.includes("--warm-up") ? [] : ["--warm-up", "0"];
  return runCommand("synod", ["bench", "kv", "--servers", servers, ...SHORT, ...warmUp, ...duration, ...words], more);
}

test("the document has what was asked for and, of each measurement, rate, percentiles and the distribution", async () => {
  const gateway = await gatewayToMeasure();
  const words = ["--concurrency", "1,4", "--mix", "get=1,put=1", "--json"];
  const { exitCode, stdout } = await bench(gateway.address, words);
  expect(exitCode).toBe(0);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({
    settings: { loop: "closed", concurrency: [1, 4], durationMs: 300, mix: { put: 1, get: 1 }, seed: 7 },
    interrupted: false,
    targets: [{ name: "paxos", runs: [{ concurrency: 1 }, { concurrency: 4 }] }],
    warnings: [],
  });
  for (const { rate, seconds, isWhole, latencies, errors } of document.targets[0].runs) {
    expect([seconds, isWhole, errors]).toEqual([0.3, true, {}]);
    const { put, get } = latencies;
    expect(Math.abs(rate * 0.3 - put.count - get.count)).toBeLessThanOrEqual(5);
    for (const { p50, p99, max, distribution } of [put, get]) {
      expect(p50).toBeGreaterThan(0);
      expect(max).toBeGreaterThanOrEqual(p99);
      expect(distribution.at(-1)).toEqual([100, max]);
    }
  }
});

test("a cluster of one's own is left as it was: only keys of this run are written, and they are removed", async () => {
  const gateway = await gatewayToMeasure();
  gateway.change("greeting", "hello");
  const { exitCode, stderr } = await bench(gateway.address, ["--concurrency", "2"]);
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("warning")]);
  expect([...gateway.store.keys()]).toEqual(["greeting"]);
  const written = gateway.asked.filter(({ method }) => method === "PUT").map((asked) => asked.path);
  expect(written.length).toBeGreaterThan(20);
  for (const one of written) expect(one).toMatch(/^\/kv\/bench-[0-9a-z]{5}-[0-9a-z]{4}$/);
});

test("where the keys cannot be removed, it says which are left, and why in words", async () => {
  const gateway = await fakeGateway();
  const usual = gateway.answering;
  const error = problem("no-quorum", "nothing was written");
  gateway.answering = (asked) =>
    asked.path === "/kv/batch" ? { body: { results: [{ type: "delete", error }], untried: 0 } } : usual(asked);
  const { exitCode, stderr } = await bench(gateway.address, ["--concurrency", "1"]);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/keys that begin with bench-\w{5}- are left at 127\.0\.0\.1:\d+: nothing was written\n/);
});

test("keys are removed at another server where the first does not do it", async () => {
  const [broken, sound] = [await fakeGateway(), await gatewayToMeasure()];
  const { stderr } = await bench(`${broken.address},${sound.address}`, ["--concurrency", "2"]);
  expect(stderr).not.toContain("are left");
  expect([...sound.store.keys()]).toEqual([]);
});

test("keys are removed at another server where the first does not answer", { timeout: 30_000 }, async () => {
  const [silent, sound] = [await gatewayToMeasure(), await gatewayToMeasure()];
  const usual = silent.answering;
  silent.answering = (asked) => (asked.path === "/kv/batch" ? () => {} : usual(asked));
  const { stderr } = await bench(`${silent.address},${sound.address}`, ["--concurrency", "2"]);
  expect(stderr).not.toContain("are left");
  expect([...sound.store.keys()]).toEqual([]);
});

test("the table has a line for each operation of each measurement, and tells errors by their codes", async () => {
  const gateway = await gatewayToMeasure();
  gateway.instead.push(...Array.from({ length: 3 }, () => refusal("overloaded", "too much")));
  const usual = gateway.answering;
  const isPut: Answering = (asked) => (asked.path === "/status" ? { body: { leader: null } } : usual(asked));
  gateway.answering = isPut;
  const { exitCode, stdout } = await bench(gateway.address, ["--concurrency", "1,2"]);
  expect(exitCode).toBe(0);
  const [header, one, two, errors] = stdout.split("\n");
  expect(header).toMatch(/^target +connections +a second +p50 +p90 +p99 +p99.9 +max, ms +errors$/);
  expect(one).toMatch(/^paxos +1 +put +[\d,]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +3$/);
  expect(two).toMatch(/^paxos +2 +put .* 0$/);
  expect(errors).toBe("errors, paxos at 1 connection: 3 overloaded");
});

test("the page holds both curves and every figure, and asks nothing of any network", async () => {
  const [gateway, file] = [await gatewayToMeasure(), path.join(newFolder(), "bench.html")];
  const words = ["--concurrency", "1,4", "--mix", "get=1,put=1", "--html", file, "--json"];
  const { stdout } = await bench(gateway.address, words);
  const page = readFileSync(file, "utf8");
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|https?:\/\/|url\(/);
  const { runs } = JSON.parse(stdout).targets[0];
  for (const { concurrency, rate, latencies } of runs) {
    expect(page).toContain(`>${Math.round(rate).toLocaleString("en-US")}</text>`);
    const [, chart = ""] = page.split(`id="times-chart-${concurrency}"`);
    const [first, second] = [...chart.matchAll(/<polyline points="([^"]*)"/g)].map(([, points = ""]) =>
      points.split(" "),
    );
    // From the fastest to the slowest: a point for each of the distribution, and one at the beginning.
    const counts = Object.values(latencies).map((one) => (one as { distribution: unknown[] }).distribution.length + 1);
    expect([first?.length, second?.length]).toEqual(counts);
  }
});

test("while it runs it says how far it is", async () => {
  const gateway = await gatewayToMeasure();
  const { stderr } = await bench(gateway.address, ["--concurrency", "1", "--duration", "1500ms"], {
    stderrIsTTY: true,
  });
  expect(stderr).toMatch(/paxos, 1 connections: 1\.\d of 1\.5 s, [\d,]+\/s, p99 [\d.]+ ms, no errors/);
});

test("interrupted, it tells what was measured until then, writes the page and exits 130", async () => {
  const [gateway, file] = [await gatewayToMeasure(), path.join(newFolder(), "bench.html")];
  const interruption = new AbortController();
  const words = ["--concurrency", "1,2,3", "--duration", "60s", "--html", file, "--json"];
  const running = bench(gateway.address, words, { interrupted: interruption.signal });
  while (gateway.asked.length < 100) await new Promise((resolve) => setTimeout(resolve, 10));
  interruption.abort();
  const { exitCode, stdout, stderr } = await running;
  expect(exitCode).toBe(130);
  expect(stderr).toContain("interrupted; this is what was measured so far");
  const { interrupted, targets } = JSON.parse(stdout);
  expect(interrupted).toBe(true);
  expect(targets[0].runs).toHaveLength(1);
  expect(targets[0].runs[0]).toMatchObject({ concurrency: 1, isWhole: false });
  expect(targets[0].runs[0].latencies.put.count).toBeGreaterThan(50);
  expect(readFileSync(file, "utf8")).toContain("Interrupted");
  // What was written to a cluster of one's own is removed all the same.
  expect([...gateway.store.keys()]).toEqual([]);
});

test("what it records is a history in which a stale read would show", async () => {
  const [gateway, folder] = [await gatewayToMeasure(), newFolder()];
  const check = (file: string) => runCommand("synod", ["check", "history", file, "--model", "register"]);
  const words = ["--concurrency", "1,4", "--mix", "get=1,put=1", "--record"];
  const [sound, stale] = [path.join(folder, "sound.jsonl"), path.join(folder, "stale.jsonl")];
  expect((await bench(gateway.address, [...words, sound])).exitCode).toBe(0);
  expect((await check(sound)).stdout).toMatch(/^LINEARIZABLE/);
  const usual = gateway.answering;
  gateway.answering = (asked) =>
    asked.method === "GET" && asked.path !== "/status" ? { body: { value: "of another time" } } : usual(asked);
  await bench(gateway.address, [...words, stale]);
  expect((await check(stale)).exitCode).toBe(6);
});

test("a history that was there stays until there is another to put in its place, and is then gone whole", async () => {
  const [gateway, file] = [await gatewayToMeasure(), path.join(newFolder(), "run.jsonl")];
  const before = `${"x".repeat(1_000_000)}\n`;
  writeFileSync(file, before);
  const words = ["--concurrency", "1", "--record", file];
  expect((await bench("127.0.0.1:1", words)).exitCode).not.toBe(0);
  expect(readFileSync(file, "utf8")).toBe(before);
  expect((await bench(gateway.address, words)).exitCode).toBe(0);
  const recorded = readFileSync(file, "utf8");
  expect(recorded).not.toContain("xxx");
  expect(recorded).toMatch(/^\{"process".*"invoke"/);
});

test("a write that was refused is recorded as fail, one whose connection broke as info", async () => {
  const [gateway, file] = [await gatewayToMeasure(), path.join(newFolder(), "run.jsonl")];
  const usual = gateway.answering;
  let puts = 0;
  gateway.answering = (asked) => {
    if (asked.method !== "PUT" || ++puts < 30) return usual(asked);
    return puts === 30 ? refusal("no-quorum", "no") : puts === 31 ? null : usual(asked);
  };
  await bench(gateway.address, ["--concurrency", "1", "--record", file]);
  const types = readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line).type);
  expect(types.filter((type) => type !== "invoke" && type !== "ok")).toEqual(["fail", "info"]);
});

test("etcd is spoken to through its gateway, and its keys are removed by their prefix", async () => {
  const store = new Map<string, string>();
  const etcd = await fakeServer(({ path: route, body }) => {
    const { key, value, range_end: end } = body as Record<string, string>;
    if (route === "/v3/maintenance/status") return { body: { header: {}, raftTerm: "2" } };
    if (route === "/v3/kv/put") store.set(key ?? "", value ?? "");
    if (route === "/v3/kv/deleterange" && end !== undefined) store.clear();
    return { body: route === "/v3/kv/range" ? { kvs: [{ key, value: store.get(key ?? "") }] } : {} };
  });
  const file = path.join(newFolder(), "run.jsonl");
  const words = ["--targets", "etcd", "--concurrency", "2", "--mix", "get,put", "--record", file, "--json"];
  const { exitCode, stdout } = await bench(etcd.address, words);
  expect(exitCode).toBe(0);
  expect(Object.keys(JSON.parse(stdout).targets[0].runs[0].latencies).sort()).toEqual(["get", "put"]);
  expect((await runCommand("synod", ["check", "history", file, "--model", "register"])).exitCode).toBe(0);
  expect(store.size).toBe(0);
});

test("where nobody listens it exits 3; a server that is something else is told apart from silence", async () => {
  const other = await fakeServer(() => ({ body: { hello: "world" } }));
  const silent = await bench("127.0.0.1:1", ["--json"]);
  expect(silent.exitCode).toBe(3);
  expect(JSON.parse(silent.stdout).error).toMatchObject({ code: "nobody-reachable" });
  const { exitCode, stderr } = await bench(other.address, []);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("answers, but not as a gateway of Synod");
});

test("a server that does not answer is left out with a warning; the others are measured in turn", async () => {
  const [one, other] = [await gatewayToMeasure(), await gatewayToMeasure()];
  const servers = `${one.address},127.0.0.1:1,${other.address}`;
  const { exitCode, stderr } = await bench(servers, ["--concurrency", "2"]);
  expect(exitCode).toBe(0);
  expect(stderr).toContain("warning: 127.0.0.1:1 is left out");
  for (const { asked } of [one, other])
    expect(asked.filter(({ method }) => method === "PUT").length).toBeGreaterThan(0);
});

test("a store that refuses everything was not measured: exit 1, with why, and the document all the same", async () => {
  const gateway = await gatewayToMeasure();
  const usual = gateway.answering;
  gateway.answering = (asked) => (asked.method === "PUT" ? refusal("no-quorum", "no") : usual(asked));
  const { exitCode, stdout, stderr } = await bench(gateway.address, ["--concurrency", "1", "--json"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("paxos did nothing that was asked: no-quorum");
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "nothing-done" }, targets: [{ name: "paxos" }] });
});

test("a store that was slower than the measurement was long is told as that, and not as one that nobody reaches", async () => {
  const gateway = await gatewayToMeasure();
  const usual = gateway.answering;
  gateway.answering = async (asked) => {
    if (asked.method === "PUT") await new Promise((resolve) => setTimeout(resolve, 300));
    return usual(asked);
  };
  // What begins while it warms up is answered after the end, and so nothing that counts is done.
  const words = ["--concurrency", "1", "--warm-up", "100ms", "--duration", "50ms"];
  const { exitCode, stderr } = await bench(gateway.address, words);
  expect(stderr).toContain("paxos answered nothing while it was measured: raise --duration");
  expect(exitCode).toBe(1);
});

test("a cluster of one's own is called by its engine, which its gateway knows", async () => {
  const gateway = await gatewayToMeasure();
  const usual = gateway.answering;
  gateway.answering = async (asked) => {
    const answer = await usual(asked);
    const isStatus = asked.path === "/status" && typeof answer === "object" && answer !== null;
    return isStatus ? { body: { ...(answer.body as object), engine: "raft" } } : answer;
  };
  const { stdout } = await bench(gateway.address, ["--concurrency", "1", "--json"]);
  expect(JSON.parse(stdout).targets).toMatchObject([{ name: "raft" }]);
});

test("nothing is left of a page that was never written", async () => {
  const folder = newFolder();
  await bench("127.0.0.1:1", ["--html", path.join(folder, "bench.html")]);
  expect(existsSync(path.join(folder, "bench.html"))).toBe(false);
});
