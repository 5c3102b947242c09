import { acceptorDown } from "./commands/acceptor-down.js";
import { acceptorReset } from "./commands/acceptor-reset.js";
import { acceptorRun } from "./commands/acceptor-run.js";
import { acceptorStatus } from "./commands/acceptor-status.js";
import { acceptorUp } from "./commands/acceptor-up.js";
import { checkHistoryCommand } from "./commands/check-history.js";
import { checkModelCommand } from "./commands/check-model.js";
import { completion } from "./commands/completion.js";
import { explainCommand } from "./commands/explain.js";
import { getState } from "./commands/get-state.js";
import { proposerDemo } from "./commands/proposer-demo.js";
import { sendAccept } from "./commands/send-accept.js";
import { sendPrepare } from "./commands/send-prepare.js";
import { simulateCommand } from "./commands/simulate.js";
import type { Command } from "./terminal/command.js";
import type { Program } from "./terminal/parse.js";

/** Every program on the PATH. */
export const PROGRAMS = {
  synod: {
    name: "synod",
    summary: "Synod, the scriptable consensus toolkit: every message of Paxos in your hands.",
    commands: [
      getState,
      sendPrepare,
      sendAccept,
      proposerDemo,
      explainCommand,
      acceptorUp,
      acceptorDown,
      acceptorStatus,
      acceptorReset,
      acceptorRun,
      simulateCommand,
      checkModelCommand,
      checkHistoryCommand,
      completion,
    ],
    groups: {
      acceptor: "Take the acceptors of a pool up and down",
      check: "Check recorded histories, and protocols in small worlds",
    },
    examples: [
      ["synod acceptor up 1 2 3 --server-count 3", "start a pool of three acceptors"],
      ["synod proposer-demo --id 9 --contact-count 2 --value x", "propose a value to two of them, at random"],
      ["synod explain", "say whether a value is chosen, and why"],
      ["synod acceptor down --all", "stop them; they keep their state"],
    ],
  },
  "get-state": single("get-state", getState),
  "send-prepare": single("send-prepare", sendPrepare),
  "send-accept": single("send-accept", sendAccept),
  "proposer-demo": single("proposer-demo", proposerDemo),
  "acceptor-server": single("acceptor-server", acceptorRun),
} as const satisfies Record<string, Program>;

function single(name: string, command: Command): Program {
  return { name, summary: command.summary, commands: [command], groups: {}, examples: [] };
}
