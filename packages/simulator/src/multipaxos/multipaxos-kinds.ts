import type { AcceptorWrite, LearnerWrite, LogMessage, NodeId, ProposalId, ProposerWrite } from "@synod/consensus";
import type { GatewayReply, GatewayRequest } from "@synod/state-machines";

/** What a person does to a cluster by hand, under an id that belongs to people. */
export type ByHand =
  /** Asks these acceptors for a promise, and wants nothing else. */
  | { readonly kind: "prepare-by-hand"; readonly id: ProposalId; readonly acceptors: readonly NodeId[] }
  /** Puts a value so many slots beyond the last one in use, as a careful person does: after promises of a majority. */
  | { readonly kind: "accept-by-hand"; readonly id: ProposalId; readonly ahead: number; readonly value: string };

/** What the learner of a ledger has in its file beside its snapshots: blocks, as records, in the order of the chain. */
export interface BlocksWrite {
  readonly kind: "blocks";
  readonly records: readonly string[];
}

/** What the nodes of the replicated store say, write and are asked. */
export interface MultiPaxosKinds {
  readonly message: LogMessage;
  readonly write: AcceptorWrite | ProposerWrite | LearnerWrite | BlocksWrite;
  /** What a client or a person asks for; or the value that a learner applies. */
  readonly command: GatewayRequest | ByHand | string;
  readonly reply: GatewayReply;
}
