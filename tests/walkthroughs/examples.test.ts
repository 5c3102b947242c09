import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatAddress } from "@synod/api";
import { ConsensusNode, parseHosts } from "@synod/ring";
import { expect, onTestFinished, test } from "vitest";
import { setClusterStage } from "../../packages/proposer-cli/test/cluster-stage.js";
import { ended } from "../../packages/proposer-cli/test/process-stage.js";
import { setRing } from "../../packages/proposer-cli/test/ring-stage.js";
import { ROOT } from "../source-tree.js";

/** The programs of `examples/`, run as docs/client.md says, but for the addresses. */

/** How long one may take on a machine that has other things to do, in milliseconds. */
const WITHIN_MS = 60_000;

async function outputOf(example: string, ...words: string[]): Promise<string[]> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [`${ROOT}examples/${example}`, ...words], { env: { PATH, HOME } });
  const { exitCode, stdout, stderr } = await ended(child, WITHIN_MS);
  expect(exitCode, stderr).toBe(0);
  return stdout.trimEnd().split("\n");
}

test("the examples of the client do what they say against a cluster, and end by themselves", {
  timeout: 240_000,
}, async () => {
  const stage = await setClusterStage("kv-compact");
  expect((await stage.synod("cluster", "start")).exitCode).toBe(0);
  const gateways = stage.topology.nodes.flatMap(({ roles }) => roles).filter(({ role }) => role === "gateway");
  const servers = gateways.map(({ address }) => `http://${formatAddress(address)}`);
  expect(await outputOf("first-steps.mjs", ...servers)).toEqual([
    "put drinks/tea hot",
    "put drinks/tea cold",
    "delete drinks/tea null",
    "drinks/milk 0",
    "drinks/rum 1",
    "drinks/tea 2",
    "1 null",
    "1",
  ]);
  const [shares, whole] = await outputOf("job-counter.mjs", ...servers);
  expect(shares).toMatch(/^worker 1 did \d+ jobs, worker 2 did \d+$/);
  expect(whole).toBe("each of the 20 jobs was done once");
});

test("the example of a ledger needs one server of it", { timeout: 120_000 }, async () => {
  const stage = await setClusterStage("ledger", 1);
  const [first] = stage.topology.nodes.flatMap(({ roles }) => roles).filter(({ role }) => role === "gateway");
  expect((await stage.synod("cluster", "start")).exitCode).toBe(0);
  expect(await outputOf("ledger.mjs", `http://${formatAddress(first?.address ?? { host: "", port: 0 })}`)).toEqual([
    "success value 12 KEY_DOES_NOT_EXIST",
    "true true 64",
    "bad-request true",
  ]);
});

test("the example of a chat goes on at another node when the one that it speaks to is not there", {
  timeout: 120_000,
}, async () => {
  const stage = await setClusterStage("chat", 3);
  const [first, second, third] = stage.topology.nodes
    .flatMap(({ roles }) => roles)
    .filter(({ role }) => role === "gateway")
    .map(({ node, address }) => ({ node, url: `http://${formatAddress(address)}` }));
  expect((await stage.synod("cluster", "start")).exitCode).toBe(0);
  expect((await stage.synod("cluster", "fail", third?.node ?? "")).exitCode).toBe(0);
  expect(await outputOf("chat.mjs", ...[third, first, second].map((one) => one?.url ?? ""))).toEqual([
    "taken: true false",
    "message: hello",
    "message: are you there?",
    "read: 2",
    "message: yes",
    "hello (read), yes (unread)",
    "incorrect-password true",
  ]);
});

test("the example of embedded nodes needs no server, and ends by itself", { timeout: 120_000 }, async () => {
  const { topologyFile } = await setClusterStage("kv-compact");
  expect(await outputOf("embedded-replicas.mjs", topologyFile)).toEqual(["hello", "still here"]);
});

test("the examples of a ring elect, agree, and hear each learner say so", { timeout: 120_000 }, async () => {
  const { hostsFile } = await setRing(1, 3, 2, 2);
  expect(await outputOf("ring.mjs", hostsFile)).toEqual(["210 is chosen; node 5 was elected"]);
  const hosts = parseHosts(readFileSync(hostsFile, "utf8"));
  const folderOf = (uid: number) => join(dirname(hostsFile), `node${uid}`);
  const running = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((uid) => ConsensusNode.start({ hosts, uid, folder: folderOf(uid) })),
  );
  onTestFinished(async () => void (await Promise.all(running.map((node) => node.close()))));
  const heard = await outputOf("ring-decisions.mjs", hostsFile, "6", "300");
  expect(heard.sort()).toEqual(["learner 4: 300", "learner 5: 300", "the value is 300"]);
});

test("docs/client.md names every example, and the code that it and docs/ring.md show is theirs, to the letter", () => {
  const document = readFileSync(`${ROOT}docs/client.md`, "utf8");
  const examples = readdirSync(`${ROOT}examples`).filter((file) => file.endsWith(".mjs"));
  for (const example of examples) expect(document).toContain(`examples/${example}`);
  const texts = examples.map((file) => readFileSync(`${ROOT}examples/${file}`, "utf8"));
  const both = `${document}\n${readFileSync(`${ROOT}docs/ring.md`, "utf8")}`;
  const pieces = [...both.matchAll(/^```js\n(.*?)^```$/gms)].map(([, piece = ""]) => piece);
  expect(pieces.length).toBeGreaterThan(3);
  for (const piece of pieces)
    expect(
      texts.some((text) => text.includes(`\n${piece}`)),
      piece,
    ).toBe(true);
});
