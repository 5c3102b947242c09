import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { NodeId, RingMessage } from "@synod/consensus";
import { onTestFinished } from "vitest";
import { freePorts } from "../../proposer-cli/test/process-stage.ts";
import { ClientNode } from "../src/client-node.ts";
import { ConsensusNode, type ConsensusNodeOptions } from "../src/consensus-node.ts";
import { parseHosts, type RingHosts } from "../src/hosts-file.ts";

/** Waits so long for others that tests are short. */
export const QUICK = { resendMs: 20, patienceMs: 200, askMs: 100, tellMs: 50, longestMs: 300, phaseTimeoutMs: 100 };

/** A hosts file for this machine, at ports that nobody else uses. */
export async function hostsFor(proposers: number, acceptors: number, learners: number, clients: number) {
  const nodes = proposers + acceptors + learners;
  const ports = await freePorts(nodes + clients);
  const lines = ports.map((port, uid) => `127.0.0.1 ${port} ${uid < nodes ? "con" : "cli"}`);
  return [`PROPOSERS ${proposers}`, `ACCEPTORS ${acceptors}`, `LEARNERS ${learners}`, ...lines, ""].join("\n");
}

/** Members of one ring in this process, over real sockets; all of them end with the test. */
export class RingOfMembers {
  readonly hosts: RingHosts;
  readonly folder = mkdtempSync(path.join(tmpdir(), "synod-ring-test-"));
  readonly nodes = new Map<number, ConsensusNode>();
  readonly #clients: ClientNode[] = [];

  constructor(text: string) {
    this.hosts = parseHosts(text);
    onTestFinished(async () => {
      await Promise.all([...[...this.nodes.values()], ...this.#clients].map((member) => member.close()));
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  folderOf(uid: number): string {
    return path.join(this.folder, `node${uid}`);
  }

  async startNode(uid: number, more: Partial<ConsensusNodeOptions> = {}): Promise<ConsensusNode> {
    const node = await ConsensusNode.start({
      hosts: this.hosts,
      uid,
      folder: this.folderOf(uid),
      timing: QUICK,
      ...more,
    });
    this.nodes.set(uid, node);
    return node;
  }

  /** Starts all nodes; each is closed before the first message of which this says so reaches it. */
  async startNodes(dies: (uid: number, message: RingMessage) => boolean = () => false): Promise<void> {
    const count = this.hosts.hosts.length - this.hosts.plan.clients;
    const start = (uid: number) => {
      const onMessage = (_: NodeId, message: RingMessage) => {
        if (!dies(uid, message)) return;
        void this.crash(uid);
        throw new Error("died of it");
      };
      return this.startNode(uid, { onMessage });
    };
    await Promise.all(Array.from({ length: count }, (_, uid) => start(uid)));
  }

  async crash(uid: number): Promise<void> {
    const node = this.nodes.get(uid);
    this.nodes.delete(uid);
    await node?.close();
  }

  async client(uid: number): Promise<ClientNode> {
    const client = await ClientNode.start({ hosts: this.hosts, uid, timing: QUICK });
    this.#clients.push(client);
    return client;
  }
}
