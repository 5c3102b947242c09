import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { programFile } from "../program-file.js";
import { WITH_PARENT } from "./end-with-parent.js";

/** One member of a ring in a process of its own. */
export interface MemberProcess {
  readonly uid: number;
  /** All that it printed so far. */
  readonly output: string;
  /** What it said for people. */
  readonly notes: string[];
  /** Its exit code, once it has ended; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  stop(signal: "SIGTERM" | "SIGKILL"): void;
}

/**
 * Starts a member. It ends with this process, whatever ends that.
 *
 * @param words what follows `synod ring`
 * @param onLine hears each line that it prints
 */
export function startMember(
  uid: number,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  onLine: (line: string) => void,
): MemberProcess {
  const child = spawn(process.execPath, [programFile("synod"), "ring", ...words], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...env, [WITH_PARENT]: "1" },
  });
  const pieces: Buffer[] = [];
  const notes: string[] = [];
  child.stdout?.on("data", (piece: Buffer) => void pieces.push(piece));
  const printed = [linesOf(child.stdout, onLine), linesOf(child.stderr, (line) => void notes.push(line))];
  // The words to the other end matter; that this end has heard them all keeps nothing alive.
  child.channel?.unref();
  return {
    uid,
    get output() {
      return Buffer.concat(pieces).toString("utf8");
    },
    notes,
    ended: endOf(child, notes).then(async (code) => {
      await Promise.all(printed);
      return code;
    }),
    stop: (signal) => void child.kill(signal),
  };
}

function endOf(child: ChildProcess, notes: string[]): Promise<number | null> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      notes.push(error.message);
      resolve(1);
    });
    child.once("close", (code) => resolve(code));
  });
}

async function linesOf(stream: ChildProcess["stdout"], onLine: (line: string) => void): Promise<void> {
  if (stream === null) return;
  for await (const line of createInterface({ input: stream })) onLine(line);
}
