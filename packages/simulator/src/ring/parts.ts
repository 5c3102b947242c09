import {
  type Participant,
  RING_NODE_PARTS,
  RingClient,
  type RingClientCommand,
  type RingClientOptions,
  type RingClientReply,
  type RingMessage,
  RingNode,
  type RingNodeOptions,
  type RingNodeParts,
  type RingWrite,
} from "@synod/consensus";

export type RingNodePart = Participant<RingMessage, RingWrite, string>;
export type RingClientPart = Participant<RingMessage, never, RingClientCommand | string, RingClientReply>;

/** What a ring is made of: each member as it starts. A mutation puts something flawed, made of the real one, in its place. */
export interface RingParts {
  /** What nodes are made of themselves. */
  readonly ofNodes: RingNodeParts;
  node(options: RingNodeOptions, disk: readonly RingWrite[], ofNodes: RingNodeParts): RingNodePart;
  client(options: RingClientOptions): RingClientPart;
}

/** The members as processes run them. */
export const REAL_RING: RingParts = {
  ofNodes: RING_NODE_PARTS,
  node: (options, disk, ofNodes) => new RingNode(options, disk, ofNodes),
  client: (options) => new RingClient(options),
};
