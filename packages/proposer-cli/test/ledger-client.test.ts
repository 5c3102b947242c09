import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { refusal } from "./fake-cluster.ts";
import { type FakeLedger, fakeLedger } from "./fake-ledger.ts";
import { until } from "./process-stage.ts";
import { linesOf, runCommand } from "./run-command.ts";

function client({ address }: Pick<FakeLedger, "address">, lines: string | Readable, ...words: string[]) {
  const stdin = typeof lines === "string" ? Buffer.from(lines) : lines;
  return runCommand("synod", ["ledger", "client", "1", ...words], { env: { SYNOD_LEDGER: address }, stdin });
}

test("what is piped to a client is done in its order, and each answer names its request", async () => {
  const server = await fakeLedger();
  const lines = "get 'a b'\nput 'a b' {'k': [1, 2]}\n\n  GET \"a b\"  \nput 1 None\nexit\nput 'never' 1\n";
  const ran = await client(server, lines);
  expect(ran).toEqual({
    exitCode: 0,
    stdout: [
      'get "a b": KEY_DOES_NOT_EXIST (block 1)',
      'put "a b" {"k": [1, 2]}: success (block 2)',
      'get "a b": {"k": [1, 2]} (block 3)',
      "put 1 null: success (block 4)\n",
    ].join("\n"),
    stderr: "",
  });
  const names = server.asked.flatMap(({ path, body }) =>
    path === "/ledger/blocks" ? [(body as { session: { client: string } }).session.client] : [],
  );
  expect(new Set(names).size).toBe(1);
  expect(names[0]).toMatch(/^client1-/);
});

test("every line is tried, and the code of the first failure is what it ends with", async () => {
  const server = await fakeLedger();
  server.instead.push(() => refusal("unauthorized", "the secret is wrong"));
  const ran = await client(server, "put 1 1\nput alice 10\nputt 1 2\nget 1 2\nprint everything\nput 1 2\n");
  expect(ran.exitCode).toBe(2);
  expect(ran.stdout).toBe("put 1 2: success (block 1)\n");
  const told = linesOf(ran.stderr);
  expect(told).toContain(`alice is no literal: put text in quotes, 'alice'. Type: put "alice" 10`);
  expect(told).toContain("there is no command putt. Did you mean put? help lists what there is");
  expect(told).toContain("one literal too many: 2. It is get <key>");
  expect(told).toContain("there is no thing to print everything. There is operationQueue");
  expect(told).toContain("put 1 1: the secret is wrong");
});

test("the queue can be printed while a request is under way, by its short name too; the first is the one under way", async () => {
  const server = await fakeLedger();
  const stdin = new Readable({ read() {} });
  server.instead.push(async () => {
    stdin.push("get 'b'\nprint operationQueue\noq\nPRINT OQ\nprint\n");
    stdin.push(null);
    await new Promise((resolve) => setImmediate(resolve));
    return refusal("bad-request", "no");
  });
  stdin.push("print oq\nput 'a' 1\n");
  const ran = await client(server, stdin);
  const queue = ['1. put "a" 1', '2. get "b"'];
  expect(linesOf(ran.stdout)).toEqual([
    "The operation queue is empty",
    ...[...queue, ...queue, ...queue],
    'get "b": KEY_DOES_NOT_EXIST (block 1)',
  ]);
  expect(ran.stderr).toContain("print operationQueue (oq): requests that have no answer yet");
  expect(ran.exitCode).toBe(2);
});

test("--json gives a document a line, for answers, the queue and failures", async () => {
  const server = await fakeLedger();
  const ran = await client(server, "put 1 2\nput x 3\noq\n", "--json");
  const documents = linesOf(ran.stdout).map((line) => JSON.parse(line));
  expect(documents).toContainEqual(expect.objectContaining({ request: "put 1 2", answer: "success", height: 1 }));
  expect(documents).toContainEqual({ operationQueue: ["put 1 2"] });
  expect(documents).toContainEqual(
    expect.objectContaining({ request: "put x 3", error: expect.objectContaining({ exitCode: 2 }) }),
  );
});

test("an interruption leaves at once, and says how many requests have no answer", async () => {
  const server = await fakeLedger();
  const interruption = new AbortController();
  server.instead.push(async () => {
    interruption.abort();
    return new Promise(() => {});
  });
  const stdin = new Readable({ read() {} });
  stdin.push("put 1 1\nput 2 2\n");
  const ran = await runCommand("synod", ["ledger", "client", "1"], {
    ...{ env: { SYNOD_LEDGER: server.address }, stdin, interrupted: interruption.signal },
  });
  expect(ran.exitCode).toBe(130);
  expect(ran.stderr).toBe("interrupted: 2 requests not answered. put 1 1 was under way, and may have happened\n");
});

test("a client is one of 1..999", async () => {
  const ran = await runCommand("synod", ["ledger", "client", "1000"]);
  expect(ran.exitCode).toBe(2);
  expect(ran.stderr).toContain("the client's id must be a whole number 1..999");
});

describe("on a terminal", () => {
  /** A client that somebody types to. */
  function typedTo(server: FakeLedger) {
    const stdin = Object.assign(new Readable({ read() {} }), { isTTY: true, setRawMode: () => stdin });
    let seen = "";
    const ran = runCommand("synod", ["ledger", "client", "3"], {
      ...{ env: { SYNOD_LEDGER: server.address }, stdin, isTTY: true },
      onStdout: (soFar) => {
        seen = soFar;
      },
    });
    const type = async (text: string, awaited: string) => {
      stdin.push(text);
      await until(() => seen.includes(awaited), awaited);
    };
    return { stdin, ran, type };
  }

  test("lines are edited and completed, older ones come back, and a wrong one ends nothing", async () => {
    const server = await fakeLedger();
    const { stdin, ran, type } = typedTo(server);
    await type("", "client 3> ");
    await type("pr", "pr");
    await type("\t", "print operationQueue");
    await type("\r", "The operation queue is empty");
    await type("putt 1 2\rput 5 \x7f 7\r", "put 5 7: success (block 1)");
    await type("\x1b[A\x7f8\r", "put 5 8: success (block 2)");
    stdin.push("exit\r");
    const { exitCode, stderr } = await ran;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Did you mean put?");
    expect(server.blocks).toHaveLength(2);
  });

  test("Ctrl-C leaves at once with 130, and the prompt stays free while a request is under way", async () => {
    const server = await fakeLedger();
    server.instead.push(() => new Promise(() => {}));
    const { stdin, ran, type } = typedTo(server);
    stdin.push("put 1 1\rget 1\r");
    await type("oq\r", "2. get 1");
    stdin.push("\x03");
    const { exitCode, stderr } = await ran;
    expect(exitCode).toBe(130);
    expect(stderr).toContain("interrupted: 2 requests not answered. put 1 1 was under way");
  });
});
