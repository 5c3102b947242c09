import { formatAddress } from "@synod/api";
import { expect, test } from "vitest";
import { startSilentServer, startStandIn } from "../../client/test/stand-in-server.ts";
import { startPool, type TestPool } from "./acceptor-pool.ts";
import { runCommand } from "./run-command.ts";

/** The seed fixes the order of contact: with three servers, that of SEED is 3, 1, 2. */
const SEED = ["--seed", "2"];

function propose(pool: TestPool, id: string, value: string, ...more: string[]) {
  return runCommand("proposer-demo", ["--id", id, "--value", value, "--servers", pool.servers, ...SEED, ...more]);
}

/** A transcript as it is printed. */
function text(...lines: string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

test("a proposal that meets nothing is chosen, and the transcript is that of the original, whole", async () => {
  const pool = await startPool(3);
  const { exitCode, stdout, stderr } = await propose(pool, "9", "good-value", "--server-count", "3");
  expect(stdout).toBe(
    text(
      "Contacting servers: [3, 1, 2]",
      "Proposal ID: 9",
      "Client value: good-value",
      '[prepare] server 3: {"ignored":false,"promisedId":9}',
      '[prepare] server 1: {"ignored":false,"promisedId":9}',
      '[prepare] server 2: {"ignored":false,"promisedId":9}',
      "",
      "Sending accept requests with value: good-value",
      '[accept] server 3: {"ignored":false,"acceptedId":9,"acceptedValue":"good-value"}',
      '[accept] server 1: {"ignored":false,"acceptedId":9,"acceptedValue":"good-value"}',
      '[accept] server 2: {"ignored":false,"acceptedId":9,"acceptedValue":"good-value"}',
      "",
      "--- Result ---",
      "Accept attempts sent to servers: [3, 1, 2]",
      "Accepts received from servers: [3, 1, 2]",
      "",
      "Consensus Reached",
      "  proposalId=9",
      "  value=good-value",
    ),
  );
  expect(stderr).toBe("seed: 2\n");
  expect(exitCode).toBe(0);
});

test("what somebody had accepted commands no terminal, and makes no lines of a transcript", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 7, "a\nConsensus Reached\u001b[2J\u009b2J\u202e");
  const seen = [
    await propose(pool, "9", "mine"),
    await runCommand("get-state", ["--table", "--servers", pool.servers]),
    await runCommand("synod", ["explain", "--servers", pool.servers]),
  ];
  for (const { stdout } of seen) {
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(stdout).not.toMatch(/^Consensus Reached/m);
    expect(stdout).toMatch(/Consensus Reached\\u001b\[2J\\u009b2J\\u202e/);
  }
  expect(seen[0]?.stdout).toContain("value=a\\u000aConsensus Reached");
});

test("when a majority reports one accepted proposal, that is the consensus, and no accept is sent", async () => {
  const pool = await startPool(3);
  await pool.accept([1, 2], 7, "test-val");
  const { exitCode, stdout } = await propose(pool, "9", "BAD");
  expect(stdout).toBe(
    text(
      "Contacting servers: [3, 1, 2]",
      "Proposal ID: 9",
      "Client value: BAD",
      '[prepare] server 3: {"ignored":false,"promisedId":9}',
      '[prepare] server 1: {"ignored":false,"promisedId":9,"acceptedId":7,"acceptedValue":"test-val"}',
      '[prepare] server 2: {"ignored":false,"promisedId":9,"acceptedId":7,"acceptedValue":"test-val"}',
      "",
      "Client value overridden due to prior accepted value:",
      "  acceptedId=7, value=test-val",
      "",
      "Consensus already reached during prepare phase:",
      "  acceptedId=7, value=test-val",
    ),
  );
  expect(exitCode).toBe(0);
  expect(pool.requests).toEqual({
    1: ["POST /accept", "POST /prepare"],
    2: ["POST /accept", "POST /prepare"],
    3: ["POST /prepare"],
  });
});

