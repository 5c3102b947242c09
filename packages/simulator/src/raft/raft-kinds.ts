import type { NodeId, RaftMessage, RaftWrite } from "@synod/consensus";
import type { GatewayReply, GatewayRequest } from "@synod/state-machines";

/** What an operator asks of a cluster, or does to one of its servers by hand. */
export type Operation =
  | { readonly kind: "transfer"; readonly server: NodeId }
  | { readonly kind: "change-members"; readonly change: "add" | "remove"; readonly server: NodeId }
  /** Sends it entries in the name of a leader whose term is over. */
  | { readonly kind: "stale-append"; readonly server: NodeId }
  /** Asks it for its vote in the next term. */
  | {
      readonly kind: "call-election";
      readonly server: NodeId;
      /** As if a leader had handed over: then it votes though it hears one. */
      readonly transfer: boolean;
      /** Says that the log has everything, or that it has nothing. */
      readonly hasLog: boolean;
    }
  /** Tells it to stand, as a leader does that hands over. */
  | { readonly kind: "timeout-now"; readonly server: NodeId };

/** What the nodes of the replicated store on Raft say, write and are asked. */
export interface RaftKinds {
  readonly message: RaftMessage;
  readonly write: RaftWrite;
  /** What a client or an operator asks for; or the value that a server applies. */
  readonly command: GatewayRequest | Operation | string;
  readonly reply: GatewayReply;
}
