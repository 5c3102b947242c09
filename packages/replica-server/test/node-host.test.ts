import { NotServed, RequestRefused } from "@synod/acceptor-server";
import type { LogMessage } from "@synod/consensus";
import { expect, onTestFinished, test } from "vitest";
import type { HostStore } from "../src/host/group-commit.ts";
import { NodeHost, type NodeHostOptions } from "../src/host/node-host.ts";
import { type Hear, Peers } from "../src/host/peers.ts";
import { heartbeat, ToyParticipant, type ToyWrite } from "./toy-participant.ts";

/** A disk whose flushes end when the test says so. */
class HeldStore implements HostStore<ToyWrite> {
  readonly flushes: string[][] = [];
  readonly #held: { finish: () => void; fail: (error: Error) => void }[] = [];

  persist(writes: readonly ToyWrite[]): Promise<void> {
    this.flushes.push(writes.map(({ text }) => text));
    return new Promise((finish, fail) => this.#held.push({ finish, fail }));
  }

  async nextFlush() {
    for (;;) {
      const held = this.#held.shift();
      if (held) return held;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {}
}

type Options = Partial<NodeHostOptions<ToyWrite, string, string>>;

function hosted(options: Options = {}) {
  const sent: LogMessage[] = [];
  const peer = { send: (message: LogMessage) => sent.push(message), close: async () => {} };
  let hear: Hear = () => {};
  const participant = new ToyParticipant();
  const host = new NodeHost<ToyWrite, string, string>({
    participant,
    connect: (told) => {
      hear = told;
      return new Peers(new Map([["peer1", peer]]));
    },
    store: null,
    limits: { lastAnswersMs: 0, ...options.limits },
    ...options,
  });
  onTestFinished(() => host.close());
  return { host, participant, sent, hear: (from: string, message: LogMessage) => hear(from, message) };
}

test("a request is answered with the message that the participant sends to whoever asked", async () => {
  const { host } = hosted();
  const answers = await Promise.all([host.request(heartbeat(1)), host.request(heartbeat(3))]);
  expect(answers).toEqual([
    { type: "heartbeat-heard", highestId: 1 },
    { type: "heartbeat-heard", highestId: 3 },
  ]);
});

test("an answer leaves once what was written before it is on disk, and writes that wait share a flush", async () => {
  const store = new HeldStore();
  const { host } = hosted({ store });
  const answered: number[] = [];
  const ask = (id: number) => host.request(heartbeat(id)).then(() => answered.push(id));
  const first = ask(2);
  const held = await store.nextFlush();
  const others = Promise.all([ask(4), ask(5), ask(6)]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toEqual([]);
  held.finish();
  await first;
  expect(answered).toEqual([2]);
  (await store.nextFlush()).finish();
  await others;
  expect(store.flushes).toEqual([["write 2"], ["write 4", "write 6"]]);
});

test("a slow disk, on purpose, delays a flush and nothing that needs none", async () => {
  const store: HostStore<ToyWrite> = { persist: async () => {}, close: async () => {} };
  const { host } = hosted({ store, faults: { slowDiskMs: () => 60_000, whilePaused: () => null } });
  await expect(host.request(heartbeat(1))).resolves.toMatchObject({ highestId: 1 });
  const slow = host.request(heartbeat(2), 20);
  await expect(slow).rejects.toMatchObject({ code: "outcome-unknown" });
});

test("once the disk fails nothing is answered any more, and the host says why", async () => {
  const store = new HeldStore();
  const failures: NotServed[] = [];
  const { host } = hosted({ store, onFailure: (failure) => failures.push(failure) });
  const request = host.request(heartbeat(2));
  (await store.nextFlush()).fail(new Error("no space left"));
  await expect(request).rejects.toMatchObject({
    code: "storage-failed",
    message: expect.stringMatching(/no space left/),
  });
  await expect(host.request(heartbeat(1))).rejects.toBeInstanceOf(NotServed);
  expect(failures).toEqual([host.failure]);
});

test("once the participant finds a fault in its own state nothing is answered any more, and the process lives", async () => {
  const { host } = hosted();
  await expect(host.request(heartbeat(13))).rejects.toMatchObject({ code: "internal" });
  await expect(host.propose("reply")).rejects.toMatchObject({ code: "internal" });
  expect(host.failure?.cause).toMatchObject({ message: "the toy is broken" });
});

test("a proposal is answered with the participant's reply, at once or after a timer", async () => {
  const { host } = hosted();
  await expect(host.propose("reply")).resolves.toBe("done");
  await expect(host.propose("reply later")).resolves.toBe("the timer went off");
});

test("of proposals that are made together each has an outcome of its own, at its place, whoever ends first", async () => {
  const { host, participant } = hosted({ limits: { requests: 3, lastAnswersMs: 0 } });
  const outcomes = host.proposeAll(["reply later", "reply", "never", "reply later", "reply"]);
  expect(participant.inputs).toHaveLength(4);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await host.close();
  expect(await outcomes).toEqual([
    "the timer went off",
    "done",
    expect.objectContaining({ code: "outcome-unknown" }),
    "the timer went off",
    expect.objectContaining({ code: "overloaded" }),
  ]);
  expect(await host.proposeAll([])).toEqual([]);
  expect(await host.proposeAll(["reply"])).toEqual([expect.objectContaining({ code: "stopping" })]);
});

test("while the node is paused its timers wait, and then go off", async () => {
  let goOn = () => {};
  let paused: Promise<void> | null = new Promise((resolve) => {
    goOn = resolve;
  });
  const { host, participant } = hosted({ faults: { slowDiskMs: () => 0, whilePaused: () => paused } });
  const reply = host.propose("reply later");
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(participant.inputs.filter(({ kind }) => kind === "timeout")).toEqual([]);
  paused = null;
  goOn();
  await expect(reply).resolves.toBe("the timer went off");
});

test("messages go to peers, what they answer comes back with their name, and to nobody nothing is sent", async () => {
  const { host, participant, sent, hear } = hosted();
  void host.propose("send").catch(() => {});
  expect(sent).toEqual([{ type: "read-barrier", requestId: "request-1" }]);
  hear("peer1", heartbeat(1));
  expect(participant.inputs.at(-1)).toEqual({ kind: "message", from: "peer1", message: heartbeat(1) });
});

test("what is decided is told in order", async () => {
  const decided: unknown[] = [];
  const { host } = hosted({ onDecided: (slot, value) => decided.push([slot, value]) });
  void host.propose("decide").catch(() => {});
  expect(decided).toEqual([[7, "seven"]]);
});

test("more requests than are taken are refused with overloaded, and certainly had no effect", async () => {
  const { host, participant } = hosted({ limits: { requests: 1, lastAnswersMs: 0 } });
  const first = host.propose("never").catch(() => {});
  await expect(host.propose("reply")).rejects.toMatchObject({ code: "overloaded" });
  expect(participant.inputs).toHaveLength(1);
  await host.close();
  await first;
});

test("a host that stops takes no more, and of what it had no answer to says that nobody knows", async () => {
  const { host } = hosted();
  const open = host.propose("never");
  const closing = host.close();
  await expect(host.propose("reply")).rejects.toMatchObject({ code: "stopping" });
  await expect(open).rejects.toBeInstanceOf(RequestRefused);
  await closing;
});

test("what a host still hears once it has stopped changes nothing, and so is no failure of its disk", async () => {
  const failures: NotServed[] = [];
  let isClosed = false;
  const store: HostStore<ToyWrite> = {
    persist: async () => {
      if (isClosed) throw new Error("the journal is closed");
    },
    close: async () => {
      isClosed = true;
    },
  };
  const { host, participant, hear } = hosted({ store, onFailure: (failure) => failures.push(failure) });
  await host.close();
  const before = participant.inputs.length;
  host.tell("proposer2", heartbeat(2));
  hear("peer1", heartbeat(4));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(failures).toEqual([]);
  expect(participant.inputs.length).toBe(before);
});
