import type { Microseconds } from "../faults/fault.js";
import { faultInWords } from "../faults/print.js";
import type { WorldEvent } from "../world/world-event.js";

/** One event as a line of a trace: JSON with the virtual time first, in microseconds. */
export function traceLine(event: WorldEvent, atUs: Microseconds): string {
  const told =
    event.kind === "fault" || event.kind === "fault-ends" ? { ...event, fault: faultInWords(event.fault) } : event;
  return JSON.stringify({ atUs, ...told });
}