test("of several accepted values the one under the highest id is proposed, whoever reported it", async () => {
  const pool = await startPool(3);
  await pool.accept([1], 7, "newer");
  await pool.accept([2], 3, "older");
  const { exitCode, stdout } = await propose(pool, "9", "mine");
  expect(stdout).toBe(
    text(
      "Contacting servers: [3, 1, 2]",
      "Proposal ID: 9",
      "Client value: mine",
      '[prepare] server 3: {"ignored":false,"promisedId":9}',
      '[prepare] server 1: {"ignored":false,"promisedId":9,"acceptedId":7,"acceptedValue":"newer"}',
      '[prepare] server 2: {"ignored":false,"promisedId":9,"acceptedId":3,"acceptedValue":"older"}',
      "",
      "Client value overridden due to prior accepted value:",
      "  acceptedId=7, value=newer",
      "",
      "Sending accept requests with value: newer",
      '[accept] server 3: {"ignored":false,"acceptedId":9,"acceptedValue":"newer"}',
      '[accept] server 1: {"ignored":false,"acceptedId":9,"acceptedValue":"newer"}',
      '[accept] server 2: {"ignored":false,"acceptedId":9,"acceptedValue":"newer"}',
      "",
      "--- Result ---",
      "Accept attempts sent to servers: [3, 1, 2]",
      "Accepts received from servers: [3, 1, 2]",
      "",
      "Consensus Reached",
      "  proposalId=9",
      "  value=newer",
    ),
  );
  expect(exitCode).toBe(0);
});

test("when nobody promises the proposal ends there, with what to do about it on stderr", async () => {
  const pool = await startPool(3);
  await pool.promise([1, 2, 3], 9);
  const { exitCode, stdout, stderr } = await propose(pool, "8", "late");
  expect(stdout).toBe(
    text(
      "Contacting servers: [3, 1, 2]",
      "Proposal ID: 8",
      "Client value: late",
      '[prepare] server 3: {"ignored":true,"promisedId":9}',
      '[prepare] server 1: {"ignored":true,"promisedId":9}',
      '[prepare] server 2: {"ignored":true,"promisedId":9}',
      "",
      "No promises received — proposal rejected everywhere.",
    ),
  );
  expect(stderr).toContain("Pre-empted: id 9 is promised.");
  expect(exitCode).toBe(4);
});

test("a minority of promises ends the proposal before phase 2: a chosen value could hide from a minority", async () => {
  const pool = await startPool(3);
  const { exitCode, stdout } = await propose(pool, "9", "x", "--contact-count", "1");
  expect(stdout).toBe(
    text(
      "Contacting servers: [3]",
      "Proposal ID: 9",
      "Client value: x",
      '[prepare] server 3: {"ignored":false,"promisedId":9}',
      "",
      "No promise majority",
      "  promised by 1 servers",
      "  majority required: 2",
    ),
  );
  expect(exitCode).toBe(4);
  expect(pool.allRequests()).toEqual(["POST /prepare"]);
});

test("--unsafe-minority goes on all the same, as the original did, and says on stderr what that can cost", async () => {
  const pool = await startPool(3);
  const { exitCode, stdout, stderr } = await propose(pool, "9", "x", "--contact-count", "1", "--unsafe-minority");
  expect(stdout).toBe(
    text(
      "Contacting servers: [3]",
      "Proposal ID: 9",
      "Client value: x",
      '[prepare] server 3: {"ignored":false,"promisedId":9}',
      "",
      "Sending accept requests with value: x",
      '[accept] server 3: {"ignored":false,"acceptedId":9,"acceptedValue":"x"}',
      "",
      "--- Result ---",
      "Accept attempts sent to servers: [3]",
      "Accepts received from servers: [3]",
      "",
      "No Consensus",
      "  accepted by 1 servers",
      "  majority required: 2",
    ),
  );
  expect(stderr).toContain("warning: --unsafe-minority goes on without a majority of promises");
  expect(stderr).toContain("may still be chosen");
  expect(exitCode).toBe(4);
});

test("accepts go to those that promised alone, and a majority of the pool among them is enough", async () => {
  const pool = await startPool(3);
  await pool.promise([3], 50);
  const { exitCode, stdout } = await propose(pool, "9", "x");
  expect(stdout).toContain(
    text(
      "--- Result ---",
      "Accept attempts sent to servers: [1, 2]",
      "Accepts received from servers: [1, 2]",
      "",
      "Consensus Reached",
    ),
  );
  expect(pool.requests[3]).toEqual(["POST /prepare", "POST /prepare"]);
  expect(exitCode).toBe(0);
});

