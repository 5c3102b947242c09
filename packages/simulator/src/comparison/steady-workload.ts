import type { NodeId, Random } from "@synod/consensus";
import type { GatewayRequest } from "@synod/state-machines";
import type { Microseconds } from "../faults/fault.js";
import { KEY_VALUE } from "../multipaxos/key-value-service.js";
import type { Request } from "../world/system.js";

/** Each client asks something so often, a write and a strong read by turns, whatever became of what it asked before. */
const ASKS_EVERY_US: Microseconds = 20_000;
/** How long a client waits for an answer; longer than it takes to elect a leader. */
export const PATIENCE_MS = 400;
/** No run is shorter, however few faults there are. */
const LEAST_UNTIL_US: Microseconds = 500_000;
/** How long clients go on asking after the last fault. */
const ASKED_AFTER_US: Microseconds = 500_000;

/** When clients ask for the last time. @param calmUs when the last fault is over */
export function askedUntil(calmUs: Microseconds): Microseconds {
  return Math.max(calmUs, LEAST_UNTIL_US) + ASKED_AFTER_US;
}

/**
 * What clients ask in one run of a comparison. It depends on the chance, the clients and the time alone, and so is the
 * same for every engine.
 */
export function steadyWorkload(
  random: Random,
  clients: readonly NodeId[],
  untilUs: Microseconds,
): Request<{
  readonly message: never;
  readonly write: never;
  readonly command: GatewayRequest;
  readonly reply: never;
}>[] {
  const asking = KEY_VALUE.asking(random);
  const write = (): GatewayRequest => {
    return { kind: "write", operation: asking.write(), label: null, session: null, timeoutMs: PATIENCE_MS };
  };
  const read = (): GatewayRequest => {
    return { kind: "read", query: asking.query(), level: "strong", label: null, token: null, timeoutMs: PATIENCE_MS };
  };
  return clients.flatMap((node) => {
    const times = Math.floor(untilUs / ASKS_EVERY_US);
    return Array.from({ length: times }, (_, turn) => ({
      atUs: turn * ASKS_EVERY_US + random.below(ASKS_EVERY_US),
      node,
      requestId: `${node}#${turn + 1}`,
      command: turn % 2 === 0 ? write() : read(),
    }));
  });
}
