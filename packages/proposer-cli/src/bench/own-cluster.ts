import type { EngineName, Topology } from "@synod/api";
import { ClusterFolder, preset } from "@synod/replica-server/topology";
import { bringUpNode, runningNode } from "../cluster/node-process.js";
import type { ClusterSettings } from "../cluster/settings.js";
import { untilServing } from "../cluster/start-nodes.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { freeAddresses, newFolder, removedAtLatestAtEnd } from "./own-folder.js";
import type { Target } from "./target.js";

/** How long the nodes may take to get ready, and then a leader to be found, in milliseconds. */
const START_MS = 30_000;

/**
 * Starts a cluster like the preset kv-compact on this engine, in a folder and at addresses of its own.
 *
 * @throws {CommandFailure} if it does not serve in time; then nothing of it is left
 */
export async function startOwnCluster(engine: EngineName, parent: string | null, terminal: Terminal): Promise<Target> {
  const topology = await topologyOfItsOwn(engine);
  const home = newFolder(parent, terminal);
  const folder = new ClusterFolder(topology.name, home);
  const settings: ClusterSettings = { ...folder.readOrCreate(topology), folder, secret: undefined };
  const remove = removedAtLatestAtEnd(home, () => killNodes(settings));
  try {
    const { nodes } = topology;
    await allStarted(nodes.map((node) => bringUpNode(settings, node, START_MS, terminal.interrupted)));
    const { leader, quorum } = await untilServing(settings, START_MS, terminal.interrupted);
    const leading = nodes.find(({ roles }) => roles.some(({ name }) => name === leader));
    const gateway = leading?.roles.find(({ role }) => role === "gateway");
    if (!quorum || !leading || !gateway) {
      throw new CommandFailure(ExitCode.noConsensus, "no-leader", `no leader served within ${START_MS} ms`);
    }
    const about = `kv-compact on ${engine}, three processes on this machine; connections go to ${leading.name}, where ${leader} leads`;
    const { address } = gateway;
    return {
      ...{ name: engine, about, addresses: [address], secret: undefined, isOnesOwn: false },
      remove: async () => remove(),
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Waits for all of them, also where one fails: what is still starting could not be ended. @throws the first failure */
async function allStarted(starts: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(starts);
  await Promise.all(starts);
}

/** As people run it: no faults can be injected. */
async function topologyOfItsOwn(engine: EngineName): Promise<Topology> {
  const usual = preset("kv-compact", { cluster: "bench", engine });
  const addresses = await freeAddresses(usual.nodes.flatMap(({ roles }) => roles).length);
  const nodes = usual.nodes.map((node) => ({
    ...node,
    roles: node.roles.map((role) => ({ ...role, address: addresses.shift() ?? role.address })),
  }));
  return { ...usual, chaos: false, nodes };
}

/** At once: nothing of them is kept. */
function killNodes(settings: ClusterSettings): void {
  for (const node of settings.topology.nodes) {
    const running = runningNode(settings, node);
    if (running) process.kill(running.pid, "SIGKILL");
  }
}
