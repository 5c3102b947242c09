import { type RingMessage, type RingPlan, roleOf, rolesOf } from "@synod/consensus";

/** When a node fails that was told to: upon the first message of this phase that reaches it in its role. */
export type FailingPhase = "phase-1" | "phase-2";

export const FAILING_PHASES = ["phase-1", "phase-2"] as const;

/** By role and phase: the message that is the last that such a node hears. A proposer dies in phase 2 with its accepts out. */
const LAST_HEARD: Readonly<Record<string, Readonly<Record<FailingPhase, RingMessage["type"]>>>> = {
  proposer: { "phase-1": "propose", "phase-2": "accepted" },
  acceptor: { "phase-1": "prepare", "phase-2": "accept" },
  learner: { "phase-1": "accepted", "phase-2": "accepted" },
};

/** Whether the node dies of this message. */
export function diesOf(plan: RingPlan, uid: number, phase: FailingPhase, message: RingMessage): boolean {
  return LAST_HEARD[roleOf(rolesOf(plan), uid)]?.[phase] === message.type;
}
