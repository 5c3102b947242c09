import { setImmediate } from "node:timers/promises";
import { formatAddress } from "@synod/api";
import { expect, onTestFinished, test } from "vitest";
import { startSilentServer } from "../../client/test/stand-in-server.ts";
import { startPool, type TestPool } from "./acceptor-pool.ts";
import { linesOf, runCommand } from "./run-command.ts";

/** With three servers, this seed contacts 3, 1, 2. */
const SEED = ["--seed", "2"];

async function documentOf(pool: TestPool, words: readonly string[]) {
  const { exitCode, stdout, stderr } = await runCommand("proposer-demo", [
    ...words,
    ...["--servers", pool.servers, ...SEED, "--json"],
  ]);
  return { exitCode, stderr, document: JSON.parse(stdout) };
}

test("--json tells the whole proposal: its end, each message of it, and what is needed to repeat it", async () => {
  const pool = await startPool(3);
  await pool.stop(2);
  const { exitCode, document } = await documentOf(pool, ["--id", "9", "--value", "x"]);
  expect(exitCode).toBe(0);
  expect(document).toEqual({
    outcome: "chosen",
    consensus: true,
    proposalId: 9,
    value: "x",
    valueOverridden: false,
    mayStillBeChosen: false,
    seed: 2,
    serverCount: 3,
    majorityRequired: 2,
    instance: 1,
    id: 9,
    clientValue: "x",
    attempts: [
      {
        id: 9,
        contacted: [3, 1, 2],
        prepares: [
          { server: 3, reply: { ignored: false, promisedId: 9 } },
          { server: 1, reply: { ignored: false, promisedId: 9 } },
          { server: 2, noAnswer: { reason: "refused", message: expect.any(String) } },
        ],
        overriddenBy: null,
        value: "x",
        acceptsSentTo: [3, 1],
        accepts: [
          { server: 3, reply: { ignored: false, acceptedId: 9, acceptedValue: "x" } },
          { server: 1, reply: { ignored: false, acceptedId: 9, acceptedValue: "x" } },
        ],
        outcome: "chosen",
      },
    ],
    warnings: [],
  });
});

test("consensus on another's value is success too, and `valueOverridden` says that it is not one's own", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 7, "theirs");
  const { exitCode, document } = await documentOf(pool, ["--id", "9", "--value", "mine"]);
  expect(exitCode).toBe(0);
  expect(document).toMatchObject({
    outcome: "already-chosen",
    consensus: true,
    proposalId: 7,
    value: "theirs",
    clientValue: "mine",
    valueOverridden: true,
    mayStillBeChosen: false,
  });
});

test("`mayStillBeChosen` is true once an accept was accepted by a minority: a later proposer may finish it", async () => {
  const pool = await startPool(3);
  const { exitCode, document } = await documentOf(pool, [
    ...["--id", "9", "--value", "x", "--contact-count", "1", "--unsafe-minority"],
  ]);
  expect(exitCode).toBe(4);
  expect(document).toMatchObject({
    outcome: "no-accept-majority",
    consensus: false,
    value: null,
    proposalId: null,
    mayStillBeChosen: true,
    warnings: [expect.stringContaining("--unsafe-minority")],
  });
});

test("`mayStillBeChosen` stays false when no accept was sent: nobody can find a value that never left", async () => {
  const pool = await startPool(3);
  const { document } = await documentOf(pool, ["--id", "9", "--value", "x", "--contact-count", "1"]);
  expect(document).toMatchObject({ outcome: "no-promise-majority", consensus: false, mayStillBeChosen: false });
});

test("a server that is silent to the accept may have accepted: `mayStillBeChosen` is true, and the time-out is said", async () => {
  const pool = await startPool(1, {
    beforeAnswer: (_serverId, request) => (request === "POST /accept" ? new Promise<void>(() => {}) : undefined),
  });
  const { exitCode, document } = await documentOf(pool, ["--id", "9", "--value", "x", "--timeout", "300ms"]);
  expect(exitCode).toBe(4);
  expect(document).toMatchObject({
    outcome: "no-accept-majority",
    mayStillBeChosen: true,
    attempts: [{ accepts: [{ server: 1, noAnswer: { reason: "timeout" } }] }],
  });
});

test("two values under one id leave no safe choice: the proposal says so, and proposes neither", async () => {
  const pool = await startPool(3);
  await pool.accept([1], 7, "one");
  await pool.accept([2], 7, "other");
  const ran = await runCommand("proposer-demo", ["--id", "9", "--value", "x", "--servers", pool.servers, ...SEED]);
  expect(ran.exitCode).toBe(4);
  expect(linesOf(ran.stdout).at(-1)).toBe(
    "Two values were reported under one id: somebody used it twice, and no choice is safe (see explain).",
  );
  expect(pool.allRequests().filter((request) => request === "POST /accept")).toHaveLength(2);
});

