import type { NodeId } from "@synod/consensus";

/** A span or point of time in whole microseconds: virtual in a simulation, since the order was given in a server. */
export type Microseconds = number;

/** Some nodes by name, or all there are. */
export type Nodes = readonly NodeId[] | "*";

/** Every link from one of these nodes to one of those, and with `bothWays` also back. */
export interface Links {
  readonly from: Nodes;
  readonly to: Nodes;
  readonly bothWays: boolean;
}

/** When a fault begins and how long it lasts. */
export interface Span {
  /** Null: at the start; in a running server, now. */
  readonly atUs: Microseconds | null;
  /** Null: until something takes it back (`heal`, `restart`, `resume`), or for ever. */
  readonly forUs: Microseconds | null;
}

/** A range of times, both ends included; equal ends for a fixed one. */
export interface DelayRange {
  readonly leastUs: Microseconds;
  readonly mostUs: Microseconds;
}

/** What a crash does with the writes that a flush had under way: `random` leaves it to the seed. */
export type Tail = "lost" | "kept" | "random";

/** One fault, as one line of the language says it. The glossary of the language is in docs/faults.md. */
export type Fault =
  /** Nothing gets through. */
  | (Span & { readonly kind: "cut"; readonly links: Links })
  /** So many of a million messages are lost, repeated, or held back so that later ones overtake them. */
  | (Span & {
      readonly kind: "drop" | "duplicate" | "reorder";
      readonly links: Links;
      readonly partsPerMillion: number;
    })
  /** Messages take that much longer. */
  | (Span & { readonly kind: "delay"; readonly links: Links; readonly by: DelayRange })
  /** The node loses its memory; after `forUs`, or at a `restart`, it comes back with what its disk held. */
  | (Span & { readonly kind: "crash"; readonly nodes: Nodes; readonly tail: Tail })
  /** The node does nothing; what arrives meanwhile waits. */
  | (Span & { readonly kind: "pause"; readonly nodes: Nodes })
  /** Each flush to the node's disk takes that much longer. */
  | (Span & { readonly kind: "slow-disk"; readonly nodes: Nodes; readonly by: DelayRange })
  /** The node's clock runs so many millionths faster (below zero: slower). */
  | (Span & { readonly kind: "skew"; readonly nodes: Nodes; readonly partsPerMillion: number })
  | { readonly kind: "restart" | "resume"; readonly nodes: Nodes; readonly atUs: Microseconds | null }
  /** Ends every fault that is under way; crashed nodes restart, paused ones go on. */
  | { readonly kind: "heal"; readonly atUs: Microseconds | null };
