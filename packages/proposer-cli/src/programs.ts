import { acceptorDown } from "./commands/acceptor-down.js";
import { acceptorReset } from "./commands/acceptor-reset.js";
import { acceptorRun } from "./commands/acceptor-run.js";
import { acceptorStatus } from "./commands/acceptor-status.js";
import { acceptorUp } from "./commands/acceptor-up.js";
import { benchKv } from "./commands/bench-kv.js";
import { chat } from "./commands/chat.js";
import { chatAccounts, chatAvailable, chatCreate } from "./commands/chat-accounts.js";
import { chatDelete } from "./commands/chat-delete.js";
import { chatDemo } from "./commands/chat-demo.js";
import { chatLogin, chatLogout } from "./commands/chat-login.js";
import { chatDeleteAccount, chatPassword } from "./commands/chat-own-account.js";
import { chatConversation, chatConversations, chatRead } from "./commands/chat-read.js";
import { chatSend } from "./commands/chat-send.js";
import { chatWatch } from "./commands/chat-watch.js";
import { checkHistoryCommand } from "./commands/check-history.js";
import { checkModelCommand } from "./commands/check-model.js";
import { clusterCut, clusterHeal } from "./commands/cluster-cut.js";
import { clusterFail, clusterStop } from "./commands/cluster-end.js";
import { clusterFault, clusterFaults } from "./commands/cluster-faults.js";
import { clusterLogs } from "./commands/cluster-logs.js";
import { clusterRecover } from "./commands/cluster-recover.js";
import { clusterReset } from "./commands/cluster-reset.js";
import { clusterRunNode } from "./commands/cluster-run-node.js";
import { clusterStart } from "./commands/cluster-start.js";
import { clusterStatus } from "./commands/cluster-status.js";
import { clusterTest } from "./commands/cluster-test.js";
import { clusterTopology } from "./commands/cluster-topology.js";
import { completion } from "./commands/completion.js";
import { explainCommand } from "./commands/explain.js";
import { getState } from "./commands/get-state.js";
import { kvCas } from "./commands/kv-cas.js";
import { kvDelete } from "./commands/kv-delete.js";
import { kvGet } from "./commands/kv-get.js";
import { kvPut } from "./commands/kv-put.js";
import { kvStatus } from "./commands/kv-status.js";
import { kvWatch } from "./commands/kv-watch.js";
import { ledgerClient } from "./commands/ledger-client.js";
import { ledgerGet } from "./commands/ledger-get.js";
import { ledgerPut } from "./commands/ledger-put.js";
import { ledgerServer } from "./commands/ledger-server.js";
import { ledgerShow } from "./commands/ledger-show.js";
import { ledgerVerify } from "./commands/ledger-verify.js";
import { proposerDemo } from "./commands/proposer-demo.js";
import { raftAppendEntries } from "./commands/raft-append-entries.js";
import { raftMember, raftTransfer } from "./commands/raft-operate.js";
import { raftRequestVote } from "./commands/raft-request-vote.js";
import { raftState } from "./commands/raft-state.js";
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
      clusterStart,
      clusterStatus,
      clusterTest,
      clusterLogs,
      clusterFail,
      clusterRecover,
      clusterCut,
      clusterHeal,
      clusterFault,
      clusterFaults,
      clusterStop,
      clusterReset,
      clusterTopology,
      clusterRunNode,
      raftState,
      raftRequestVote,
      raftAppendEntries,
      raftTransfer,
      raftMember,
      kvPut,
      kvGet,
      kvCas,
      kvDelete,
      kvWatch,
      kvStatus,
      ledgerServer,
      ledgerClient,
      ledgerPut,
      ledgerGet,
      ledgerShow,
      ledgerVerify,
      chat,
      chatCreate,
      chatAvailable,
      chatLogin,
      chatLogout,
      chatAccounts,
      chatSend,
      chatRead,
      chatConversations,
      chatConversation,
      chatDelete,
      chatPassword,
      chatDeleteAccount,
      chatWatch,
      chatDemo,
      simulateCommand,
      checkModelCommand,
      checkHistoryCommand,
      benchKv,
      completion,
    ],
    groups: {
      acceptor: "Take the acceptors of a pool up and down",
      cluster: "Run a cluster on this machine, break it and mend it",
      raft: "Speak to the servers of a cluster on Raft, and move its lead and its members",
      kv: "Use the replicated key-value store of a cluster",
      ledger: "Use the replicated block chain of a cluster, see it and check it",
      chat: "Speak to each other over a replicated chat",
      check: "Check recorded histories, and protocols in small worlds",
      bench: "Measure how fast a store answers, and how much it can carry",
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
