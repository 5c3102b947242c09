import { formatAddress } from "@synod/api";
import { describe, expect, test } from "vitest";
import {
  AcceptorClient,
  type AcceptorClientOptions,
  NoAnswer,
  nodeHttpTransport,
  ProblemAnswer,
} from "../src/index.ts";
import {
  NOBODY,
  type StandIn,
  startRawServer,
  startServerSaying,
  startSilentServer,
  startStandIn,
} from "./stand-in-server.ts";

const STATE = { promisedId: 7, acceptedId: -1, acceptedValue: null };

/** What a call came to: its reply, or the error it ended with. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => error);
}

/** Runs until the condition holds, within a bound. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each([
  ["undici", {}],
  ["node:http", { transport: nodeHttpTransport }],
] satisfies [string, AcceptorClientOptions][])("over %s", (_name, transport) => {
  const clientOf = ({ address }: Pick<StandIn, "address">, options: AcceptorClientOptions = {}) =>
    new AcceptorClient(address, { ...transport, ...options });

  test("a reply of the promised form is handed over as it is, and every route is asked as the wire says", async () => {
    const state = await startServerSaying(STATE);
    expect(await clientOf(state).state(3)).toEqual(STATE);
    const pool = await startServerSaying({ 1: STATE });
    expect(await clientOf(pool).poolState(4)).toEqual({ 1: STATE });
    const history = await startServerSaying({ instance: 5, history: [], missingThroughId: -1 });
    expect(await clientOf(history).history(5)).toEqual({ instance: 5, history: [], missingThroughId: -1 });
    expect([...state.requests, ...pool.requests, ...history.requests]).toEqual([
      "GET /state?instance=3",
      "GET /pool/state?instance=4",
      "GET /history?instance=5",
    ]);
  });

  test("prepare and accept carry their body as JSON, with a value of any characters", async () => {
    const bodies: unknown[] = [];
    const server = await startStandIn(async (request, response) => {
      let text = "";
      for await (const piece of request.setEncoding("utf8")) text += piece;
      bodies.push([request.headers["content-type"], JSON.parse(text)]);
      response.end(
        JSON.stringify(
          request.url === "/prepare"
            ? { ignored: false, promisedId: 7 }
            : { ignored: false, acceptedId: 7, acceptedValue: "naïve 🙂\n" },
        ),
      );
    });
    const client = clientOf(server);
    await client.prepare({ id: 7, instance: 2 });
    await client.accept({ id: 7, value: "naïve 🙂\n" });
    expect(server.requests).toEqual(["POST /prepare", "POST /accept"]);
    expect(bodies).toEqual([
      ["application/json", { id: 7, instance: 2 }],
      ["application/json", { id: 7, value: "naïve 🙂\n" }],
    ]);
  });

  test("a server that never answers costs the time-out, and not more", async () => {
    const client = clientOf(await startSilentServer(), { timeoutMs: 100 });
    const begin = performance.now();
    const error = await outcomeOf(client.state(1));
    expect(error).toMatchObject({
      name: "NoAnswer",
      reason: "timeout",
      message: expect.stringContaining("within 100 ms"),
    });
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  test("an answer that begins and does not go on is a time-out too", async () => {
    const server = await startStandIn((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"promisedId":');
    });
    expect(await outcomeOf(clientOf(server, { timeoutMs: 200 }).state(1))).toMatchObject({ reason: "timeout" });
  });

  test("an address at which nobody listens is refused: the one failure after which nothing was done for certain", async () => {
    const error = await outcomeOf(clientOf({ address: NOBODY }).accept({ id: 7, value: "x" }));
    expect(error).toBeInstanceOf(NoAnswer);
    expect(error).toMatchObject({ reason: "refused", message: `nobody listens at ${formatAddress(NOBODY)}` });
  });

  test("an answer of another server than the one expected is none, and its word about itself is not kept", async () => {
    const server = await startServerSaying(STATE, { headers: { "synod-server": "2/3 some-pool" } });
    const client = clientOf(server, { serverId: 1 });
    expect(await outcomeOf(client.state(1))).toMatchObject({
      reason: "wrong-server",
      message: expect.stringContaining("is server 2, not server 1"),
    });
    expect(client.identity).toBeNull();
  });

  test("even a refusal counts only from the server that is expected", async () => {
    const problem = {
      type: "urn:synod:problem:internal",
      title: "t",
      status: 500,
      detail: "d",
      code: "internal",
      definite: false,
    };
    const server = await startServerSaying(problem, { status: 500, headers: { "synod-server": "2/3 some-pool" } });
    expect(await outcomeOf(clientOf(server, { serverId: 1 }).state(1))).toMatchObject({ reason: "wrong-server" });
  });

  test("the server expected is taken at its word, and says who it is", async () => {
    const server = await startServerSaying(STATE, { headers: { "synod-server": "2/3 some-pool" } });
    const client = clientOf(server, { serverId: 2 });
    expect(await client.state(1)).toEqual(STATE);
    expect(client.identity).toEqual({ serverId: 2, serverCount: 3, poolId: "some-pool" });
  });

  test.each([
    ["a web page", "<html>hello</html>", 200],
    ["a web server's error page", "<html>oops</html>", 500],
    ["a web server's page that is not there", "not found", 404],
    ["nothing at all", "", 200],
    ["JSON of another service", { status: "ok" }, 200],
    ["another service's error in JSON", { code: "teapot", detail: "short and stout" }, 418],
    ["an error whose code is a word every object knows", { code: "toString", detail: "x" }, 500],
    ["a list", [STATE], 200],
    ["null", "null", 200],
    ["a number", "7", 200],
    ["a good state under a status that is none", STATE, 201],
    ["an id that is no whole number", { ...STATE, promisedId: 7.5 }, 200],
    ["an id beyond 2^53-1", '{"promisedId":9007199254740993,"acceptedId":-1,"acceptedValue":null}', 200],
    ["an id below -1", { ...STATE, promisedId: -2 }, 200],
    ["an id as text", { ...STATE, promisedId: "7" }, 200],
    ["an accepted id without a value", { ...STATE, acceptedId: 7 }, 200],
    ["half a state", { promisedId: 7 }, 200],
    ["a truncated state that does not say how far", { promisedId: 7, truncated: true }, 200],
  ])("%s is not an acceptor's answer, and is told as such", async (_what, body, status) => {
    const client = clientOf(await startServerSaying(body, { status }));
    expect(await outcomeOf(client.state(1))).toMatchObject({
      name: "NoAnswer",
      reason: "no-acceptor",
      message: expect.stringContaining("is not an acceptor of Synod"),
    });
  });

  test.each([
    ["a promise that does not say which", { ignored: false }],
    ["a promise with half a pair", { ignored: false, promisedId: 7, acceptedId: 3 }],
    ["a word in place of a truth value", { ignored: "false", promisedId: 7 }],
    ["an accepted pair", { promisedId: 7, acceptedId: 3, acceptedValue: "x" }],
  ])("%s is no answer to a prepare: a proposer must not count it", async (_what, body) => {
    expect(await outcomeOf(clientOf(await startServerSaying(body)).prepare({ id: 7 }))).toMatchObject({
      reason: "no-acceptor",
    });
  });

  test.each([
    ["an acceptance without the pair", { ignored: false }],
    ["an acceptance of no string", { ignored: false, acceptedId: 7, acceptedValue: 7 }],
    ["an ignored accept that does not say for what", { ignored: true }],
    ["a promise", { ignored: false, promisedId: 7 }],
  ])("%s is no answer to an accept", async (_what, body) => {
    const client = clientOf(await startServerSaying(body));
    expect(await outcomeOf(client.accept({ id: 7, value: "x" }))).toMatchObject({ reason: "no-acceptor" });
  });

  test("a refusal from the table of errors is handed over whole", async () => {
    const problem = {
      type: "urn:synod:problem:value-conflict",
      title: "Another value was accepted under the same id",
      status: 409,
      detail: "id 7 already carries another value",
      code: "value-conflict",
      definite: true,
    };
    const error = await outcomeOf(
      clientOf(await startServerSaying(problem, { status: 409 })).accept({ id: 7, value: "x" }),
    );
    expect(error).toBeInstanceOf(ProblemAnswer);
    expect(error).toMatchObject({ problem, message: problem.detail });
  });

  test.each([
    ["before a word is said", ""],
    ["in the middle of the headers", "HTTP/1.1 200 OK\r\ncontent-"],
    ["in the middle of the answer", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"promisedId":7'],
    ["with something that is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
  ])("a connection that ends %s is broken: what was asked may have been done", async (_when, words) => {
    const address = await startRawServer((socket) => socket.once("data", () => socket.end(words)));
    expect(await outcomeOf(clientOf({ address }).state(1))).toMatchObject({ name: "NoAnswer", reason: "broken" });
  });

  test("an answer without an end is given up at a bound, before it fills the memory", async () => {
    const piece = Buffer.alloc(1024 * 1024, "x");
    let sent = 0;
    const server = await startStandIn((_request, response) => {
      const pour = () => {
        while (!response.destroyed && sent < 256) {
          sent++;
          if (!response.write(piece)) return;
        }
      };
      response.on("drain", pour);
      pour();
    });
    const error = await outcomeOf(clientOf(server, { timeoutMs: 30_000 }).state(1));
    expect(error).toMatchObject({ name: "NoAnswer", reason: "broken" });
    expect(sent).toBeLessThan(128);
  });

  test("the secret goes along with every request, and nothing does where there is none", async () => {
    for (const [secret, expected] of [
      ["s3cret", "Bearer s3cret"],
      [undefined, undefined],
    ] as const) {
      const server = await startServerSaying(STATE);
      await clientOf(server, secret === undefined ? {} : { secret }).state(1);
      expect((await server.asked).headers.authorization).toBe(expected);
    }
  });

  test("a caller that gives up ends its call at once, and the server sees the connection go", async () => {
    const server = await startSilentServer();
    const giveUp = new AbortController();
    const call = outcomeOf(clientOf(server, { timeoutMs: 3_600_000 }).state(1, { signal: giveUp.signal }));
    await server.asked;
    giveUp.abort();
    expect(await call).toMatchObject({ name: "NoAnswer", reason: "cancelled" });
    await until(async () => (await server.connectionCount()) === 0);
  });

  test("a call that is given up before it begins sends nothing", async () => {
    const server = await startServerSaying(STATE);
    const error = await outcomeOf(clientOf(server).state(1, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ reason: "cancelled" });
    expect(server.requests).toEqual([]);
  });

  test("connections are kept for the calls that come, and let go of on close", async () => {
    const server = await startServerSaying(STATE);
    const client = clientOf(server);
    for (let call = 0; call < 20; call++) await client.state(1);
    // A call may begin before the connection of the one before it is free again.
    expect(await server.connectionCount()).toBeLessThanOrEqual(2);
    await client.close();
    await until(async () => (await server.connectionCount()) === 0);
  });

  test("calls under way fail when the client is closed, instead of waiting for their time-out", async () => {
    const server = await startSilentServer();
    const client = clientOf(server, { timeoutMs: 3_600_000 });
    const call = outcomeOf(client.state(1));
    await server.asked;
    await client.close();
    expect(await call).toMatchObject({ name: "NoAnswer" });
  });

  test("a server that comes back on the same address is reached again, although the kept connection is gone", async () => {
    let closing = true;
    const server = await startStandIn((_request, response) => {
      if (closing) response.setHeader("connection", "close");
      closing = false;
      response.end(JSON.stringify(STATE));
    });
    const client = clientOf(server);
    expect(await client.state(1)).toEqual(STATE);
    expect(await client.state(1)).toEqual(STATE);
  });
});
