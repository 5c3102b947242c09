import {
  clientNames,
  nodeNames,
  type Random,
  type RingPlan,
  type RingTiming,
  ringCommandInWords,
  ringMessageInWords,
  ringReplyInWords,
  ringWriteInWords,
  roleOf,
  rolesOf,
  START_TIMER,
} from "@synod/consensus";
import type { Microseconds } from "../faults/fault.js";
import type { LivenessText, NodePlan, Request, System } from "../world/system.js";
import { RingOccurrences, ringSometimes } from "./occurrences.js";
import { REAL_RING, type RingParts } from "./parts.js";
import { RING_ALWAYS } from "./properties.js";
import type { RingKinds } from "./ring-kinds.js";
import { RingSafety } from "./safety.js";

/** Some ten times as fast as processes, so that a schedule of a second has many elections. */
const TIMING: RingTiming = {
  resendMs: 20,
  patienceMs: 80,
  gatherMs: 150,
  electionMs: 200,
  startMs: 120,
  tellMs: 30,
  longestMs: 250,
  phaseTimeoutMs: 40,
  backOffMs: 15,
  askMs: 60,
};

const FAULTS_UNTIL_US = 800_000;
const LIVENESS_WITHIN_US = 20_000_000;
/** How long a client waits while there are faults: some give up. */
const IMPATIENT_MS = 150;
/** How long it waits when they are over: all of the time that liveness gives it. */
const PATIENT_MS = LIVENESS_WITHIN_US / 1000;
const REQUESTS_UNDER_FAULTS = 4;
const VALUES = ["tea", "coffee", "milk", "cocoa", "juice", "water", "mate", "chai", "soda", "cider", "punch", "broth"];

const LIVENESS: LivenessText = {
  name: "clients-are-told",
  sentence: "once faults stop, every node gets its role and every client that asks is told a value, within 20 s",
  withinUs: LIVENESS_WITHIN_US,
};

/** Nodes that elect a leader on a ring, get their roles from it, and let clients set a value. */
export function ringSystem(plan: RingPlan, parts: RingParts = REAL_RING): System<RingKinds> {
  const roles = rolesOf(plan);
  const clients = clientNames(plan);
  const firstInput = { kind: "timeout", timer: START_TIMER } as const;
  const nodes: NodePlan<RingKinds>[] = [
    ...nodeNames(plan).map((name, uid) => ({
      name,
      role: roleOf(roles, uid),
      firstInput,
      start: (disk: readonly RingKinds["write"][], chance: Parameters<NodePlan["start"]>[1]) =>
        parts.node({ plan, uid, timing: TIMING, chance }, disk, parts.ofNodes),
    })),
    ...clients.map((name) => ({
      name,
      role: "client",
      firstInput,
      start: (_: readonly RingKinds["write"][], chance: Parameters<NodePlan["start"]>[1]) =>
        parts.client({ plan, timing: TIMING, chance }),
    })),
  ];
  return {
    nodes,
    faultsUntilUs: FAULTS_UNTIL_US,
    // As HTTP does: who is told that a value is certainly not chosen must not find it proposed by a late copy.
    isSentOnce: ({ type }) => type === "propose",
    requests: (random, calmUs) => requestsOf(clients, random, calmUs),
    always: RING_ALWAYS,
    watch: (state) => new RingSafety(plan, state as RingSafety["state"] | undefined),
    sometimes: ringSometimes(plan),
    occurrences: (calmUs) => new RingOccurrences(plan, clients, calmUs),
    liveness: LIVENESS,
    messageInWords: ringMessageInWords,
    writeInWords: ringWriteInWords,
    commandInWords: ringCommandInWords,
    replyInWords: ringReplyInWords,
  };
}

/** Each client asks a few times while there are faults, and when they are over; in between it says that it is done. */
function requestsOf(clients: readonly string[], random: Random, calmUs: Microseconds): Request<RingKinds>[] {
  const requests: Request<RingKinds>[] = [];
  const ask = (node: string, atUs: Microseconds, timeoutMs: number) => {
    const count = requests.length;
    const round = Math.floor(count / VALUES.length);
    const value = `${VALUES[count % VALUES.length]}${round === 0 ? "" : round + 1}`;
    const command = { kind: "set", value, proposer: random.below(4), timeoutMs } as const;
    requests.push({ atUs, node, requestId: `${node}#${count + 1}`, command });
  };
  for (const node of clients) {
    ask(node, random.below(10_000), IMPATIENT_MS);
    for (let more = 1; more < REQUESTS_UNDER_FAULTS; more++) {
      ask(node, random.below(Math.max(1, calmUs)), IMPATIENT_MS);
    }
    const command = { kind: "leave", timeoutMs: IMPATIENT_MS } as const;
    requests.push({ atUs: random.below(Math.max(1, calmUs)), node, requestId: `${node} leaves`, command });
    // What was asked before has ended by then.
    ask(node, calmUs + 2_000 * IMPATIENT_MS + random.below(20_000), PATIENT_MS);
  }
  return requests;
}
