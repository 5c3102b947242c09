import { formatAddress, isLoopback } from "@synod/api";
import type { ClusterSettings } from "../cluster/settings.js";
import { serversOf, untilServing } from "../cluster/start-nodes.js";
import type { Arguments, Result } from "../terminal/command.js";
import { endOf } from "../terminal/end-of.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { completingTo, Prompt } from "../terminal/prompt.js";
import type { Terminal } from "../terminal/terminal.js";
import { DemoPrompt, demoLines } from "./demo-prompt.js";
import { asked, FIRST_LEADER, nodeNumber, type OwnPart, ownPart } from "./demo-settings.js";
import type { EndingSignals } from "./ending-signals.js";
import { Finder } from "./find-machine.js";
import { letLead } from "./first-leader.js";
import { MeetingPlace, type Met } from "./hold-meeting.js";
import { LocalNodes } from "./local-nodes.js";
import { addressTowards } from "./machine-address.js";
import { otherMachine } from "./meeting-words.js";
import { claimData } from "./one-program.js";
import { otherAddress } from "./other-address.js";
import { takeUpData } from "./own-data.js";
import { meetingAddress } from "./ports.js";
import { copyAdvice, demoSecret, SECRET_NEEDED } from "./secret-file.js";

/** What came of a meeting, in words. */
const HOW: Readonly<Record<Met["how"], string>> = {
  new: "both begin anew, with nothing in it",
  again: "both go on with what they kept",
  joins: "this machine joins the other one",
};

/** The program of one of the two machines, from its options to its end. Whatever it opens it closes again. */
export class DemoProgram {
  readonly #args: Arguments;
  readonly #terminal: Terminal;
  readonly #ending: EndingSignals;
  /** How long a node, or a leader, is waited for, in milliseconds. */
  readonly #withinMs: number;

  constructor(args: Arguments, terminal: Terminal, ending: EndingSignals) {
    this.#args = args;
    this.#terminal = terminal;
    this.#ending = ending;
    this.#withinMs = args["within"] as number;
  }

