import { expect, test } from "vitest";
import { type Asked, type FakeAnswer, fakeCluster, healthyStatus, refusal } from "./fake-cluster.ts";
import { runCommand } from "./run-command.ts";

/** A gateway of a ledger. @param kept what a get finds, as a function of what was put last */
function ledgerGateway(kept: (value: unknown) => unknown) {
  let [height, last]: [number, unknown] = [0, null];
  return ({ body }: Asked): FakeAnswer => {
    const { operation } = body as { operation: { type: string; value?: unknown } };
    if (operation.type === "put") last = operation.value;
    height++;
    const answer =
      operation.type === "put" ? { answer: "success", value: null } : { answer: "value", value: kept(last) };
    return { body: { ...answer, height, hash: "0".repeat(64), requestId: `c/1/${height + 1}` } };
  };
}

const answering =
  (gateway: (asked: Asked) => FakeAnswer) => (server: Parameters<typeof healthyStatus>[0], asked: Asked) =>
    asked.path.startsWith("/ledger/blocks") ? gateway(asked) : healthyStatus(server);

test("cluster test puts a value into a ledger and gets it back, in two blocks", async () => {
  const { home } = await fakeCluster(answering(ledgerGateway((value) => value)), "ledger");
  const { exitCode, stdout } = await runCommand("synod", ["cluster", "test", "--home", home]);
  expect([exitCode, stdout]).toEqual([0, "put: ok (block 1)\nget: ok (block 2)\n"]);
});

test("cluster test fails where the ledger has another value, and where it takes none", async () => {
  const { home } = await fakeCluster(answering(ledgerGateway(() => "other")), "ledger");
  const wrong = await runCommand("synod", ["cluster", "test", "--home", home, "--json"]);
  expect([wrong.exitCode, JSON.parse(wrong.stdout)]).toMatchObject([
    1,
    { ok: false, blocks: [{ height: 1 }, { height: 2 }] },
  ]);
  const silent = await fakeCluster(
    answering(() => refusal("no-quorum", "no majority")),
    "ledger",
  );
  expect((await runCommand("synod", ["cluster", "test", "--home", silent.home])).exitCode).toBe(4);
});
