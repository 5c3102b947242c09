import type { LogApplication } from "@synod/consensus";
import { type Block, Ledger, ReplicatedState, type SessionLimits } from "@synod/state-machines";
import { type ClusterParts, REAL_CLUSTER } from "../multipaxos/parts.js";

/** What a ledger's cluster is made of: the roles of every log, and the state that learners feed. */
export interface LedgerParts extends Omit<ClusterParts, "application"> {
  /** @param tell takes each block that was made */
  state(limits: Partial<SessionLimits>, difficulty: number, tell: (blocks: readonly Block[]) => void): LogApplication;
}

/** The parts as servers run them. */
export const REAL_LEDGER: LedgerParts = {
  ...REAL_CLUSTER,
  state: (limits, difficulty, tell) =>
    new ReplicatedState(new Ledger({ difficulty }), { limits, observer: { applied: (_, blocks) => tell(blocks) } }),
};
