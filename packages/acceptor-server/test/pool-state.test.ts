import { createServer } from "node:net";
import { type Address, parseAddress, type StateReply } from "@synod/api";
import { AcceptorClient } from "@synod/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { get, listening, memoryApp, post } from "./memory-app.ts";
import { ask, started } from "./started-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const TIMEOUT_MS = 300;
const POOL = "the-pool";

type Peers = Map<number, Pick<AcceptorClient, "state">>;

/** Server 2 of 3, which asks these. */
async function asking(peers: Peers) {
  const { app } = await memoryApp(undefined, { peers });
  await post(app, "/accept", { id: 7, value: "own" });
  return app;
}

const OWN = { promisedId: 7, acceptedId: 7, acceptedValue: "own" };
const EMPTY = { promisedId: -1, acceptedId: -1, acceptedValue: null };

function client(address: Address, serverId: number, timeoutMs = 10_000): AcceptorClient {
  const made = new AcceptorClient(address, { serverId, timeoutMs });
  onTestFinished(() => made.close());
  return made;
}

/** A server of a pool of three, on a free port, in a folder of its own. */
async function peer(serverId: number): Promise<Address> {
  return (await started({ home: temporaryFolder(), serverId, serverCount: 3, poolId: POOL })).address;
}

/** A port on which connections are taken and nothing is ever said. */
async function silence(): Promise<Address> {
  const server = createServer((socket) => onTestFinished(() => void socket.destroy()));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return parseAddress(`127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
}

describe("GET /pool/state", () => {
  test("tells the state of every server by its id, each asked about the same instance", async () => {
    const first = await started({ home: temporaryFolder(), serverId: 1, serverCount: 3 });
    await ask(first, "/accept", { id: 4, value: "theirs", instance: 6 });
    const peers: Peers = new Map();
    const app = await asking(peers);
    expect((await get(app, "/pool/state")).reply).toEqual({ "2": OWN });
    peers.set(1, client(first.address, 1));
    peers.set(3, client(await peer(3), 3));
    const one = { ...EMPTY, promisedId: 4 };
    expect(await get(app, "/pool/state")).toEqual({ status: 200, reply: { "1": one, "2": OWN, "3": EMPTY } });
    expect((await get(app, "/pool/state?instance=6")).reply).toEqual({
      "1": { promisedId: 4, acceptedId: 4, acceptedValue: "theirs" },
      "2": { ...EMPTY, promisedId: 7 },
      "3": EMPTY,
    });
  });

  test("asks all of them at the same time: none waits for another's answer", async () => {
    const begun: number[] = [];
    const releases: (() => void)[] = [];
    const waits = (serverId: number) => ({
      state: () => {
        begun.push(serverId);
        return new Promise<StateReply>((resolve) => {
          releases.push(() => resolve(EMPTY));
          // The answers come once both were asked, which never happens if they are asked one after the other.
          if (begun.length === 2) for (const release of releases) release();
        });
      },
    });
    const app = await asking(
      new Map([
        [1, waits(1)],
        [3, waits(3)],
      ]),
    );
    expect((await get(app, "/pool/state")).reply).toEqual({ "1": EMPTY, "2": OWN, "3": EMPTY });
  });

  test("leaves out a server that takes the connection and says nothing, once its time is up", async () => {
    const app = await asking(
      new Map([
        [1, client(await silence(), 1, TIMEOUT_MS)],
        [3, client(await peer(3), 3)],
      ]),
    );
    const begin = performance.now();
    expect((await get(app, "/pool/state")).reply).toEqual({ "2": OWN, "3": EMPTY });
    const tookMs = performance.now() - begin;
    expect(tookMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 5);
    expect(tookMs).toBeLessThan(10_000);
  });

  test("leaves out an address where another server answers: one acceptor counted twice is no majority", async () => {
    const third = await peer(3);
    const app = await asking(
      new Map([
        [1, client(third, 1)],
        [3, client(third, 3)],
      ]),
    );
    expect((await get(app, "/pool/state")).reply).toEqual({ "2": OWN, "3": EMPTY });
  });

  test("leaves out a port where nobody listens, and one where something else does", async () => {
    const gone = await started({ home: temporaryFolder() });
    await gone.close();
    const { app: strange } = await memoryApp();
    strange.addHook("onSend", async () => '{"hello":"world"}');
    const app = await asking(
      new Map([
        [1, client(gone.address, 1)],
        [3, client(await listening(strange), 3)],
      ]),
    );
    expect((await get(app, "/pool/state")).reply).toEqual({ "2": OWN });
  });
});

test("a server asks the others at the addresses it was given, within the time it was given", async () => {
  const addresses = [{ host: "127.0.0.1", port: 0 }, await silence(), await peer(3)];
  const server = await started({
    home: temporaryFolder(),
    serverCount: 3,
    addresses,
    poolId: POOL,
    peerTimeoutMs: TIMEOUT_MS,
  });
  expect(await ask(server, "/pool/state")).toEqual({ "1": EMPTY, "3": EMPTY });
});

test("a server leaves out what answers under another id than the list of addresses says", async () => {
  const third = await peer(3);
  const addresses = [{ host: "127.0.0.1", port: 0 }, third, third];
  const server = await started({ home: temporaryFolder(), serverCount: 3, addresses, poolId: POOL });
  expect(await ask(server, "/pool/state")).toEqual({ "1": EMPTY, "3": EMPTY });
});

test("a server leaves out a server of another pool, however right its id is", async () => {
  const addresses = [{ host: "127.0.0.1", port: 0 }, await silence(), await peer(3)];
  const options = { serverCount: 3, addresses, poolId: "another", peerTimeoutMs: TIMEOUT_MS };
  const server = await started({ home: temporaryFolder(), ...options });
  expect(await ask(server, "/pool/state")).toEqual({ "1": EMPTY });
});
