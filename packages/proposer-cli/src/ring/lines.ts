import { legible } from "../terminal/legible.js";

/** The lines of the system that this one re-implements, to the letter. */

export function leaderLine(uid: number): string {
  return `Node ID ${uid} IS THE LEADER`;
}

export function roleLine(uid: number, role: string): string {
  return `Node ID ${uid} is running as a ${role.toUpperCase()}`;
}

/** Whoever wrote the value commands no terminal with it, and makes no lines of others. */
export function finalLine(value: string): string {
  return `Final message received by client from learner: ${legible(value)}`;
}
