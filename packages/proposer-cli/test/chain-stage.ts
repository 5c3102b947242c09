import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ClusterFolder, preset } from "@synod/replica-server/topology";
import {
  type Block,
  blockRecord,
  encodeCommand,
  encodeOpenSession,
  findNonce,
  type Json,
  Ledger,
  type LedgerOperation,
  ledgerCommandJson,
  ReplicatedState,
} from "@synod/state-machines";
import { onTestFinished } from "vitest";
import { LearnerStore } from "../../replica-server/src/stores/learner-store.ts";
import { type FakeServer, fakeServer } from "./fake-cluster.ts";

/** A ledger with its blocks, as the replicas of one log make it. */
export interface MadeChain {
  readonly ledger: Ledger;
  readonly blocks: readonly Block[];
  /** As a learner's snapshot holds it. */
  readonly snapshot: readonly string[];
  /** The slot that the snapshot holds. */
  readonly through: number;
}

/** The bytes of a chain file. */
export function fileOf(blocks: readonly Block[]): string {
  return blocks.map((block) => `${blockRecord(block)}\n`).join("");
}

/** Does these operations, one after the other, behind a session as every client has one. */
export function chainOf(operations: readonly LedgerOperation[], difficulty = 0): MadeChain {
  const ledger = new Ledger({ difficulty });
  const blocks: Block[] = [];
  const state = new ReplicatedState(ledger, { observer: { applied: (_slot, made) => blocks.push(...made) } });
  state.apply(1, encodeOpenSession("client1"));
  for (const [place, operation] of operations.entries()) {
    const nonce = findNonce(operation as Json, difficulty, 0, 100_000) ?? 0;
    const command = { operation, nonce, proposer: `server${1 + (place % 3)}`, time: 1_795_046_400_000 + place };
    const position = { client: "client1", openedAt: 1, sequence: place + 2, firstUnacknowledged: place + 2 };
    state.apply(place + 2, encodeCommand({ ...position, operation: ledgerCommandJson(command) }));
  }
  return { ledger, blocks, snapshot: state.snapshot(), through: operations.length + 1 };
}

/** So many puts of a few keys, and a get. */
export function someOperations(count: number): LedgerOperation[] {
  const put = (place: number): LedgerOperation => ({
    type: "put",
    key: place % 2 === 0 ? `key-${place % 5}` : { deep: [place % 3, null] },
    value: { place, text: "ä – 🙂 \ufffd" },
  });
  return Array.from({ length: count }, (_, place) => (place === 1 ? { type: "get", key: "key-0" } : put(place)));
}

/** The files of a ledger's servers, as they leave them when they stop. */
export class ChainFolder {
  readonly cluster: ClusterFolder;

  constructor(difficulty = 0) {
    const home = mkdtempSync(path.join(tmpdir(), "synod-chain-"));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    this.cluster = new ClusterFolder("ledger", home);
    this.cluster.readOrCreate(preset("ledger", { difficulty }));
  }

  node(name: string): string {
    return this.cluster.node(name).folder;
  }

  chainFile(name: string): string {
    return path.join(this.node(name), "learner/chain/blocks.jsonl");
  }

  write(name: string, bytes: string | Uint8Array): void {
    mkdirSync(path.dirname(this.chainFile(name)), { recursive: true });
    writeFileSync(this.chainFile(name), bytes);
  }

  async writeSnapshot(name: string, { snapshot, through }: MadeChain): Promise<void> {
    const identity = { clusterId: this.cluster.read()?.clusterId ?? "", name: name.replace("server", "learner") };
    const { store } = await LearnerStore.onDisk(path.join(this.node(name), "learner"), identity);
    await store.persist([{ kind: "snapshot", through, pieces: snapshot }]);
    await store.close();
  }
}

/** What a fake server of a ledger says; each member may be changed while it runs. */
export interface FakeLedger extends FakeServer {
  ledger: Ledger;
  /** The bytes of its file. */
  file: string | Uint8Array;
  tentative: readonly object[];
  /** Entries on a page of the map at most. */
  pageLimit: number;
  /** Is called before each page of the map is made. */
  beforePage: () => void;
}

/** A server that plays one of a ledger, with these blocks. */
export async function fakeLedger(name: string, { ledger, blocks }: MadeChain): Promise<FakeLedger> {
  const server = await fakeServer(({ path: asked }) => {
    const url = new URL(asked, "http://x");
    const number = (name: string) => Number(url.searchParams.get(name));
    switch (url.pathname) {
      case "/ledger/chain":
        return {
          body: {
            ...(fake.ledger.read({ type: "head" }) as object),
            ...{ server: name, slot: 9, recorded: fake.ledger.head.height },
          },
        };
      case "/ledger/map": {
        fake.beforePage();
        const after = url.searchParams.get("after");
        const limit = Math.min(fake.pageLimit, number("limit"));
        return { body: fake.ledger.read({ type: "map", ...(after === null ? {} : { after }), limit }) };
      }
      case "/ledger/tentative":
        return { body: { entries: fake.tentative } };
      default:
        return (response) => {
          const lines = splitLines(Buffer.from(fake.file)).slice(number("from") - 1);
          const limit = url.searchParams.has("limit") ? number("limit") : lines.length;
          response.writeHead(200, { "content-type": "application/x-ndjson" });
          response.end(Buffer.concat(lines.slice(0, limit)));
        };
    }
  });
  const more = { ledger, file: fileOf(blocks), tentative: [], pageLimit: 1000, beforePage: () => {} };
  const fake: FakeLedger = Object.assign(server, more);
  return fake;
}

/** With their line feeds, where they have one. */
function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(0x0a, at);
    const end = found < 0 ? bytes.length : found + 1;
    lines.push(bytes.subarray(at, end));
    at = end;
  }
  return lines;
}
