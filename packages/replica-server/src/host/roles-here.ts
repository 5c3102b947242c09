import type { LogMessage, NodeId } from "@synod/consensus";

/** A role of this very process, as the other roles in it reach it. */
export interface RoleHere {
  /**
   * Gives it a message.
   *
   * @param from the role that sends it
   * @returns its answer
   * @throws {NotServed | RequestRefused} as its routes would answer
   */
  request(message: LogMessage, from: NodeId): Promise<LogMessage>;
}

/** The roles of one process, by name: what they say to each other crosses no network, and costs no HTTP. */
export class RolesHere {
  readonly #byName = new Map<NodeId, RoleHere>();

  add(name: NodeId, role: RoleHere): void {
    this.#byName.set(name, role);
  }

  /** @returns null for one that has not started yet */
  find(name: NodeId): RoleHere | null {
    return this.#byName.get(name) ?? null;
  }
}
