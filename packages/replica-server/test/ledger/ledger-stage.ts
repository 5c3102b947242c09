import { readFileSync } from "node:fs";
import type { EngineName } from "@synod/api";
import { expect } from "vitest";
import { type Answer, ClusterStage, COMPACT, RAFT, until } from "../cluster-stage.ts";

export const NODES = ["node1", "node2", "node3"];

/** Snapshots after some ten blocks: what is older is in no log any more. */
const TINY = {
  learner: { limits: { snapshotCharacters: 2000, keptEntries: 5 } },
  proposer: { limits: { keptBelowSnapshot: 5, keptEntries: 5 } },
  raft: { limits: { snapshotCharacters: 2000, keptEntries: 5 } },
  peerTimeoutMs: 500,
};

/** A ledger of three nodes in this process, for all tests of a file: each leaves it whole. */
export class LedgerStage {
  private constructor(
    readonly engine: EngineName,
    readonly cluster: ClusterStage,
  ) {}

  static async forFile(engine: EngineName): Promise<LedgerStage> {
    const shape = engine === "raft" ? RAFT : COMPACT;
    return new LedgerStage(engine, await ClusterStage.forFile({ engine, shape, application: "ledger", tuning: TINY }));
  }

  /** The server that applies the log on this node. */
  stateAt(node: string): string {
    return node.replace("node", this.engine === "raft" ? "raft" : "learner");
  }

  /** Where this node keeps its snapshot, and its chain. */
  folderOf(node: string): string {
    return `${this.cluster.folder}/${node}/${this.engine === "raft" ? "raft" : "learner"}`;
  }

  chainFile(node: string): string {
    return `${this.folderOf(node)}/chain/blocks.jsonl`;
  }

  put(key: unknown, value: unknown, at = "gateway1", timeout_ms = 30_000): Promise<Answer> {
    return this.cluster.ask(at, "POST /ledger/blocks", { operation: { type: "put", key, value }, timeout_ms });
  }

  async putMany(count: number, at = "gateway1"): Promise<void> {
    for (let number = 0; number < count; number++) {
      expect((await this.put(`key${number % 7}`, `${number} ${"x".repeat(50)}`, at)).status).toBe(200);
    }
  }

  async chainAt(gateway: string) {
    return (await this.cluster.ask(gateway, "GET /ledger/chain")).body;
  }

  /** Through which slot the snapshot of this node is. */
  async snapshotOf(node: string): Promise<number> {
    const { body } = await this.cluster.ask(this.stateAt(node), "GET /status");
    return body[this.engine === "raft" ? "snapshot_index" : "snapshot_through"];
  }

  /** Through which slot the log itself is forgotten, by the server that leads or by an acceptor. */
  async forgottenThrough(): Promise<number> {
    if (this.engine === "raft") {
      return (await this.cluster.ask(await this.cluster.leader(), "GET /status")).body.first_index - 1;
    }
    return (await this.cluster.ask("acceptor1", "GET /status")).body.truncatedThrough;
  }

  /** Waits until all nodes have the same chain, and all of it in their files. @returns the file's text */
  async oneChain(): Promise<string> {
    await until("all have one chain", async () => {
      const chains = await Promise.all(NODES.map((node) => this.chainAt(node.replace("node", "gateway"))));
      const [first] = chains;
      return chains.every(({ hash, height, recorded }) => hash === first.hash && recorded === height);
    });
    const texts = NODES.map((node) => readFileSync(this.chainFile(node), "utf8"));
    expect(new Set(texts).size).toBe(1);
    return texts[0] ?? "";
  }
}
