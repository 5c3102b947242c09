import path from "node:path";
import type { ConsensusNode } from "@synod/ring";
import { POOL_OPTIONS } from "../pool-settings.js";
import { endWithParent } from "../ring/end-with-parent.js";
import { diesOf, FAILING_PHASES, type FailingPhase } from "../ring/failing.js";
import { leaderLine, roleLine } from "../ring/lines.js";
import {
  homeOf,
  MEMBER_OPTIONS,
  MOST_UID,
  memberSettings,
  PATIENCE_OPTIONS,
  ringFolder,
  startFailure,
} from "../ring/settings.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { endGracefully } from "../terminal/graceful-end.js";
import { duration, text, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** It has no log: what there is to know it says. */
const QUIET = { info: () => {} };

const lingerSpan = duration("--linger");

export const ringNode: Command = {
  usage: "ring node <uid>",
  summary: "Run one node of a ring: elect a leader, get a role from it, and run that until all clients are done",
  examples: [
    ["synod ring node 0", "the first node of hosts.txt; and 1, 2, ... in terminals of their own, or with & behind it"],
    ["synod ring node 3 --linger forever", "runs on when all clients are done, until Ctrl-C"],
    ["synod ring node 2 --fail-at phase-1", "dies of the first prepare, if it is an acceptor"],
  ],
  positionals: {
    uid: {
      type: "string",
      describe: "Its place in the hosts file, from 0",
      coerce: wholeNumber("the UID", 0, MOST_UID),
    },
  },
  options: {
    ...MEMBER_OPTIONS,
    home: {
      type: "string",
      describe: "Where its state is kept, below ring/ (SYNOD_HOME; default .synod): it goes on from there",
      coerce: POOL_OPTIONS.home.coerce,
    },
    linger: {
      type: "string",
      default: "1s",
      describe: "How long it stays when every client of the hosts file is done: 10s, forever",
      coerce: (value: unknown) => (text("--linger")(value) === "forever" ? "forever" : lingerSpan(value)),
    },
    "fail-at": {
      choices: FAILING_PHASES,
      describe: "Die of the first message of this phase in its role, to see that the others go on",
    },
    ...PATIENCE_OPTIONS,
  },
  run: runNode,
};

async function runNode(args: Arguments, terminal: Terminal): Promise<Result> {
  const member = memberSettings(args, terminal, "node");
  const { hosts, uid } = member;
  const folder = path.join(ringFolder(homeOf(args, terminal), hosts), `node${uid}`);
  const phase = args["fail-at"] as FailingPhase | undefined;
  // Loaded here, so that no other command pays for it.
  const { ConsensusNode: Node } = await import("@synod/ring");
  let node: ConsensusNode | null = null;
  const end = await endGracefully(terminal, QUIET, async () => node?.close());
  endWithParent(terminal, () => void end.stop());
  let fail: (error: CommandFailure) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // It may come when nobody waits for it yet, or any more.
  failed.catch(() => {});
  try {
    node = await Node.start({
      ...member,
      folder,
      timing: { patienceMs: args["patience"] as number, gatherMs: args["gather"] as number },
      onElected: (leader) => {
        if (leader === uid) terminal.line(leaderLine(uid));
      },
      onRole: (role) => terminal.line(roleLine(uid, role)),
      onMessage: (_, message) => {
        if (phase !== undefined && diesOf(hosts.plan, uid, phase, message)) process.kill(process.pid, "SIGKILL");
      },
      onFailure: ({ code, message }) => fail(new CommandFailure(ExitCode.failure, code, message)),
    });
  } catch (error) {
    end.cancel();
    throw startFailure(error);
  }
  node.onDecision((value) => terminal.note(`node ${uid} has learned that ${JSON.stringify(value)} is chosen`));
  terminal.note(`node ${uid} of ${hosts.hosts.length - hosts.plan.clients} keeps its state in ${folder}`);
  try {
    await Promise.race([clientsDone(node, args["linger"] as number | "forever"), failed]);
  } finally {
    end.cancel();
    await node.close();
  }
  const { election, role, chosen } = node.state;
  return { exitCode: ExitCode.done, document: { uid, leader: election.leader, role, chosen } };
}

/** Resolves when nobody needs this node any more, and never if it stays for ever. */
async function clientsDone(node: ConsensusNode, linger: number | "forever"): Promise<void> {
  await node.clientsDone;
  await new Promise((resolve) => {
    if (linger !== "forever") setTimeout(resolve, linger);
  });
}
