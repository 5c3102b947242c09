import type { RingFailure } from "@synod/consensus";
import { endWithParent } from "../ring/end-with-parent.js";
import { interruption } from "../ring/interruption.js";
import { finalLine } from "../ring/lines.js";
import { CLIENT_TIMEOUT_OPTION, MEMBER_OPTIONS, MOST_UID, memberSettings, startFailure } from "../ring/settings.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";
import { wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** What the shell is told of a client that heard no value. */
const EXIT_CODES: Readonly<Record<RingFailure, ExitCode>> = {
  busy: ExitCode.failure,
  nobody: ExitCode.nobodyReachable,
  "not-started": ExitCode.noConsensus,
  "no-quorum": ExitCode.noConsensus,
  unknown: ExitCode.outcomeUnknown,
};

export const ringClient: Command = {
  usage: "ring client <uid> <value> <proposer>",
  summary: "Run one client of a ring: have a value proposed, and print the one that is chosen",
  examples: [
    ["synod ring client 3 210 0", "the first client of a hosts.txt with three nodes, by the first proposer"],
    ["synod ring client 10 300 7", "by proposer 7 modulo the number of proposers"],
    ["synod ring client 3 210 0 --timeout 5s", "ends after five seconds at the latest, and says what was missing"],
  ],
  positionals: {
    // Taken as they were typed: the value may begin with a dash, behind a --.
    uid: { type: "string", describe: "Its place in the hosts file, from 0" },
    value: { type: "string", describe: "The value, any string" },
    proposer: {
      type: "string",
      describe: "Which proposer to ask first: 0 is the first; modulo the number of proposers",
    },
  },
  options: { ...MEMBER_OPTIONS, ...CLIENT_TIMEOUT_OPTION },
  run: runClient,
};

async function runClient(args: Arguments, terminal: Terminal): Promise<Result> {
  const uid = wholeNumber("the UID", 0, MOST_UID)(args["uid"]);
  const proposer = wholeNumber("the proposer", 0, Number.MAX_SAFE_INTEGER)(args["proposer"]) ?? 0;
  const member = memberSettings({ ...args, uid }, terminal, "client");
  const asked = String(args["value"]);
  const { ClientNode, NotSet } = await import("@synod/ring");
  terminal.interrupted.throwIfAborted();
  endWithParent(terminal, () => process.exit(ExitCode.interrupted));
  const client = await ClientNode.start(member).catch((error: unknown) => {
    throw startFailure(error);
  });
  try {
    const options = { proposer, timeoutMs: args["timeout"] as number };
    const value = await Promise.race([client.set(asked, options), interruption(terminal)]);
    terminal.line(finalLine(value));
    const [learner = null] = client.decisions.map((decision) => decision.learner);
    return {
      exitCode: ExitCode.done,
      document: { uid: member.uid, asked, value, valueOverridden: value !== asked, learner },
    };
  } catch (error) {
    if (!(error instanceof NotSet)) throw error;
    throw new CommandFailure(EXIT_CODES[error.why], error.why, `client ${uid}: ${error.message}`, { cause: error });
  } finally {
    await client.close();
  }
}
