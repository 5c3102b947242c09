import type { MultiPaxosKinds } from "../multipaxos/multipaxos-kinds.js";
import { type MultiPaxosSettings, multiPaxosSystem } from "../multipaxos/multipaxos-system.js";
import type { ClusterParts } from "../multipaxos/parts.js";
import { watchedFirst } from "../world/beside.js";
import type { System } from "../world/system.js";
import { ChainKeeper, ChainState, snapshotsIn } from "./chain-keeper.js";
import { ChainRules } from "./chain-rules.js";
import { LedgerOccurrences, ledgerSometimes } from "./ledger-occurrences.js";
import { ledgerService } from "./ledger-service.js";
import { type LedgerParts, REAL_LEDGER } from "./parts.js";
import { LEDGER_ALWAYS } from "./properties.js";
import { commandInWords, messageInWords, replyInWords, writeInWords } from "./words.js";

export interface LedgerSettings extends MultiPaxosSettings {
  /** Zero bits with which each proof of work begins. */
  readonly difficulty: number;
}

/** The ledger on Multi-Paxos as it is simulated: the cluster of the replicated store, with another machine behind its log. */
export function ledgerSystem(settings: LedgerSettings, parts: LedgerParts = REAL_LEDGER): System<MultiPaxosKinds> {
  const { difficulty } = settings;
  const log = multiPaxosSystem(settings, clusterOf(parts, difficulty), ledgerService(difficulty));
  const learners = log.nodes.filter(({ role }) => role === "learner").map(({ name }) => name);
  return {
    ...log,
    messageInWords,
    writeInWords,
    commandInWords,
    replyInWords,
    always: [...LEDGER_ALWAYS, ...log.always],
    watch: () => watchedFirst(new ChainRules(learners, difficulty), log.watch()),
    sometimes: [...log.sometimes, ...ledgerSometimes(settings)],
    occurrences: (calmUs) => new LedgerOccurrences(log.occurrences(calmUs), difficulty),
    liveness: log.liveness && {
      ...log.liveness,
      sentence:
        "once faults stop, one proposer leads, each client adds a block and reads strongly, and all learners have one chain, within 20 s",
    },
  };
}

/** The parts of a cluster whose learners keep their blocks in files. */
function clusterOf(parts: LedgerParts, difficulty: number): ClusterParts {
  return {
    ...parts,
    application: (limits) => new ChainState((tell) => parts.state(limits, difficulty, tell)),
    learner: (disk, options) =>
      new ChainKeeper(parts.learner(snapshotsIn(disk), options), options.application as ChainState),
  };
}
