/** What was done with the process of a node. */
export interface NodeDeed {
  readonly done: "killed" | "not-up" | "started" | "already-up";
  /** The process that it was done to; null where there was none. */
  readonly pid: number | null;
}

/**
 * Ends and starts the processes of a cluster's nodes, on behalf of a person at the web page. Whoever runs a node gives it
 * one, if that is in its power: a node that is embedded in another program has none.
 */
export interface NodeOperator {
  /**
   * Kills a node at once, as a failing machine would (kill -9), and resolves when it is gone. Asked for the node that it
   * runs in, it does not return.
   *
   * @throws {OperationFailed}
   */
  fail(node: string): Promise<NodeDeed>;
  /**
   * Starts a node that is down, with the state it had, and resolves when all its roles answer.
   *
   * @throws {OperationFailed}
   */
  recover(node: string): Promise<NodeDeed>;
}

/** A process could not be ended or started. The message says why, for people. */
export class OperationFailed extends Error {
  override readonly name = "OperationFailed";
}
