import { describe, expect, test } from "vitest";
import { AcceptorClient, nodeHttpTransport, undiciTransport } from "../src/index.ts";
import { type StandIn, startServerSaying, startStandIn } from "./stand-in-server.ts";

const ENTRY = { instance: 4, acceptedId: 17, acceptedValue: "v" };
const PAGE = { entries: [ENTRY, { ...ENTRY, instance: 5, decided: true }], next: null, truncatedThrough: 3 };
const STATUS = {
  name: "acceptor1",
  role: "acceptor",
  id: 1,
  promisedId: -1,
  truncatedThrough: 0,
  entries: 0,
  lastSlot: 0,
  decided: 0,
  cluster: "c",
};

function clientOf({ address }: Pick<StandIn, "address">): AcceptorClient {
  return new AcceptorClient(address);
}

type Call = (client: AcceptorClient) => Promise<unknown>;

const CALLS = {
  logPrepare: (client) => client.logPrepare({ id: 17, from: 4 }),
  logAccept: (client) => client.logAccept({ id: 17, entries: [{ instance: 4, value: "v" }] }),
  log: (client) => client.log({ from: 4 }),
  logTruncate: (client) => client.logTruncate({ through: 3 }),
  status: (client) => client.status(),
} satisfies Record<string, Call>;

describe("the calls of a log's proposer", () => {
  test.each([
    ["logPrepare", "POST /log/prepare", { ignored: false, promisedId: 17, ...PAGE }],
    ["logPrepare", "POST /log/prepare", { ignored: true, promisedId: 33 }],
    ["logAccept", "POST /log/accept", { ignored: false, acceptedId: 17, instances: [4], sequence: 9 }],
    ["logAccept", "POST /log/accept", { ignored: false, acceptedId: 17, instances: [] }],
    ["logAccept", "POST /log/accept", { ignored: true, promisedId: 33 }],
    ["log", "GET /log?from=4", { promisedId: -1, ...PAGE }],
    ["logTruncate", "POST /log/truncate", { truncatedThrough: 3 }],
    ["status", "GET /status", STATUS],
  ] as const)("%s asks %s, and hands over what it promises: %j", async (call, asked, reply) => {
    const server = await startServerSaying(reply);
    expect(await CALLS[call](clientOf(server))).toEqual(reply);
    expect(server.requests).toEqual([asked]);
  });

  test.each([
    ["logPrepare", { ignored: false, promisedId: 17 }],
    ["logPrepare", { ignored: true }],
    ["logPrepare", { ignored: false, promisedId: 17, ...PAGE, next: "5" }],
    ["logPrepare", { ignored: false, promisedId: 17, ...PAGE, entries: [{ ...ENTRY, decided: false }] }],
    ["logPrepare", { ignored: false, promisedId: 17, ...PAGE, entries: [{ ...ENTRY, instance: -1 }] }],
    ["logAccept", { ignored: false, acceptedId: 17 }],
    ["logAccept", { ignored: false, acceptedId: 17, instances: ["4"] }],
    ["logAccept", { ignored: false, acceptedId: 17, instances: [4], sequence: "9" }],
    ["log", { promisedId: 17, ...PAGE, entries: [{ ...ENTRY, acceptedValue: null }] }],
    ["log", { ...PAGE }],
    ["logTruncate", { truncatedThrough: -1 }],
    ["status", { ...STATUS, role: "learner" }],
    ["status", { ...STATUS, decided: null }],
  ] as const)("%s does not take %j for an answer", async (call, reply) => {
    const asked = CALLS[call](clientOf(await startServerSaying(reply)));
    await expect(asked).rejects.toMatchObject({ name: "NoAnswer", reason: "no-acceptor" });
  });

  test("sequence and what is decided go along, and a page has a limit if asked for one", async () => {
    let text = "";
    const server = await startStandIn(async (request, response) => {
      for await (const piece of request.setEncoding("utf8")) text += piece;
      response.end(
        JSON.stringify(
          request.method === "POST"
            ? { ignored: false, acceptedId: 17, instances: [], sequence: 9 }
            : { promisedId: 17, ...PAGE },
        ),
      );
    });
    const request = { id: 17, entries: [], sequence: 9, decided: { from: 1, through: 4 } };
    await clientOf(server).logAccept(request);
    expect(JSON.parse(text)).toEqual(request);
    await clientOf(server).log({ from: 4, limit: 50 });
    expect(server.requests.at(-1)).toBe("GET /log?from=4&limit=50");
  });
});

describe.each([
  ["undici", undiciTransport],
  ["node:http", nodeHttpTransport],
] as const)("over %s", (_name, transport) => {
  test("headers of the caller's own go along with every call, beside those that it must have", async () => {
    const server = await startServerSaying({ truncatedThrough: 3 });
    const headers = { "synod-from": "node1", "synod-cluster": "c", "synod-role": "proposer1" };
    const client = new AcceptorClient(server.address, { transport, headers, secret: "s" });
    await client.logTruncate({ through: 3 });
    expect((await server.asked).headers).toMatchObject({
      ...headers,
      authorization: "Bearer s",
      "content-type": "application/json",
    });
    await client.close();
  });

  test.each(["PUT", "DELETE"] as const)("%s goes over the wire as such", async (method) => {
    const server = await startServerSaying("{}");
    const made = transport(server.address);
    const { signal } = new AbortController();
    const body = method === "PUT" ? "{}" : null;
    const answer = await made.exchange({ method, path: "/kv/tea", headers: {}, body, signal });
    expect(answer).toMatchObject({ status: 200, text: "{}" });
    expect(server.requests).toEqual([`${method} /kv/tea`]);
    await made.close();
  });
});
