import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Topology } from "@synod/api";
import type { LearnerWrite } from "@synod/consensus";
import { encodeCommand, encodeOpenSession, findNonce, ledgerCommandJson, NotASnapshot } from "@synod/state-machines";
import { expect, onTestFinished, test, vi } from "vitest";
import { ledger } from "../../src/applications/ledger/ledger.ts";
import type { LedgerLearner } from "../../src/applications/ledger/ledger-learner.ts";
import { RolesHere } from "../../src/host/roles-here.ts";
import { settledFirst } from "../../src/stores/settled-first.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** A ledger's learner on its own: its peer does not listen. */
async function learnerIn(folder: string): Promise<LedgerLearner> {
  const server = {
    role: "learner",
    number: 1,
    name: "learner1",
    node: "a",
    address: { host: "127.0.0.1", port: 1 },
  } as const;
  const peer = { ...server, number: 2, name: "learner2", node: "b" };
  const nodes = [server, peer].map((role) => ({ name: role.node, roles: [role] }));
  const topology: Topology = { name: "t", application: "ledger", difficulty: 0, engine: "paxos", chaos: true, nodes };
  const application = ledger(topology);
  const context = {
    topology,
    server,
    clusterId: "c",
    faults: null,
    tuning: {},
    here: new RolesHere(),
    application,
    folder,
  };
  const learner = application.learner(context) as LedgerLearner;
  await learner.open((failure) => {
    throw failure;
  });
  onTestFinished(() => learner.close());
  return learner;
}

/** Applies so many puts, from slot 1 on, in a session of their own. */
function applyPuts(learner: LedgerLearner, count: number, value = "v"): void {
  learner.state.apply(1, encodeOpenSession("client"));
  for (let slot = 2; slot < count + 2; slot++) {
    const operation = { type: "put", key: slot, value } as const;
    const command = { operation, nonce: findNonce(operation, 0, 0, 1000) ?? 0, proposer: "a", time: slot };
    const position = { client: "client", openedAt: 1, sequence: slot, firstUnacknowledged: slot };
    learner.state.apply(slot, encodeCommand({ ...position, operation: ledgerCommandJson(command) }));
  }
}

/** What was kept, in order. */
function keeping() {
  const kept: LearnerWrite[] = [];
  const store = {
    persist: async (writes: readonly LearnerWrite[]) => void kept.push(...writes),
    close: async () => {},
  };
  return { kept, store };
}

test("a snapshot is kept once the chain that it names is in the file, and synced", async () => {
  const learner = await learnerIn(temporaryFolder());
  const { kept, store } = keeping();
  applyPuts(learner, 20);
  const pieces = learner.state.snapshot();
  const probe = await open(join(temporaryFolder(), "probe"), "w");
  const datasync = vi.spyOn(Object.getPrototypeOf(probe), "datasync");
  onTestFinished(() => datasync.mockRestore());
  await probe.close();
  let recordedAtSync = -1;
  datasync.mockImplementation(async () => {
    expect(kept).toEqual([]);
    recordedAtSync = learner.chain.recorded;
  });
  await settledFirst(learner, store, ({ pieces }) => pieces).persist([{ kind: "snapshot", through: 21, pieces }]);
  expect([recordedAtSync, kept.length]).toEqual([20, 1]);
  // What is on disk already is not synced again.
  await settledFirst(learner, store, ({ pieces }) => pieces).persist([{ kind: "snapshot", through: 21, pieces }]);
  expect(datasync).toHaveBeenCalledTimes(1);
});

test("a snapshot of another server is not kept before its blocks are here, and not if the server stops before", async () => {
  const ahead = await learnerIn(temporaryFolder());
  applyPuts(ahead, 30);
  const pieces = ahead.state.snapshot();
  const behind = await learnerIn(temporaryFolder());
  applyPuts(behind, 10);
  behind.state.restore(pieces, 31);
  expect(behind.status()).toMatchObject({ height: 30, keys: 30, hash: ahead.ledger.head.hash });
  const { kept, store } = keeping();
  const keepingIt = settledFirst(behind, store, ({ pieces }) => pieces).persist([
    { kind: "snapshot", through: 31, pieces },
  ]);
  const ended = expect(keepingIt).rejects.toMatchObject({ code: "stopping" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(kept).toEqual([]);
  await behind.close();
  await ended;
  expect(kept).toEqual([]);
});

test("a snapshot that ends before the chain that is here, or with another one, is no snapshot: nothing is changed", async () => {
  const [short, other, own] = [
    await learnerIn(temporaryFolder()),
    await learnerIn(temporaryFolder()),
    await learnerIn(temporaryFolder()),
  ];
  applyPuts(short, 5);
  applyPuts(other, 10, "another value");
  applyPuts(own, 10);
  const { head } = own.ledger;
  for (const [learner, through] of [
    [short, 6],
    [other, 11],
  ] as const) {
    expect(() => own.state.restore(learner.state.snapshot(), through)).toThrow(NotASnapshot);
    expect([own.ledger.head, own.chain.head.hash]).toEqual([head, head.hash]);
  }
});
