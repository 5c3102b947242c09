/** What processes used so far, from /proc: on a noisy machine CPU time is worth more than a rate. */
import { readFileSync } from "node:fs";

const TICKS_A_SECOND = 100;

/** @returns microseconds of CPU, user and system; NaN where there is no /proc */
export function cpuOf(pid) {
  const [user, system] = fieldsOf(pid, 14, 15);
  return ((user + system) * 1e6) / TICKS_A_SECOND;
}

/** @returns microseconds of CPU of this process's children that have ended */
export function cpuOfEnded() {
  const [user, system] = fieldsOf("self", 16, 17);
  return ((user + system) * 1e6) / TICKS_A_SECOND;
}

/** @returns bytes that a process caused to be written to the disk; NaN where that cannot be read */
export function bytesWrittenBy(pid) {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

/** Fields of /proc/PID/stat, counted from 1 as in proc(5); the second one, the name, may have spaces in it. */
function fieldsOf(pid, ...numbers) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fromThird = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return numbers.map((number) => Number(fromThird[number - 3]));
  } catch {
    return numbers.map(() => Number.NaN);
  }
}
