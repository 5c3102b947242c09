import { type LogMessage, NO_OP, type Participant, ready } from "@synod/consensus";
import type { GatewayReply, GatewayRequest } from "@synod/state-machines";
import { describe, expect, test } from "vitest";
import { NumberingClient, OPENED_AT_UNKNOWN } from "../src/multipaxos/numbering-client.ts";
import { Person } from "../src/multipaxos/person.ts";

const page = (...instances: readonly number[]) => ({
  entries: instances.map((instance) => ({ instance, acceptedId: 17, acceptedValue: NO_OP })),
  next: null,
  truncatedThrough: 0,
});

describe("a person of a simulated cluster", () => {
  const propose = { kind: "accept-by-hand", id: 1024, ahead: 3, value: "mine" } as const;
  const promise = (from: string, ...instances: readonly number[]) =>
    ({ kind: "message", from, message: { type: "promise-log", id: 1024, page: page(...instances) } }) as const;

  test("prepares where it was asked to, and wants nothing else", () => {
    const person = new Person(["a1", "a2", "a3"]);
    const command = { kind: "prepare-by-hand", id: 16, acceptors: ["a2"] } as const;
    const { messages } = person.step({ kind: "propose", requestId: "r", command });
    expect(messages).toEqual([{ to: "a2", message: { type: "prepare-log", id: 16, from: 1 } }]);
    expect(person.step(promise("a2")).messages).toEqual([]);
  });

  test("puts a value only beyond what a majority has promised it to be the end of the log", () => {
    const person = new Person(["a1", "a2", "a3"]);
    expect(person.step({ kind: "propose", requestId: "r", command: propose }).messages).toHaveLength(3);
    expect(person.step(promise("a1", 1, 2)).messages).toEqual([]);
    expect(person.step(promise("a1", 1, 2)).messages).toEqual([]);
    const { messages } = person.step(promise("a3", 1, 2, 3));
    expect(messages.map(({ to }) => to)).toEqual(["a1", "a2", "a3"]);
    expect(messages[0]?.message).toEqual({ type: "accept", id: 1024, instance: 6, value: "mine" });
    expect(person.step(promise("a2")).messages).toEqual([]);
  });
});

describe("the clients behind a simulated gateway", () => {
  /** A gateway that takes down what it hears, and does what it is told. */
  function around(outputs: Partial<ReturnType<Participant<LogMessage, never, GatewayRequest, GatewayReply>["step"]>>) {
    const heard: unknown[] = [];
    const gateway: Participant<LogMessage, never, GatewayRequest, GatewayReply> = {
      step: (input) => {
        heard.push(input);
        return ready(outputs);
      },
      state: null,
    };
    return { heard, client: new NumberingClient(gateway, 7) };
  }
  const session = { client: "own", openedAt: OPENED_AT_UNKNOWN, sequence: 2, firstUnacknowledged: 1 };
  const write = { kind: "write", operation: null, label: null, session, timeoutMs: 1 } as const;

  test("ask for nothing in a session of their own before they know which slot opened it, and then say so", () => {
    const cost = { messages: 0, sharedBy: 1 };
    const reply = { kind: "written", slot: 5, result: { openedAt: 4 }, token: 5, cost } as const;
    const { heard, client } = around({ replies: [{ requestId: "o", reply }] });
    client.step({ kind: "propose", requestId: "w", command: write });
    expect(heard).toEqual([]);
    client.step({ kind: "propose", requestId: "o", command: { kind: "open-session", client: "own", timeoutMs: 1 } });
    client.step({ kind: "propose", requestId: "x", command: write });
    expect(heard[1]).toMatchObject({
      requestId: "x",
      command: { session: { client: "own", openedAt: 4, sequence: 2 } },
    });
  });

  test("hear no answer that belongs to an earlier life", () => {
    const submit = { type: "submit", submission: 3, requests: [] } as const;
    const barrier = { type: "read-barrier", requestId: "barrier-1" } as const;
    const query = { type: "query", requestId: "1", queries: ["?"], atLeast: 0, waitMs: 1 } as const;
    const messages = [submit, barrier, query].map((message) => ({ to: "p1", message }));
    const { heard, client } = around({ messages });
    const sent = client.step({ kind: "timeout", timer: "t" }).messages.map(({ message }) => message);
    expect(sent).toEqual([
      { ...submit, submission: 7_000_003 },
      { ...barrier, requestId: "7 barrier-1" },
      { ...query, requestId: "7 1" },
    ]);
    const hear = (message: LogMessage) => void client.step({ kind: "message", from: "p1", message });
    const refused = { type: "read-barrier-refused", reason: "not-leader", leader: null } as const;
    hear({ type: "submitted", submission: 6_000_003, outcomes: [] });
    hear({ type: "submitted", submission: 3, outcomes: [] });
    hear({ ...refused, requestId: "6 barrier-1" });
    hear({ type: "query-answer", requestId: "6 1", slot: 3, answers: ["!"] });
    expect(heard).toHaveLength(1);
    hear({ type: "submitted", submission: 7_000_003, outcomes: [] });
    hear({ ...refused, requestId: "7 barrier-1" });
    expect(heard.slice(1)).toMatchObject([
      { message: { type: "submitted", submission: 3 } },
      { message: { type: "read-barrier-refused", requestId: "barrier-1" } },
    ]);
    hear({ type: "query-refused", requestId: "7 1", reason: "behind", appliedThrough: 3 });
    expect(heard.at(-1)).toMatchObject({ message: { type: "query-refused", requestId: "1" } });
  });
});
