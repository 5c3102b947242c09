import { acceptorRun } from "./commands/acceptor-run.js";
import { completion } from "./commands/completion.js";
import { explainCommand } from "./commands/explain.js";
import { getState } from "./commands/get-state.js";
import { proposerDemo } from "./commands/proposer-demo.js";
import { sendAccept } from "./commands/send-accept.js";
import { sendPrepare } from "./commands/send-prepare.js";
import { simulateCommand } from "./commands/simulate.js";
import type { Command } from "./terminal/command.js";
import type { Program } from "./terminal/parse.js";

/**
 * Every program on the PATH. A group of commands, and all that only they need, is loaded when its name is typed, so that no
 * other command starts later for it.
 */
export const PROGRAMS = {
  synod: {
    name: "synod",
    summary: "Synod, the scriptable consensus toolkit: every message of Paxos in your hands.",
    commands: [getState, sendPrepare, sendAccept, proposerDemo, explainCommand, simulateCommand, completion],
    groups: {
      acceptor: {
        about: "Take the acceptors of a pool up and down",
        load: async () => (await import("./command-groups/acceptor.js")).ACCEPTOR_COMMANDS,
      },
      cluster: {
        about: "Run a cluster on this machine, break it and mend it",
        load: async () => (await import("./command-groups/cluster.js")).CLUSTER_COMMANDS,
      },
      raft: {
        about: "Speak to the servers of a cluster on Raft, and move its lead and its members",
        load: async () => (await import("./command-groups/raft.js")).RAFT_COMMANDS,
      },
      kv: {
        about: "Use the replicated key-value store of a cluster",
        load: async () => (await import("./command-groups/kv.js")).KV_COMMANDS,
      },
      ledger: {
        about: "Use the replicated block chain of a cluster, see it and check it",
        load: async () => (await import("./command-groups/ledger.js")).LEDGER_COMMANDS,
      },
      chat: {
        about: "Speak to each other over a replicated chat, and break it on two machines",
        load: async () => (await import("./command-groups/chat.js")).CHAT_COMMANDS,
      },
      ring: {
        about: "Elect a leader on a ring, give out roles, and agree on one value",
        load: async () => (await import("./command-groups/ring.js")).RING_COMMANDS,
      },
      check: {
        about: "Check recorded histories, and protocols in small worlds",
        load: async () => (await import("./command-groups/check.js")).CHECK_COMMANDS,
      },
      bench: {
        about: "Measure how fast a store answers, and how much it can carry",
        load: async () => (await import("./command-groups/bench.js")).BENCH_COMMANDS,
      },
    },
    examples: [
      ["synod acceptor up 1 2 3 --server-count 3", "start a pool of three acceptors"],
      ["synod proposer-demo --id 9 --contact-count 2 --value x", "propose a value to two of them, at random"],
      ["synod explain", "say whether a value is chosen, and why"],
      ["synod acceptor down --all", "stop them; they keep their state"],
      ["synod cluster start", "start a replicated key-value store, and then: synod kv put greeting hello"],
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
