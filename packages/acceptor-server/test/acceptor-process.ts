import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Address, parseAddress } from "@synod/api";
import { onTestFinished } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../proposer-cli/bin/acceptor-server.js", import.meta.url));

/** One real acceptor, as it was built, in a process of its own. It is killed when the test ends, if nobody did before. */
export class AcceptorProcess {
  readonly address: Address;
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;

  private constructor(child: ChildProcess, exit: Promise<number | null>, address: Address) {
    this.#child = child;
    this.#exit = exit;
    this.address = address;
  }

  /** Starts a pool of one on any free port, and waits until it listens. */
  static async start(home: string): Promise<AcceptorProcess> {
    const args = ["--id", "1", "--server-count", "1", "--port", "0", "--home", home, "--log-level", "warn"];
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const exit = once(child, "exit").then(([code]) => code as number | null);
    let said = "";
    const address = await new Promise<Address>((resolve, reject) => {
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const place = / listens on (\S+);/.exec(said)?.[1];
        if (place !== undefined) resolve(parseAddress(place));
      });
      child.on("error", reject);
      exit.then((code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    });
    return new AcceptorProcess(child, exit, address);
  }

  /** Sends a signal, and gives the exit code once the process has ended; null if the signal itself ended it. */
  end(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exit;
  }
}
