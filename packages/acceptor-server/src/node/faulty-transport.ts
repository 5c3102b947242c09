import { endOfExchange, type Transport, type TransportAnswer, type TransportRequest } from "@synod/client";
import type { NodeFaults } from "./node-faults.js";
import { delay, orUntil } from "./waiting.js";

/**
 * The route by which clients give values to a proposer. Nobody's HTTP sends such a request twice by itself, and what a
 * proposer refuses is certainly not proposed only because it comes once.
 */
const SENT_ONCE = "/request";

/**
 * A transport whose requests meet the faults of the link from this node to another one: a request that is lost is never
 * answered, and ends when its signal says so; one that is delayed leaves later; of one that is sent twice, the second
 * answer is ignored. While the node is paused nothing leaves, and no answer is heard.
 *
 * @param self the name of this node
 * @param to the name of the node to which the transport leads; to itself a node has no link that could fail
 */
export function faultyTransport(transport: Transport, faults: NodeFaults, self: string, to: string): Transport {
  return {
    async exchange(asked) {
      // Mostly there is no fault at all, and then this costs nothing.
      if (faults.isIdle) {
        const answer = await transport.exchange(asked);
        return faults.isIdle ? answer : await heard(answer, endOfExchange(asked));
      }
      const signal = endOfExchange(asked);
      const request = { ...asked, signal };
      await untilGoingOn(faults, signal);
      const fate = faults.fateOf(self, to);
      if (fate === "lost") return neverAnswered(signal);
      if (fate.delayMs > 0) {
        await delay(fate.delayMs, signal);
        signal.throwIfAborted();
        // What is on its way is lost, too, if the link is cut when it would arrive.
        if (faults.isCut(self, to)) return neverAnswered(signal);
      }
      if (fate.secondAfterMs !== null && request.path !== SENT_ONCE)
        void sendAgain(transport, request, fate.secondAfterMs);
      return heard(await transport.exchange(request), signal);
    },
    close: () => transport.close(),
  };

  /** What comes back takes the other direction of the link, of which a cut acts here, too. */
  async function heard(answer: TransportAnswer, signal: AbortSignal): Promise<TransportAnswer> {
    if (faults.isCut(to, self)) return neverAnswered(signal);
    await untilGoingOn(faults, signal);
    return answer;
  }
}

/** @throws what the signal ends with */
async function untilGoingOn(faults: NodeFaults, signal: AbortSignal): Promise<void> {
  for (let paused = faults.whilePaused(); paused; paused = faults.whilePaused()) {
    await orUntil(paused, signal);
    signal.throwIfAborted();
  }
}

/** @throws what the signal ends with */
async function neverAnswered(signal: AbortSignal): Promise<TransportAnswer> {
  await orUntil(new Promise(() => {}), signal);
  throw signal.reason;
}

async function sendAgain(transport: Transport, request: TransportRequest, afterMs: number): Promise<void> {
  const end = endOfExchange(request);
  await delay(afterMs, end);
  if (end.aborted) return;
  // Nobody waits for this one, so that nobody hears how it ends.
  await transport.exchange(request).catch(() => null);
}