test("--attempts tries again with an id above the promise that pre-empted it, and the transcripts follow one another", async () => {
  const pool = await startPool(3);
  await pool.promise([1, 2, 3], 40);
  const { exitCode, stdout } = await runCommand("proposer-demo", [
    ...["--id", "9", "--value", "x", "--servers", pool.servers, ...SEED, "--attempts", "3", "--back-off", "1ms"],
  ]);
  expect(exitCode).toBe(0);
  const lines = linesOf(stdout);
  expect(lines.slice(0, 9)).toEqual([
    "Contacting servers: [3, 1, 2]",
    "Proposal ID: 9",
    "Client value: x",
    '[prepare] server 3: {"ignored":true,"promisedId":40}',
    '[prepare] server 1: {"ignored":true,"promisedId":40}',
    '[prepare] server 2: {"ignored":true,"promisedId":40}',
    "",
    "No promises received — proposal rejected everywhere.",
    "",
  ]);
  // The next multiple of 16, which belong to people.
  expect(lines[10]).toBe("Proposal ID: 48");
  expect(lines.slice(-3)).toEqual(["Consensus Reached", "  proposalId=48", "  value=x"]);
});

test("without --attempts a pre-empted proposal is tried once, so that a person sees each step", async () => {
  const pool = await startPool(3);
  await pool.promise([1, 2, 3], 40);
  const { document } = await documentOf(pool, ["--id", "9", "--value", "x"]);
  expect(document.attempts).toHaveLength(1);
});

test("--attempts ends after that many, however often others are faster", async () => {
  const pool = await startPool(3);
  for (const id of [1, 2, 3]) await pool.stop(id);
  const { exitCode, document } = await documentOf(pool, [
    ...["--id", "9", "--value", "x", "--attempts", "3", "--back-off", "1ms"],
  ]);
  expect(exitCode).toBe(3);
  expect(document.attempts.map(({ id }: { id: number }) => id)).toEqual([9, 16, 32]);
});

test("when no higher id is left the advice is not to use one", async () => {
  const pool = await startPool(1);
  await pool.promise([1], Number.MAX_SAFE_INTEGER);
  const { stderr } = await documentOf(pool, ["--id", "9", "--value", "x"]);
  expect(stderr).toContain("the last id there is");
  expect(stderr).not.toContain("Use a higher one");
});

test("when no higher id is left a second attempt says so, and does not wrap around", async () => {
  const pool = await startPool(1);
  await pool.promise([1], Number.MAX_SAFE_INTEGER);
  const { exitCode, document, stderr } = await documentOf(pool, [
    ...["--id", "9007199254740991", "--value", "x", "--attempts", "2", "--back-off", "1ms"],
  ]);
  expect(exitCode).toBe(4);
  expect(document).toMatchObject({ outcome: "proposal-ids-exhausted", consensus: false });
  expect(stderr).toContain("a majority has promised the last id there is");
});

test("one acceptor that promised the last id there is keeps nobody from a majority of the others", async () => {
  const pool = await startPool(3);
  await pool.promise([1], Number.MAX_SAFE_INTEGER);
  await pool.promise([2], 20);
  const { exitCode, document } = await documentOf(pool, [
    ...["--id", "9", "--value", "x", "--attempts", "2", "--back-off", "1ms"],
  ]);
  expect(exitCode).toBe(0);
  expect(document).toMatchObject({ outcome: "chosen", proposalId: 32 });
});

test("promises of servers that are no majority of their own pool lead to no accept", async () => {
  const pool = await startPool(3);
  const [first = ""] = pool.servers.split(",");
  const words = ["--servers", first, "--id", "9", "--value", "x"];
  const { exitCode, stderr } = await runCommand("proposer-demo", words);
  expect(exitCode).toBe(4);
  expect(stderr).toContain("the pool has 3 servers, not 1");
  expect(pool.allRequests()).toEqual(["POST /prepare"]);
  const unsafe = await runCommand("proposer-demo", [
    "--servers",
    first,
    "--id",
    "10",
    "--value",
    "x",
    "--unsafe-minority",
  ]);
  expect(unsafe.exitCode).toBe(0);
});

test.each(["0", "9007199254740991"])("the id %s at the end of the range can be chosen", async (id) => {
  const pool = await startPool(1);
  const { document } = await documentOf(pool, ["--id", id, "--value", ""]);
  expect(document).toMatchObject({ outcome: "chosen", proposalId: Number(id), value: "" });
});

