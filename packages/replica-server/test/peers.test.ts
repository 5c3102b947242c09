import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { formatNodeIdentity, NODE_HEADER, problem } from "@synod/api";
import { NoAnswer, ProblemAnswer, undiciTransport } from "@synod/client";
import type { AcceptLog, LogMessage } from "@synod/consensus";
import { expect, onTestFinished, test } from "vitest";
import { acceptorExchange } from "../src/host/acceptor-exchange.ts";
import { PeerConnection } from "../src/host/peer-connection.ts";
import { roleExchange } from "../src/host/role-exchange.ts";
import { heartbeat } from "./toy-participant.ts";

const ACCEPT: AcceptLog = { type: "accept-log", id: 17, entries: [{ instance: 4, value: "v" }], sequence: 3 };
const PAGE = { entries: [], next: null, truncatedThrough: 9 };

type Client = Parameters<typeof acceptorExchange>[0];

/** An acceptor's client that answers so. */
function client(answers: Partial<{ readonly [call in keyof Client]: (request: unknown) => unknown }>): Client {
  const answer = (call: keyof Client) => async (request: unknown) => answers[call]?.(request) as never;
  return {
    logPrepare: answer("logPrepare"),
    logAccept: answer("logAccept"),
    log: answer("log"),
    logTruncate: answer("logTruncate"),
  };
}

function refuses(code: Parameters<typeof problem>[0]) {
  return () => {
    throw new ProblemAnswer(problem(code, "no"));
  };
}

test("an acceptor's answers become the messages of the core, with what the question held", async () => {
  const exchange = acceptorExchange(
    client({
      logPrepare: () => ({ ignored: false, promisedId: 17, ...PAGE }),
      logAccept: () => ({ ignored: false, acceptedId: 17, instances: [4], sequence: 3 }),
      log: () => ({ promisedId: 17, ...PAGE }),
      logTruncate: () => ({ truncatedThrough: 2 }),
    }),
  );
  expect(await exchange({ type: "prepare-log", id: 17, from: 1 })).toEqual({ type: "promise-log", id: 17, page: PAGE });
  expect(await exchange(ACCEPT)).toEqual({ type: "accepted-log", id: 17, instances: [4], sequence: 3 });
  const log = { type: "log", from: 5, promisedId: 17, page: PAGE };
  expect(await exchange({ type: "read-log", from: 5, limit: 10 })).toEqual(log);
  expect(await exchange({ type: "truncate-log", through: 2 })).toEqual({ type: "log-truncated", truncatedThrough: 2 });
});

test("what an acceptor ignores names the promise, for the id that asked", async () => {
  const ignored = () => ({ ignored: true, promisedId: 33 });
  const exchange = acceptorExchange(client({ logPrepare: ignored, logAccept: ignored }));
  const prepared = await exchange({ type: "prepare-log", id: 17, from: 1 });
  expect(prepared).toEqual({ type: "prepare-log-ignored", id: 17, promisedId: 33 });
  expect(await exchange(ACCEPT)).toEqual({ type: "accept-log-ignored", id: 17, promisedId: 33 });
});

test("a conflict is a refusal of the core, and a truncated slot says how far, after a second look", async () => {
  const conflict = acceptorExchange(client({ logAccept: refuses("value-conflict") }));
  expect(await conflict(ACCEPT)).toEqual({
    type: "refused",
    id: 17,
    instance: 4,
    reason: "value-conflict",
    accepted: null,
  });
  const gone = acceptorExchange(client({ logAccept: refuses("truncated"), log: () => ({ promisedId: 17, ...PAGE }) }));
  expect(await gone(ACCEPT)).toEqual({ type: "truncated", instance: 4, truncatedThrough: 9, promisedId: 17 });
  const failed = acceptorExchange(client({ logAccept: refuses("storage-failed") }));
  await expect(failed(ACCEPT)).rejects.toBeInstanceOf(ProblemAnswer);
});

