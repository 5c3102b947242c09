import { setFlagsFromString } from "node:v8";

/**
 * Bytes of bytecode that a function runs before V8 counts it as often used. Of its own V8 takes 67,584, and only compiles
 * for speed what reaches them at least three times: what runs once a batch is slow for most of a minute. Far fewer are no
 * better: then it compiles much that is soon compiled again, for it had not seen enough, and what waits waits for that.
 */
const BYTES_UNTIL_OFTEN = 10_000;

/** The V8 of Node 20. Later ones have a compiler for the time between, and not this number. */
const MEANT = "11.";

/**
 * Has V8 compile for speed sooner, in a process that does nothing but serve: it runs the same few hundred functions for as
 * long as it lives, and what a node has learned is gone with each restart (docs/performance.md).
 */
export function compileSooner(): void {
  if (process.versions.v8.startsWith(MEANT)) setFlagsFromString(`--interrupt-budget=${BYTES_UNTIL_OFTEN}`);
}
