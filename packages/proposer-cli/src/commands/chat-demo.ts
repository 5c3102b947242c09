import { formatAddress, isLoopback } from "@synod/api";
import { DemoPrompt, demoLines } from "../chat-demo/demo-prompt.js";
import {
  asked,
  CHAT_DEMO_OPTIONS,
  FIRST_LEADER,
  nodeNumber,
  type OwnPart,
  ownPart,
} from "../chat-demo/demo-settings.js";
import { EndingSignals } from "../chat-demo/ending-signals.js";
import { Finder } from "../chat-demo/find-machine.js";
import { letLead } from "../chat-demo/first-leader.js";
import { MeetingPlace, type Met } from "../chat-demo/hold-meeting.js";
import { LocalNodes } from "../chat-demo/local-nodes.js";
import { addressTowards } from "../chat-demo/machine-address.js";
import { otherMachine } from "../chat-demo/meeting-words.js";
import { claimData } from "../chat-demo/one-program.js";
import { otherAddress } from "../chat-demo/other-address.js";
import { takeUpData } from "../chat-demo/own-data.js";
import { meetingAddress } from "../chat-demo/ports.js";
import { copyAdvice, demoSecret, SECRET_NEEDED } from "../chat-demo/secret-file.js";
import type { ClusterSettings } from "../cluster/settings.js";
import { serversOf, untilServing } from "../cluster/start-nodes.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { endOf } from "../terminal/end-of.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { completingTo, Prompt } from "../terminal/prompt.js";
import type { Terminal } from "../terminal/terminal.js";

export const chatDemo: Command = {
  usage: "chat demo",
  summary:
    "Run a chat of five nodes on two machines, and break it: a program on each, with a prompt; without a terminal it reads " +
    "commands from stdin, and runs on when those are at their end",
  examples: [
    [
      "synod chat demo --machine-id 1 --peer-ip 127.0.0.1",
      "and --machine-id 2 in a second terminal; then: status, test",
    ],
    [
      "synod chat demo --machine-id 1 --peer-ip 192.168.1.12 --secret-file chat.secret",
      "on two machines: the file is made, and is copied to the other one",
    ],
    [
      "synod chat demo --machine-id 2 --secret-file chat.secret",
      "the other machine is looked for on the local network",
    ],
    ["synod chat demo --machine-id 1 --peer-ip 127.0.0.1 --skip-clear", "go on with the data from before"],
  ],
  options: CHAT_DEMO_OPTIONS,
  run: async (args, terminal) => {
    const ending = new EndingSignals(terminal.interrupted);
    try {
      return await demo(args, terminal, ending);
    } catch (error) {
      // Whoever was told to end has ended as he was told.
      if (ending.heard === null) throw error;
      return endedBy(ending);
    } finally {
      ending.close();
    }
  },
};

/** From the options to the end of the program: all that is opened on the way is closed again. */
async function demo(args: Arguments, terminal: Terminal, ending: EndingSignals): Promise<Result> {
  const given = args["peer-ip"] as string | undefined;
  const meant = asked(args);
  const { secret, madeFile } = demoSecret(args, terminal);
  const finder = secret === undefined ? null : await Finder.open({ ...meant, secret });
  try {
    const within = args["find-within"] as number;
    const there = await otherAddress(given, meant, finder, within, terminal, ending.signal);
    if (!isLoopback(there) && secret === undefined) throw new UsageError(SECRET_NEEDED);
    const here = await addressTowards(there);
    if (madeFile !== null) for (const line of copyAdvice(madeFile, there)) terminal.note(line);
    const part = ownPart(args, terminal, here, there);
    const place = await MeetingPlace.open({ facts: part.facts, secret, note: (text) => terminal.note(text) });
    try {
      return await onOwnData(part, place, secret, args, terminal, ending);
    } finally {
      await place.close();
    }
  } finally {
    finder?.close();
  }
}

/** From the meeting on, with this machine's data for this program alone. */
async function onOwnData(
  part: OwnPart,
  place: MeetingPlace,
  secret: string | undefined,
  args: Arguments,
  terminal: Terminal,
  ending: EndingSignals,
): Promise<Result> {
  const { machine, here, portOffset } = part.facts;
  const giveUp = claimData(part, meetingAddress(here, machine, portOffset));
  try {
    const met = await meetingOf(place, part, args, terminal, ending);
    const settings = await takeUpData(part, met, secret, args["within"] as number, ending.signal);
    return await withNodes(settings, part, met, args, terminal, ending);
  } finally {
    giveUp();
  }
}

