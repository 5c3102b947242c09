import { observe } from "../cluster/observation.js";
import type { ClusterSettings } from "../cluster/settings.js";
import { type PromptLine, promptLine, refuseRest } from "../ledger/prompt-line.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { takeInTurn } from "../terminal/lines-in-turn.js";
import type { Prompt } from "../terminal/prompt.js";
import { table } from "../terminal/table.js";
import { FIRST_LEADER, nodeName } from "./demo-settings.js";
import { nodesSeen, STATUS_HEADER, statusRow, statusSentence } from "./demo-status.js";
import type { LocalNodes } from "./local-nodes.js";
import { ONE_LOOK_MS, runTest } from "./test-run.js";

const COMMANDS = ["status", "test", "fail", "kill", "start", "help", "exit", "quit"];

const HELP = [
  "status: show all nodes, of both machines, each asked just now",
  "test: make the accounts alice and bob, log in, send a message and read it; it fails without a quorum",
  "fail <id> (kill): kill a node of this machine at once, as kill -9 does; what it had on disk stays",
  "start <id>: start a node of this machine again, with what it had on disk",
  "exit (quit, Ctrl-C, Ctrl-D): stop the nodes of this machine, and end",
];

/** What the prompt of a demo is about. */
export interface Demo {
  readonly settings: ClusterSettings;
  readonly nodes: LocalNodes;
  /** Whether the initial leader may be failed. */
  readonly canFailLeader: boolean;
  /** How long a test may take, in milliseconds. */
  readonly testWithinMs: number;
  readonly json: boolean;
  /** Ends whatever a line began. */
  readonly interrupted: AbortSignal;
}

/** What Tab completes to. */
export function demoLines({ ids }: LocalNodes): string[] {
  return ["status", "test", "help", "exit", ...ids.flatMap((id) => [`fail ${id}`, `start ${id}`])];
}

/** What a person at one of the two machines sees and does. */
export class DemoPrompt {
  readonly #prompt: Prompt;
  readonly #demo: Demo;
  #failure: ExitCode = ExitCode.done;

  constructor(prompt: Prompt, demo: Demo) {
    this.#prompt = prompt;
    this.#demo = demo;
  }

  /** What the first line that failed would have ended with, as a command of its own. */
  get firstFailure(): ExitCode {
    return this.#failure;
  }

  /** Takes lines until there are no more. @returns whether somebody said that it is to end */
  run(): Promise<boolean> {
    return takeInTurn(this.#prompt, (line) => this.#take(line));
  }

  async #take(text: string): Promise<boolean> {
    try {
      const line = promptLine(text, COMMANDS);
      return line !== null && (await this.#carryOut(line));
    } catch (error) {
      if (this.#demo.interrupted.aborted) return true;
      if (!(error instanceof CommandFailure)) throw error;
      const { code, message, exitCode } = error;
      if (this.#failure === ExitCode.done) this.#failure = exitCode;
      if (this.#demo.json) this.#tell({ command: text.trim(), error: { code, message, exitCode } });
      else this.#prompt.tell(message);
      return false;
    }
  }

  async #carryOut(line: PromptLine): Promise<boolean> {
    const { command, rest } = line;
    if (command === "fail" || command === "kill") await this.#fail(this.#ownNode(rest, "kill"));
    else if (command === "start") await this.#start(this.#ownNode(rest, "start"));
    else {
      refuseRest(line);
      if (command === "status") await this.#status();
      if (command === "test") await this.#test();
      if (command === "help") for (const help of HELP) this.#prompt.note(help);
    }
    return command === "exit" || command === "quit";
  }

  async #status(): Promise<void> {
    const { settings, nodes: local, json } = this.#demo;
    const seen = await observe(settings, ONE_LOOK_MS, this.#demo.interrupted);
    const nodes = nodesSeen(settings.topology, seen, (id) => (local.ids.includes(id) ? local.process(id) : null));
    if (json) {
      const { quorum, leader } = seen;
      this.#tell({ status: { cluster: settings.clusterId, nodes, leader, quorum } });
      return;
    }
    for (const row of table(STATUS_HEADER, nodes.map(statusRow))) this.#prompt.tell(row);
    this.#prompt.tell(statusSentence(nodes, seen));
  }

  async #test(): Promise<void> {
    const { settings, nodes, testWithinMs, json } = this.#demo;
    const steps: string[] = [];
    const tell = (sentence: string) => {
      steps.push(sentence);
      if (!json) this.#prompt.tell(sentence);
    };
    const begun = performance.now();
    try {
      await runTest(settings, nodes.ids.map(nodeName), testWithinMs, this.#demo.interrupted, tell);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      throw new CommandFailure(error.exitCode, error.code, `Test failed: ${error.message}`);
    }
    const ms = Math.round(performance.now() - begun);
    if (json) this.#tell({ test: { ok: true, steps, ms } });
    else this.#prompt.tell(`Test succeeded in ${ms} ms.`);
  }

  async #fail(id: number): Promise<void> {
    if (id === FIRST_LEADER && !this.#demo.canFailLeader) {
      throw new CommandFailure(
        ExitCode.failure,
        "leader-guarded",
        `Initial leader failure (node ${id}) is disabled. Use '--fail-leader' if intended.`,
      );
    }
    const pid = await this.#demo.nodes.fail(id, this.#demo.interrupted);
    if (pid === null) throw new CommandFailure(ExitCode.failure, "not-online", `Node ${id} is not online.`);
    this.#say(`Node ${id} failed: process ${pid} was killed.`);
  }

  async #start(id: number): Promise<void> {
    if (this.#demo.nodes.process(id).isRunning) {
      throw new CommandFailure(ExitCode.failure, "already-online", `Node ${id} is already online.`);
    }
    const pid = await this.#demo.nodes.start(id, this.#demo.interrupted);
    this.#say(`Node ${id} is online: process ${pid}.`);
  }

  /** The node of this number, if it is one of this machine. @throws {CommandFailure} in the original's words */
  #ownNode(rest: string, act: string): number {
    const { settings, nodes } = this.#demo;
    const all = settings.topology.nodes.map((_node, place) => place + 1);
    const word = rest.trim();
    const id = all.find((one) => word === String(one) || word === nodeName(one));
    if (id === undefined) throw new UsageError(`Invalid node ID: ${word}. Valid IDs: [${all.join(", ")}]`);
    if (nodes.ids.includes(id)) return id;
    throw new CommandFailure(ExitCode.failure, "remote-node", `Node ${id} is remote. Cannot ${act} directly.`);
  }

  #say(sentence: string): void {
    if (this.#demo.json) this.#tell({ said: sentence });
    else this.#prompt.tell(sentence);
  }

  #tell(document: object): void {
    this.#prompt.tell(JSON.stringify(document));
  }
}
