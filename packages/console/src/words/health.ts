import { type Fault, isCut, isPauseOf } from "./faults.js";

/** How a node is, in one word that a shape and a colour go with, and why. */
export interface Health {
  readonly kind: "up" | "down" | "paused" | "cut" | "faulty";
  readonly word: string;
  /** What it means, for a person who has not seen it before. */
  readonly meaning: string;
}

/** What there is to judge by. */
export interface Signs {
  readonly node: string;
  /** Whether its process answers, whatever links are cut. */
  readonly answers: boolean;
  /** Whether all its roles answer the gateway as the nodes hear each other. */
  readonly isHeard: boolean;
  readonly faults: readonly Fault[];
}

/** The worst that is the matter with a node. */
export function healthOf({ node, answers, isHeard, faults }: Signs): Health {
  if (!answers) return { kind: "down", word: "down", meaning: "its process does not answer" };
  if (faults.some((fault) => isPauseOf(node, fault))) {
    return { kind: "paused", word: "paused", meaning: "it lives, but neither sends nor answers" };
  }
  if (faults.some(isCut)) {
    return { kind: "cut", word: "cut", meaning: "some messages from it or to it get lost, on purpose" };
  }
  if (!isHeard)
    return { kind: "cut", word: "not heard", meaning: "its process lives, but does not answer this gateway" };
  if (faults.length > 0) return { kind: "faulty", word: "faulty", meaning: "a fault is at work in it, on purpose" };
  return { kind: "up", word: "up", meaning: "it answers" };
}
