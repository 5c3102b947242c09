/**
 * A rule about our own state does not hold: the node must stop answering, because it can no longer vouch for itself.
 * Never raised for a bad message from outside: that one is refused, and the node goes on.
 */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
}

/**
 * Asserts a rule about our own state. Always on.
 *
 * @throws {InvariantViolation} with the rule in words, if it does not hold
 */
export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new InvariantViolation(`invariant violated: ${rule}`);
}
