import { advice } from "../cluster/advice.js";
import { testChat } from "../cluster/chat-test.js";
import { testLedger } from "../cluster/ledger-test.js";
import { type ClusterSeen, observe } from "../cluster/observation.js";
import { CLUSTER_OPTIONS, type ClusterSettings, clusterSettings } from "../cluster/settings.js";
import { askStore, GATEWAY_OPTIONS, GatewayFailure, gatewayOfCluster } from "../kv/gateway.js";
import { keyPath, where } from "../kv/key-text.js";
import type { Command } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";

/** The key that is written; whoever watches the store sees what it is for. */
const KEY = "synod-cluster-test";

/** How long one server may take to tell its status, in milliseconds. */
const STATUS_WITHIN_MS = 1000;

const LEVELS = ["strong", "session", "eventual"] as const;

export const clusterTest: Command = {
  usage: "cluster test",
  summary:
    "Write a value and read it back (of a ledger: in blocks; of a chat: a message); exit 4 if there is no quorum",
  examples: [["synod cluster test", "after a node failed, to see whether the rest goes on"]],
  options: { timeout: GATEWAY_OPTIONS.timeout, ...CLUSTER_OPTIONS },
  run: async (args, terminal) => {
    const settings = clusterSettings(args, terminal);
    // A leader that was lost is waited for; what is down does not come back by itself.
    await refuseWithoutQuorum(settings, terminal, (seen) => seen.acceptorsUp < seen.majorityRequired);
    const gateway = gatewayOfCluster(settings);
    const ask = (call: Parameters<typeof askStore>[1]) => askStore(gateway, call, args["timeout"] as number, terminal);
    try {
      const { application } = settings.topology;
      if (application === "ledger") return await testLedger(KEY, ask, terminal);
      if (application === "chat") return await testChat(ask, terminal);
      const value = new Date().toISOString();
      const written = (await ask({ method: "PUT", path: keyPath(KEY), body: { value } })).body as { slot: number };
      terminal.line(`write: ok${where(written)}`);
      const reads = [];
      for (const consistency of LEVELS) {
        const token = consistency === "session" ? written.slot : undefined;
        const { body } = await ask({ path: keyPath(KEY, { consistency, token }), expected: ["key-not-found"] });
        reads.push(judge(consistency, value, body as { value?: unknown }, terminal));
      }
      const wrong = reads.filter(({ ok }) => !ok);
      const document = { value, slot: written.slot, reads, warnings: terminal.warnings };
      return { exitCode: wrong.length > 0 ? ExitCode.failure : ExitCode.done, document };
    } catch (error) {
      // Why nobody answered is better told by the servers themselves.
      if (error instanceof GatewayFailure) await refuseWithoutQuorum(settings, terminal, ({ quorum }) => !quorum);
      throw error;
    }
  },
};

/** Says what was read. Only an eventual read may be old. */
function judge(
  consistency: (typeof LEVELS)[number],
  value: string,
  { value: seen, ...rest }: { value?: unknown },
  terminal: Terminal,
): { consistency: string; ok: boolean; current: boolean } {
  const current = seen === value;
  const ok = current || consistency === "eventual";
  const words = current
    ? "ok"
    : ok
      ? "ok, but an older state"
      : `wrong: ${JSON.stringify(seen ?? null)}, not ${JSON.stringify(value)}`;
  terminal.line(`${consistency} read: ${words}${where(rest)}`);
  return { consistency, ok, current };
}

/** @throws {CommandFailure} if what the servers say of themselves is hopeless; it says what to do */
async function refuseWithoutQuorum(
  settings: ClusterSettings,
  terminal: Terminal,
  isHopeless: (seen: ClusterSeen) => boolean,
): Promise<void> {
  const seen = await observe(settings, STATUS_WITHIN_MS, terminal.interrupted);
  if (!isHopeless(seen)) return;
  const isReached = seen.servers.some(({ up }) => up);
  const exitCode = isReached ? ExitCode.noConsensus : ExitCode.nobodyReachable;
  throw new CommandFailure(exitCode, "no-quorum", advice(seen).join("\n"));
}