test("--promise-id is --id under the name the original also used, and the two together are one flag given twice", async () => {
  const pool = await startPool(1);
  const { document } = await documentOf(pool, ["--promise-id", "9", "--value", "x"]);
  expect(document).toMatchObject({ outcome: "chosen", proposalId: 9 });
  const both = await runCommand("proposer-demo", [
    ...["--promise-id", "9", "--id", "10", "--value", "x", "--servers", pool.servers],
  ]);
  expect(both.exitCode).toBe(2);
  expect(both.stderr).toContain("--id was given 2 times");
});

test("a large pool is asked without a word of Node's about leaks", async () => {
  const pool = await startPool(12);
  const warned: string[] = [];
  const hear = ({ message }: Error) => warned.push(message);
  process.on("warning", hear);
  onTestFinished(() => {
    process.off("warning", hear);
  });
  expect((await documentOf(pool, ["--id", "9", "--value", "x"])).document.consensus).toBe(true);
  await setImmediate();
  expect(warned).toEqual([]);
});

test("a contact count above the pool contacts the pool", async () => {
  const pool = await startPool(3);
  const { document } = await documentOf(pool, ["--id", "9", "--value", "x", "--contact-count", "9"]);
  expect(document.attempts[0].contacted).toEqual([3, 1, 2]);
  expect(document.serverCount).toBe(3);
});

test("the seed is printed on stderr, and with it the same servers are contacted in the same order again", async () => {
  const pool = await startPool(7);
  const words = ["--value", "x", "--servers", pool.servers, "--contact-count", "5"];
  const first = await runCommand("proposer-demo", ["--id", "9", ...words]);
  const seed = /^seed: (\d+)$/m.exec(first.stderr)?.[1] ?? "no seed";
  const second = await runCommand("proposer-demo", ["--id", "10", ...words, "--seed", seed]);
  expect(second.stderr).toContain(`seed: ${seed}\n`);
  expect(linesOf(second.stdout)[0], `seed ${seed}`).toBe(linesOf(first.stdout)[0]);
});

test("a silent pool is given up after the time-outs of both attempts, not later", async () => {
  const silent = await startSilentServer();
  const begin = performance.now();
  const { exitCode, stdout } = await runCommand("proposer-demo", [
    ...["--id", "9", "--value", "x", "--servers", formatAddress(silent.address)],
    ...["--timeout", "200ms", "--attempts", "2", "--back-off", "1ms"],
  ]);
  expect(exitCode).toBe(3);
  expect(stdout.match(/no response/g)).toHaveLength(2);
  expect(performance.now() - begin).toBeLessThan(10_000);
});

test("an interruption ends the proposal at once with exit code 130, however long the time-out", async () => {
  const silent = await startSilentServer();
  const interruption = new AbortController();
  void silent.asked.then(() => interruption.abort());
  const begin = performance.now();
  const { exitCode, stderr } = await runCommand(
    "proposer-demo",
    ["--id", "9", "--value", "x", "--servers", formatAddress(silent.address), "--timeout", "3600s"],
    { interrupted: interruption.signal },
  );
  expect(exitCode).toBe(130);
  expect(stderr).toContain("proposer-demo: interrupted\n");
  expect(performance.now() - begin).toBeLessThan(10_000);
});

test("an interruption while backing off ends the proposal, and no further attempt is begun", async () => {
  const pool = await startPool(1);
  await pool.promise([1], 40);
  const interruption = new AbortController();
  const { exitCode } = await runCommand(
    "proposer-demo",
    [...["--id", "9", "--value", "x", "--servers", pool.servers], ...["--attempts", "2", "--back-off", "3600s"]],
    {
      interrupted: interruption.signal,
      onStdout: (soFar) => (soFar.includes("rejected everywhere") ? interruption.abort() : undefined),
    },
  );
  expect(exitCode).toBe(130);
  expect(pool.allRequests()).toEqual(["POST /prepare", "POST /prepare"]);
});

test("--instance proposes in that slot: what is chosen in another one does not bind it", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2, 3], 5, "in one", 1);
  const { document } = await documentOf(pool, ["--id", "9", "--value", "in two", "--instance", "2"]);
  expect(document).toMatchObject({ outcome: "chosen", value: "in two", instance: 2, valueOverridden: false });
});

test("servers that refuse have answered: without the secret the exit code is 4, not 3", async () => {
  const pool = await startPool(1, { secret: "sesame" });
  const { exitCode, stderr } = await documentOf(pool, ["--id", "9", "--value", "x"]);
  expect(exitCode).toBe(4);
  expect(stderr).toContain("secret");
});