async function meetingOf(
  place: MeetingPlace,
  { facts, folder }: OwnPart,
  args: Arguments,
  terminal: Terminal,
  ending: EndingSignals,
): Promise<Met> {
  const { machine, here, there, portOffset } = facts;
  const other = otherMachine(machine);
  const withinMs = args["wait"] as number;
  terminal.note(`machine ${machine} is at ${here}; its data: ${folder.path}`);
  terminal.note(
    `waiting for machine ${other} at ${formatAddress(meetingAddress(there, other, portOffset))}, ${withinMs / 1000} s at most. ` +
      `Start it there: ${otherCommand(facts, args)}`,
  );
  const met = await place.meet(withinMs, ending.signal);
  const how = {
    new: "both begin anew, with nothing in it",
    again: "both go on with what they kept",
    joins: "this machine joins the other one",
  };
  terminal.note(`met machine ${other}: the cluster is ${met.cluster}; ${how[met.how]}`);
  return met;
}

/** What to type on the other machine. */
function otherCommand({ machine, here, engine, portOffset, clears }: OwnPart["facts"], args: Arguments): string {
  return [
    `synod chat demo --machine-id ${otherMachine(machine)} --peer-ip ${here}`,
    ...(args["secret-file"] === undefined ? [] : ["--secret-file FILE"]),
    ...(args["engine"] === undefined ? [] : [`--engine ${engine}`]),
    ...(portOffset === 0 ? [] : [`--port-offset ${portOffset}`]),
    ...(clears ? [] : ["--skip-clear"]),
  ].join(" ");
}

/** Runs the nodes of this machine as long as the prompt is open. */
async function withNodes(
  settings: ClusterSettings,
  { facts }: OwnPart,
  met: Met,
  args: Arguments,
  terminal: Terminal,
  ending: EndingSignals,
): Promise<Result> {
  const withinMs = args["within"] as number;
  const nodes = new LocalNodes(settings, facts.machine, withinMs);
  // Also if this process ends on the spot, as when nobody reads its output any more.
  const onExit = () => nodes.tellAllToStop();
  process.on("exit", onExit);
  try {
    await nodes.startAll(terminal);
    ending.signal.throwIfAborted();
    await awaitLeader(settings, met.how !== "joins", withinMs, terminal);
    ending.signal.throwIfAborted();
    return await atPrompt(settings, nodes, args, terminal, ending);
  } finally {
    if (ending.heard !== "SIGHUP") terminal.note(`stopping nodes ${nodes.ids.join(", ")}`);
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
async function awaitLeader(
  settings: ClusterSettings,
  isFirst: boolean,
  withinMs: number,
  terminal: Terminal,
): Promise<void> {
  const { servers, leader, quorum } = await untilServing(settings, withinMs, terminal.interrupted);
  if (!quorum) {
    terminal.note(`nobody leads after ${withinMs} ms: see status`);
    return;
  }
  const first = serversOf(settings.topology, "raft")[FIRST_LEADER - 1]?.name;
  const leads = isFirst && first !== undefined ? await letLead(settings, first, withinMs, terminal) : leader;
  const node = servers.find(({ name }) => name === leads)?.node;
  terminal.note(node === undefined ? "nobody leads: see status" : `Node ${nodeNumber(node)} leads.`);
}

async function atPrompt(
  settings: ClusterSettings,
  nodes: LocalNodes,
  args: Arguments,
  terminal: Terminal,
  ending: EndingSignals,
): Promise<Result> {
  const { "machine-id": machine, "fail-leader": canFailLeader, timeout } = args as { [option: string]: unknown };
  const prompt = new Prompt(terminal, { name: `machine ${machine}> `, complete: completingTo(demoLines(nodes)) });
  ending.signal.addEventListener("abort", () => prompt.close(), { once: true });
  const demoPrompt = new DemoPrompt(prompt, {
    settings,
    nodes,
    canFailLeader: canFailLeader === true,
    testWithinMs: timeout as number,
    json: terminal.json,
    interrupted: endOf([prompt.interrupted, ending.signal]),
  });
  prompt.note("status, test, fail <id>, start <id>, help, exit");
  const isTold = await demoPrompt.run();
  // What was being typed stays on a line of its own.
  if (prompt.isInteractive && ending.heard === null) terminal.note("");
  if (!isTold && !prompt.isInteractive && !ending.signal.aborted) {
    terminal.note("stdin is at its end: this runs on until a signal");
    await new Promise((resolve) => ending.signal.addEventListener("abort", resolve, { once: true }));
  }
  if (ending.heard !== null) return endedBy(ending);
  if (prompt.interrupted.aborted) return { exitCode: ExitCode.interrupted };
  return { exitCode: prompt.isInteractive ? ExitCode.done : demoPrompt.firstFailure };
}

/** A program that a signal ends in good order has done what it was told. */
function endedBy({ heard }: EndingSignals): Result {
  // The terminal is gone: Node would look for it once more at its end, and fail.
  if (heard === "SIGHUP") process.once("exit", () => process.kill(process.pid, "SIGKILL"));
  return { exitCode: ExitCode.done };
}
