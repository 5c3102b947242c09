import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type Address, formatAddress, parseAddress } from "@synod/api";
import { isMissing } from "./durable-file.js";

/** A running server, as its pid file names it. */
export interface ServerProcess {
  readonly pid: number;
  /** Tells this process from a later one with the same number. */
  readonly startMark: string;
  readonly address: Address;
}

/** Writes the pid file of this very process. */
export function writePidFile(file: string, address: Address): void {
  const { pid } = process;
  const content = { pid, startMark: startMarkOf(pid), address: formatAddress(address) };
  writeFileSync(`${file}.draft`, `${JSON.stringify(content)}\n`);
  renameSync(`${file}.draft`, file);
}

export function removePidFile(file: string): void {
  rmSync(file, { force: true });
}

/**
 * What the pid file says, whether or not that process still runs.
 *
 * @returns null if there is no such file, or it is not a pid file: then nothing is known of a process
 */
export function readPidFile(file: string): ServerProcess | null {
  try {
    const { pid, startMark, address } = JSON.parse(readFileSync(file, "utf8"));
    if (!Number.isInteger(pid) || pid < 1 || typeof startMark !== "string") return null;
    return { pid, startMark, address: parseAddress(address) };
  } catch (error) {
    if (isMissing(error) || !(error instanceof Error && "code" in error)) return null;
    throw error;
  }
}

/** Whether that very process still runs: the number alone may belong to another one by now. */
export function isRunning({ pid, startMark }: ServerProcess): boolean {
  const mark = startMarkOf(pid);
  return mark !== "" && mark === startMark;
}

/** What tells a process from every other one that ever had its number; empty if there is no such process. */
function startMarkOf(pid: number): string {
  return process.platform === "linux" ? linuxStartMark(pid) : psStartMark(pid);
}

function linuxStartMark(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may hold anything; state and start time come after it (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startTime] = [fields[0], fields[19]];
    if (state === "Z" || state === "X") return "";
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${startTime}`;
  } catch {
    return "";
  }
}

function psStartMark(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", timeout: 5000 }).trim();
  } catch {
    return "";
  }
}
