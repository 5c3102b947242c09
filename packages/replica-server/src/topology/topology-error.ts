/** A topology that cannot be run. The message names each place that is wrong, a line each. */
export class TopologyError extends Error {
  override readonly name = "TopologyError";
  /** @param problems at least one; each says where and what, and what would be right */
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}
