import { type Address, parseAddress, type ServerIdentity } from "@synod/api";
import type { AcceptorState, AcceptorWrite } from "@synod/consensus";
import { MemoryDisk, openMemoryJournal } from "@synod/storage";
import { onTestFinished } from "vitest";
import { AcceptorHost } from "../src/acceptor-host.ts";
import { AcceptorStore } from "../src/acceptor-store.ts";
import { type AppOptions, buildApp } from "../src/app.ts";
import type { App } from "../src/node/node-app.ts";

export const IDENTITY: ServerIdentity = { serverId: 2, serverCount: 3, poolId: "test-pool" };

export interface MemoryApp {
  readonly app: App;
  readonly host: AcceptorHost;
}

type Extras = Partial<Omit<AppOptions, "host">>;

/** One acceptor's routes over a memory disk. With the same disk again: the acceptor after a restart. */
export async function memoryApp(disk = new MemoryDisk(), extras: Extras = {}): Promise<MemoryApp> {
  const { store, state } = await AcceptorStore.inMemory(IDENTITY, disk);
  return appOver(store, state, extras);
}

/** One acceptor's routes over this store. All is closed when the test ends. */
export async function appOver(store: AcceptorStore, state: AcceptorState, extras: Extras = {}): Promise<MemoryApp> {
  const { app, host, close } = await keptApp(store, state, extras);
  onTestFinished(close);
  return { app, host };
}

/** The same for several tests, until it is closed. */
export async function appOfFile(): Promise<MemoryApp & { close(): Promise<void> }> {
  const { store, state } = await AcceptorStore.inMemory(IDENTITY, new MemoryDisk());
  return keptApp(store, state);
}

async function keptApp(store: AcceptorStore, state: AcceptorState, extras: Extras = {}) {
  const host = new AcceptorHost(store, state);
  const app = await buildApp({ host, identity: IDENTITY, peers: new Map(), ...extras });
  const close = async () => {
    await app.close();
    await host.close();
  };
  return { app, host, close };
}

/** A disk that holds these writes, as an earlier life of the acceptor would have left them. */
export async function diskWith(writes: readonly AcceptorWrite[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const { store } = await AcceptorStore.inMemory(IDENTITY, disk);
  await store.close();
  const { journal } = await openMemoryJournal(disk, { initialState: new Uint8Array() });
  await journal.append(Buffer.from(JSON.stringify(writes)));
  await journal.close();
  return disk;
}

/** Sends a JSON body and gives the status and the parsed answer. */
export async function post(app: App, url: string, body: unknown): Promise<{ status: number; reply: unknown }> {
  const answer = await app.inject({
    method: "POST",
    url,
    headers: { "content-type": "application/json" },
    payload: JSON.stringify(body),
  });
  return { status: answer.statusCode, reply: answer.json() };
}

export async function get(app: App, url: string): Promise<{ status: number; reply: unknown }> {
  const answer = await app.inject({ method: "GET", url });
  return { status: answer.statusCode, reply: answer.json() };
}

/** Everything the acceptor tells of itself over its routes, for instances 1 to 3: what no bad request may change. */
export async function everythingTold(app: App): Promise<unknown> {
  const urls = ["/log?limit=1000"];
  for (const instance of [1, 2, 3]) urls.push(`/state?instance=${instance}`, `/history?instance=${instance}`);
  return Promise.all(urls.map((url) => get(app, url)));
}

/** Lets the app listen on any free port of this machine. */
export async function listening(app: App): Promise<Address> {
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return parseAddress(url);
}
