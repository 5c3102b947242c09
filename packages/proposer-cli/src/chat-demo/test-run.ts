import { connectChat, nodeHttpTransport, StoreError } from "@synod/client";
import { observe } from "../cluster/observation.js";
import type { ClusterSettings } from "../cluster/settings.js";
import { serversOf } from "../cluster/start-nodes.js";
import { inTime } from "../terminal/end-of.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { nodesSeen, statusSentence } from "./demo-status.js";
import { workload } from "./workload.js";

/** How long one look at all nodes may take, in milliseconds. */
export const ONE_LOOK_MS = 1000;

/**
 * Runs the workload against all nodes, those of this machine first.
 *
 * @param tell hears of each step
 * @throws {CommandFailure} if it does not succeed within the time given: it says what is the matter
 */
export async function runTest(
  settings: ClusterSettings,
  ownNodes: readonly string[],
  withinMs: number,
  interrupted: AbortSignal,
  tell: (sentence: string) => void,
): Promise<void> {
  await refuseWithoutQuorum(settings, interrupted, false);
  const gateways = serversOf(settings.topology, "gateway");
  const own = gateways.filter(({ node }) => ownNodes.includes(node));
  const servers = [...own, ...gateways.filter((one) => !own.includes(one))].map(({ address }) => address);
  const { clusterId, secret } = settings;
  const told = secret === undefined ? {} : { secret };
  const connect = { servers, clusterId, timeoutMs: withinMs, transport: nodeHttpTransport, ...told };
  await inTime([interrupted], withinMs, async (signal) => {
    const chat = connectChat({ ...connect, signal });
    try {
      await workload(chat, `a test at ${new Date().toISOString()}`, tell);
    } catch (error) {
      interrupted.throwIfAborted();
      if (!(error instanceof StoreError)) throw error;
      // Why nobody answered is better told by the nodes themselves.
      await refuseWithoutQuorum(settings, interrupted, true);
      const message = signal.aborted ? `it took longer than ${withinMs} ms (--timeout)` : error.message;
      throw new CommandFailure(ExitCode.failure, error.code, message, { cause: error });
    } finally {
      await chat.close();
    }
  });
}

/**
 * What is down does not come back by itself, while a leader that was lost is waited for.
 *
 * @param hasFailed whether to ask for a leader, too
 */
async function refuseWithoutQuorum(settings: ClusterSettings, signal: AbortSignal, hasFailed: boolean): Promise<void> {
  const seen = await observe(settings, ONE_LOOK_MS, signal);
  const isHopeless = hasFailed ? !seen.quorum : seen.acceptorsUp < seen.majorityRequired;
  if (!isHopeless) return;
  const nodes = nodesSeen(settings.topology, seen, () => null);
  throw new CommandFailure(ExitCode.noConsensus, "no-quorum", statusSentence(nodes, seen));
}