  /** @throws {CommandFailure} if the machines do not come together, or this one's nodes do not start */
  async run(): Promise<Result> {
    const { secret, madeFile } = demoSecret(this.#args, this.#terminal);
    const finder = secret === undefined ? null : await Finder.open({ ...asked(this.#args), secret });
    try {
      const there = await this.#otherAddress(finder);
      if (!isLoopback(there) && secret === undefined) throw new UsageError(SECRET_NEEDED);
      if (madeFile !== null) for (const line of copyAdvice(madeFile, there)) this.#terminal.note(line);
      const part = ownPart(this.#args, this.#terminal, await addressTowards(there), there);
      return await this.#withOther(part, secret);
    } catch (error) {
      // Whoever was told to end has ended as he was told.
      if (this.#ending.heard === null) throw error;
      return this.#endedBySignal();
    } finally {
      finder?.close();
    }
  }

  #otherAddress(finder: Finder | null): Promise<string> {
    const { "peer-ip": given, "find-within": withinMs } = this.#args as { [option: string]: unknown };
    const looking = { withinMs: withinMs as number, interrupted: this.#ending.signal };
    return otherAddress(given as string | undefined, asked(this.#args), finder, looking, this.#terminal);
  }

  /** Meets the other program, and runs this machine's nodes on data that this program alone has. */
  async #withOther(part: OwnPart, secret: string | undefined): Promise<Result> {
    const { machine, here, portOffset } = part.facts;
    const place = await MeetingPlace.open({ facts: part.facts, secret, note: (text) => this.#terminal.note(text) });
    try {
      const giveUp = claimData(part, meetingAddress(here, machine, portOffset));
      try {
        const met = await this.#meet(place, part);
        const settings = await takeUpData(part, met, secret, this.#withinMs, this.#ending.signal);
        return await this.#withNodes(settings, part, met);
      } finally {
        giveUp();
      }
    } finally {
      await place.close();
    }
  }

  async #meet(place: MeetingPlace, { facts, folder }: OwnPart): Promise<Met> {
    const { machine, here, there, portOffset } = facts;
    const other = otherMachine(machine);
    const withinMs = this.#args["wait"] as number;
    const where = formatAddress(meetingAddress(there, other, portOffset));
    this.#terminal.note(`machine ${machine} is at ${here}; its data: ${folder.path}`);
    this.#terminal.note(
      `waiting for machine ${other} at ${where}, ${withinMs / 1000} s at most. Start it there: ${this.#otherCommand(facts)}`,
    );
    const met = await place.meet(withinMs, this.#ending.signal);
    this.#terminal.note(`met machine ${other}: the cluster is ${met.cluster}; ${HOW[met.how]}`);
    return met;
  }

  /** What to type on the other machine. */
  #otherCommand({ machine, here, engine, portOffset, clears }: OwnPart["facts"]): string {
    return [
      `synod chat demo --machine-id ${otherMachine(machine)} --peer-ip ${here}`,
      ...(this.#args["secret-file"] === undefined ? [] : ["--secret-file FILE"]),
      ...(this.#args["engine"] === undefined ? [] : [`--engine ${engine}`]),
      ...(portOffset === 0 ? [] : [`--port-offset ${portOffset}`]),
      ...(clears ? [] : ["--skip-clear"]),
    ].join(" ");
  }

  /** Runs the nodes of this machine as long as the prompt is open. */
  async #withNodes(settings: ClusterSettings, { facts }: OwnPart, { how }: Met): Promise<Result> {
    const nodes = new LocalNodes(settings, facts.machine, this.#withinMs);
    // Also if this process ends on the spot, as when nobody reads its output any more.
    const onExit = () => nodes.tellAllToStop();
    process.on("exit", onExit);
    try {
      await nodes.startAll(this.#terminal);
      this.#ending.signal.throwIfAborted();
      await this.#awaitLeader(settings, how !== "joins");
      this.#ending.signal.throwIfAborted();
      return await this.#atPrompt(settings, nodes);
    } finally {
      this.#terminal.note(`stopping nodes ${nodes.ids.join(", ")}`);
      await nodes.stopAll();
      process.off("exit", onExit);
    }
  }

  /**
   * Waits until the whole serves.
   *
   * @param isFirst whether the initial leader is to lead now. Both machines see to that: the one that is late finds it done.
   *   Under Paxos nobody hands the lead over, and whoever is first leads
   */
  async #awaitLeader(settings: ClusterSettings, isFirst: boolean): Promise<void> {
    const { servers, leader, quorum } = await untilServing(settings, this.#withinMs, this.#terminal.interrupted);
    if (!quorum) {
      this.#terminal.note(`nobody leads after ${this.#withinMs} ms: see status`);
      return;
    }
    const first = serversOf(settings.topology, "raft")[FIRST_LEADER - 1]?.name;
    const isToLead = isFirst && first !== undefined;
    const leads = isToLead ? await letLead(settings, first, this.#withinMs, this.#terminal) : leader;
    const node = servers.find(({ name }) => name === leads)?.node;
    this.#terminal.note(node === undefined ? "nobody leads: see status" : `Node ${nodeNumber(node)} leads.`);
  }

  async #atPrompt(settings: ClusterSettings, nodes: LocalNodes): Promise<Result> {
    const {
      "machine-id": machine,
      "fail-leader": canFailLeader,
      timeout,
    } = this.#args as { [option: string]: unknown };
    const { signal } = this.#ending;
    const complete = completingTo(demoLines(nodes));
    const prompt = new Prompt(this.#terminal, { name: `machine ${machine}> `, complete });
    signal.addEventListener("abort", () => prompt.close(), { once: true });
    const demoPrompt = new DemoPrompt(prompt, {
      settings,
      nodes,
      canFailLeader: canFailLeader === true,
      testWithinMs: timeout as number,
      json: this.#terminal.json,
      interrupted: endOf([prompt.interrupted, signal]),
    });
    prompt.note("status, test, fail <id>, start <id>, help, exit");
    const isTold = await demoPrompt.run();
    // What was being typed stays on a line of its own.
    if (prompt.isInteractive) this.#terminal.note("");
    if (!isTold && !prompt.isInteractive && !signal.aborted) {
      this.#terminal.note("stdin is at its end: this runs on until a signal");
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    if (this.#ending.heard !== null) return this.#endedBySignal();
    if (prompt.interrupted.aborted) return { exitCode: ExitCode.interrupted };
    return { exitCode: prompt.isInteractive ? ExitCode.done : demoPrompt.firstFailure };
  }

  /** A program that a signal ends in good order has done what it was told. */
  #endedBySignal(): Result {
    // The terminal is gone: Node would look for it once more at its end, and fail.
    if (this.#ending.heard === "SIGHUP") process.once("exit", () => process.kill(process.pid, "SIGKILL"));
    return { exitCode: ExitCode.done };
  }
}