test("when a higher promise comes between the phases there is no consensus, though one server accepted", async () => {
  let preempt: (serverId: number) => Promise<void> = async () => {};
  const pool = await startPool(3, {
    beforeAnswer: async (serverId, request) => {
      if (request === "POST /accept") await preempt(serverId);
    },
  });
  preempt = async (serverId) => {
    if (serverId !== 1) await pool.promise([serverId], 20);
  };
  const { exitCode, stdout, stderr } = await propose(pool, "9", "x");
  expect(stdout.slice(stdout.indexOf("Sending accept"))).toBe(
    text(
      "Sending accept requests with value: x",
      '[accept] server 3: {"ignored":true,"promisedId":20}',
      '[accept] server 1: {"ignored":false,"acceptedId":9,"acceptedValue":"x"}',
      '[accept] server 2: {"ignored":true,"promisedId":20}',
      "",
      "--- Result ---",
      "Accept attempts sent to servers: [3, 1, 2]",
      "Accepts received from servers: [1]",
      "",
      "No Consensus",
      "  accepted by 1 servers",
      "  majority required: 2",
    ),
  );
  expect(stderr).toContain("its value may still be chosen");
  expect(stderr).toContain("Pre-empted: id 20 is promised.");
  expect(exitCode).toBe(4);
});

test("an id that was used before gets no second promise, so that it never carries two values", async () => {
  const pool = await startPool(3);
  await propose(pool, "9", "first");
  const { exitCode, stdout, stderr } = await propose(pool, "9", "second");
  expect(stdout).toContain("No promises received — proposal rejected everywhere.\n");
  expect(stderr).toContain("Id 9 was used before");
  expect(exitCode).toBe(4);
  const { stdout: state } = await runCommand("get-state", ["--servers", pool.servers]);
  expect(JSON.parse(state)["1"].acceptedValue).toBe("first");
});

test("when nobody answers the command exits 3", async () => {
  const pool = await startPool(3);
  await Promise.all([1, 2, 3].map(pool.stop));
  const { exitCode, stdout } = await propose(pool, "9", "x");
  expect(stdout).toBe(
    text(
      "Contacting servers: [3, 1, 2]",
      "Proposal ID: 9",
      "Client value: x",
      "[prepare] server 3: no response",
      "[prepare] server 1: no response",
      "[prepare] server 2: no response",
      "",
      "No promises received — proposal rejected everywhere.",
    ),
  );
  expect(exitCode).toBe(3);
});

test("a silent server costs one --timeout, and the majority that answers reaches consensus without it", async () => {
  const pool = await startPool(2);
  const silent = await startSilentServer();
  const servers = [pool.servers, formatAddress(silent.address)].join(",");
  const begin = performance.now();
  const { exitCode, stdout } = await runCommand("proposer-demo", [
    ...["--id", "9", "--value", "x", "--servers", servers, "--timeout", "400ms", ...SEED],
  ]);
  expect(performance.now() - begin).toBeLessThan(10_000);

  expect(stdout).toContain("[prepare] server 3: no response\n");
  expect(stdout).toContain("Accept attempts sent to servers: [1, 2]\n");
  expect(stdout).toContain("Consensus Reached\n");
  expect(exitCode).toBe(0);
});

test("each answer is told as soon as it and those before it are known, not when the phase ends", async () => {
  let letTheRestAnswer = () => {};
  const firstIsTold = new Promise<void>((resolve) => {
    letTheRestAnswer = resolve;
  });
  const promise = '{"ignored":false,"promisedId":9}';
  const prompt = await startStandIn((_request, response) => response.end(promise));
  const waiting = await startStandIn((_request, response) => {
    void firstIsTold.then(() => response.end(promise));
  });
  // With SEED, server 3 is told of first.
  const slower = await startStandIn((_request, response) => {
    void firstIsTold.then(() => response.end(promise));
  });
  const servers = [waiting, slower, prompt].map(({ address }) => formatAddress(address)).join(",");
  const { stdout } = await runCommand(
    "proposer-demo",
    ["--id", "9", "--value", "x", "--servers", servers, "--timeout", "5s", ...SEED],
    { onStdout: (soFar) => (soFar.includes("[prepare] server 3:") ? letTheRestAnswer() : undefined) },
  );
  expect(stdout).toContain(`[prepare] server 2: ${promise}\n`);
});
