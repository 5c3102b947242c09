import { NotServed, RequestRefused } from "@synod/acceptor-server";
import type { LogMessage } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import { LocalPeer } from "../src/host/local-peer.ts";
import { type RoleHere, RolesHere } from "../src/host/roles-here.ts";
import { faultsOf } from "./stream-stage.ts";
import { heartbeat } from "./toy-participant.ts";

const SUBMIT: LogMessage = { type: "submit", submission: 8, requests: [] };
const UNANSWERED = { type: "no-answer", to: "submit", which: "8" };
const HEARD: LogMessage = { type: "heartbeat-heard", highestId: 1 };

/** The way from proposer1 to learner1 of the same process, on which the test takes down what happens. */
function stage(whilePaused: () => Promise<void> | null = () => null) {
  const here = new RolesHere();
  const sent: LogMessage[] = [];
  const heard: [from: string, message: LogMessage][] = [];
  const peer = new LocalPeer({
    name: "learner1",
    self: "proposer1",
    find: () => here.find("learner1"),
    hear: (from, message) => heard.push([from, message]),
    onSent: (message) => sent.push(message),
    whilePaused,
  });
  const start = (request: RoleHere["request"]) => here.add("learner1", { request });
  return { here, peer, sent, heard, start };
}

/** Lets everything happen that is on its way in this process. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a role of the same process", () => {
  test("is asked as itself, hears who asks, and is heard under its name", async () => {
    const { peer, sent, heard, start } = stage();
    const asked: unknown[] = [];
    start(async (...args) => {
      asked.push(args);
      return HEARD;
    });
    peer.send(heartbeat(1));
    await settle();
    expect(asked).toEqual([[heartbeat(1), "proposer1"]]);
    expect(sent).toEqual([heartbeat(1)]);
    expect(heard).toEqual([["learner1", HEARD]]);
  });

  test("that has not started yet has certainly not heard, which is not said inside the step that sends", async () => {
    const { peer, heard, start } = stage();
    peer.send(SUBMIT);
    peer.send(heartbeat(1));
    expect(heard).toEqual([]);
    await settle();
    expect(heard).toEqual([["learner1", { ...UNANSWERED, arrived: "certainly-not" }]]);
    start(async () => HEARD);
    peer.send(heartbeat(1));
    await settle();
    expect(heard.at(-1)).toEqual(["learner1", HEARD]);
  });

  test.each([
    [new NotServed("stopping", "bye"), "certainly-not"],
    [new RequestRefused("bad-request", "no"), "certainly-not"],
    [new NotServed("storage-failed", "oh"), "perhaps"],
    [new RequestRefused("outcome-unknown", "late"), "perhaps"],
    [new Error("a fault of the house"), "perhaps"],
  ])("that fails (%s) has heard, or certainly not", async (error, arrived) => {
    const { peer, heard, start } = stage();
    start(() => Promise.reject(error));
    peer.send(SUBMIT);
    peer.send(heartbeat(1));
    await settle();
    expect(heard).toEqual([["learner1", { ...UNANSWERED, arrived }]]);
  });

  test("is neither asked nor heard while the process is paused", async () => {
    const faults = faultsOf("a");
    const { peer, sent, heard, start } = stage(() => faults.whilePaused());
    let answer = (_: LogMessage) => {};
    start(() => new Promise((resolve) => (answer = resolve)));
    await faults.add("pause a");
    peer.send(heartbeat(1));
    await settle();
    expect(sent).toEqual([]);
    faults.heal();
    await settle();
    expect(sent).toEqual([heartbeat(1)]);
    await faults.add("pause a");
    answer(HEARD);
    await settle();
    expect(heard).toEqual([]);
    faults.heal();
    await settle();
    expect(heard).toEqual([["learner1", HEARD]]);
  });

  test("is neither asked nor heard once the way to it is closed", async () => {
    const { peer, sent, heard, start } = stage();
    let answer = (_: LogMessage) => {};
    start(() => new Promise((resolve) => (answer = resolve)));
    peer.send(heartbeat(1));
    await peer.close();
    answer(HEARD);
    peer.send(heartbeat(2));
    await settle();
    expect(sent).toEqual([heartbeat(1)]);
    expect(heard).toEqual([]);
  });
});

test("of the roles of a process each is found by its name, once it has started", () => {
  const here = new RolesHere();
  const role: RoleHere = { request: async () => HEARD };
  expect(here.find("learner1")).toBeNull();
  here.add("learner1", role);
  expect(here.find("learner1")).toBe(role);
  expect(here.find("learner2")).toBeNull();
});
