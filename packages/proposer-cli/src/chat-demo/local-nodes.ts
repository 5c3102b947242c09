import { endNode } from "../cluster/end-node.js";
import { bringUpNode, runningNode } from "../cluster/node-process.js";
import { type ClusterSettings, type Node, nodesNamed } from "../cluster/settings.js";
import { startNodes } from "../cluster/start-nodes.js";
import type { Terminal } from "../terminal/terminal.js";
import { NODES_OF, nodeName } from "./demo-settings.js";
import type { MachineId } from "./meeting.js";

/** What is known here of a node's process. */
export interface LocalProcess {
  readonly isRunning: boolean;
  /** Whether it was ready since it was last started. */
  readonly wasReady: boolean;
}

/** The nodes of this machine, each in a process of its own. */
export class LocalNodes {
  readonly ids: readonly number[];
  readonly #settings: ClusterSettings;
  readonly #withinMs: number;
  readonly #ready = new Set<number>();

  /** @param withinMs how long a node may take to get ready, or to stop */
  constructor(settings: ClusterSettings, machine: MachineId, withinMs: number) {
    this.ids = NODES_OF[machine];
    this.#settings = settings;
    this.#withinMs = withinMs;
  }

  process(id: number): LocalProcess {
    return { isRunning: runningNode(this.#settings, this.#node(id)) !== null, wasReady: this.#ready.has(id) };
  }

  /** Starts all that do not run, and tells of each. @throws {CommandFailure} if one does not get ready */
  async startAll(terminal: Terminal): Promise<void> {
    const nodes = this.ids.map((id) => this.#node(id));
    await startNodes(this.#settings, nodes, this.#withinMs, terminal);
    for (const id of this.ids) this.#ready.add(id);
  }

  /** Starts one, with the data it has. @returns its process @throws {CommandFailure} if it does not get ready */
  async start(id: number, interrupted: AbortSignal): Promise<number> {
    this.#ready.delete(id);
    const { server } = await bringUpNode(this.#settings, this.#node(id), this.#withinMs, interrupted);
    this.#ready.add(id);
    return server.pid;
  }

  /** Kills one at once, as a failing machine would. @returns the process that it was; null if it did not run */
  async fail(id: number, interrupted: AbortSignal): Promise<number | null> {
    const how = { crash: true, withinMs: this.#withinMs, interrupted };
    return (await endNode(this.#settings, this.#node(id), how)).pid ?? null;
  }

  /** Stops all of them in good order. @throws {CommandFailure} if one does not end */
  async stopAll(): Promise<void> {
    const how = { crash: false, withinMs: this.#withinMs, interrupted: new AbortController().signal };
    const ends = await Promise.allSettled(this.ids.map((id) => endNode(this.#settings, this.#node(id), how)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  /** The same at once, for a program that is about to end: they are told to stop, and not waited for. */
  tellAllToStop(): void {
    for (const id of this.ids) {
      const running = runningNode(this.#settings, this.#node(id));
      if (running) process.kill(running.pid, "SIGTERM");
    }
  }

  #node(id: number): Node {
    const [node] = nodesNamed(this.#settings.topology, [nodeName(id)]);
    if (!node) throw new Error(`there is no node ${id}`);
    return node;
  }
}