/** A connection whose exchanges the test ends. */
function connection(limits = { underWay: 2, waiting: 1 }) {
  const open: { message: LogMessage; answer: (message: LogMessage | null) => void; fail: (error: Error) => void }[] =
    [];
  const heard: LogMessage[] = [];
  const exchange = (message: LogMessage) =>
    new Promise<LogMessage | null>((answer, fail) => open.push({ message, answer, fail }));
  const peer = new PeerConnection({
    name: "learner1",
    exchange,
    hear: (_from, message) => heard.push(message),
    limits,
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { open, heard, peer, settle };
}

const query = (requestId: string): LogMessage => ({ type: "query", requestId, queries: ["1"], atLeast: 0, waitMs: 0 });

test("where too much is under way, what is repeated anyway is dropped, and what somebody waits for takes its turn", async () => {
  const { open, heard, peer, settle } = connection();
  for (const message of [heartbeat(1), heartbeat(2), heartbeat(3), query("a"), query("b")]) peer.send(message);
  await settle();
  expect(open.map(({ message }) => message)).toEqual([heartbeat(1), heartbeat(2)]);
  expect(heard).toEqual([{ type: "no-answer", to: "query", which: "b", arrived: "perhaps" }]);
  open[0]?.answer({ type: "heartbeat-heard", highestId: 1 });
  await settle();
  expect(open[2]?.message).toEqual(query("a"));
  expect(heard.at(-1)).toEqual({ type: "heartbeat-heard", highestId: 1 });
});

test.each([
  [new NoAnswer("refused", "nobody"), "certainly-not"],
  [new NoAnswer("timeout", "late"), "perhaps"],
  [new NoAnswer("wrong-server", "another"), "perhaps"],
  [new ProblemAnswer(problem("stopping", "bye")), "certainly-not"],
  [new ProblemAnswer(problem("storage-failed", "oh")), "perhaps"],
])("of a submission that has no answer (%s) the client is told whether it arrived", async (error, arrived) => {
  const { open, heard, peer, settle } = connection();
  peer.send({ type: "submit", submission: 8, requests: [] });
  open[0]?.fail(error);
  await settle();
  expect(heard).toEqual([{ type: "no-answer", to: "submit", which: "8", arrived }]);
});

test("what nobody waits for is lost in silence: participants have timers", async () => {
  const { open, heard, peer, settle } = connection();
  peer.send(heartbeat(1));
  open[0]?.fail(new NoAnswer("refused", "nobody"));
  await settle();
  expect(heard).toEqual([]);
});

/** A server that answers everything so. */
async function serverThatAnswers(body: unknown, headers: Record<string, string>) {
  const server = createServer((_request, response) => response.writeHead(200, headers).end(JSON.stringify(body)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const transport = undiciTransport(address);
  onTestFinished(async () => {
    await transport.close();
    server.close();
  });
  return roleExchange({ name: "proposer2", address, clusterId: "c", transport, headers: {}, timeoutMs: 5000 });
}

const HEARD = { type: "heartbeat-heard", highestId: 4 };
const identity = (name: string, clusterId: string) => ({ [NODE_HEADER]: formatNodeIdentity({ name, clusterId }) });

test("only the role that is expected, of the same cluster, is listened to", async () => {
  const right = await serverThatAnswers(HEARD, identity("proposer2", "c"));
  expect(await right(heartbeat(1))).toEqual(HEARD);
  for (const headers of [identity("proposer3", "c"), identity("proposer2", "d"), {}]) {
    const wrong = await serverThatAnswers(HEARD, headers as Record<string, string>);
    await expect(wrong(heartbeat(1))).rejects.toMatchObject({ reason: "wrong-server" });
  }
});

test("an answer of another form is no answer", async () => {
  const odd = await serverThatAnswers({ type: "heartbeat-heard", highestId: "four" }, identity("proposer2", "c"));
  await expect(odd(heartbeat(1))).rejects.toMatchObject({ reason: "broken" });
});
