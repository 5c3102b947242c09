import type { LogMessage, NodeId, Slot } from "@synod/consensus";
import type { ClusterNames } from "./multipaxos-system.js";

/** The first learner is beside the first acceptor, the second one beside the second, as far as there are so many. */
export function acceptorBeside({ acceptors, learners }: ClusterNames, learner: NodeId): NodeId | undefined {
  return acceptors[learners.indexOf(learner)];
}

/** Follows which learners are told slots alone, to find the values with the acceptor beside them. */
export class ToldByPlace {
  readonly #names: ClusterNames;
  /** The first slot of what each learner was last told so. */
  readonly #told = new Map<NodeId, Slot>();
  /** The first slot of what each learner looks up just now. */
  readonly #looking = new Map<NodeId, Slot>();

  constructor(names: ClusterNames) {
    this.#names = names;
  }

  /** A leader tells a learner something. @returns how, as far as it is worth a count */
  sent(to: NodeId, { from, values, atAcceptor }: LogMessage & { readonly type: "learn" }): "by-place" | "again" | null {
    if (atAcceptor !== undefined) {
      this.#told.set(to, from);
      return "by-place";
    }
    if (values.length === 0 || this.#told.get(to) !== from) return null;
    this.#told.delete(to);
    return "again";
  }

  /** @returns whether this is the page that a learner looks up what it was told in */
  heard(node: NodeId, from: NodeId, message: LogMessage): boolean {
    if (message.type === "learn" && message.atAcceptor !== undefined) this.#looking.set(node, message.from);
    if (message.type !== "log" || from !== acceptorBeside(this.#names, node)) return false;
    return message.from === this.#looking.get(node) && this.#looking.delete(node);
  }
}
