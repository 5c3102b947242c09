import { endOfFaults } from "../faults/end-of-faults.js";
import type { Fault, Microseconds } from "../faults/fault.js";
import { namesForFaults } from "../faults/on-machines.js";
import { randomPlan } from "../faults/random-plan.js";
import { Judge } from "../world/judge.js";
import type { Kinds, System, Violation } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import { randomFor } from "./seeds.js";
import { type Observer, Simulation } from "./simulation.js";

/** How long a run goes on after the last fault where liveness sets no time. */
const AFTERMATH_US = 5_000_000;
/** When the last fault of a random plan is over where the system does not say it. */
const FAULTS_UNTIL_US = 200_000;

export interface RunOptions<K extends Kinds = Kinds> {
  /** Null or absent: a random plan, which the seed decides. */
  readonly faults?: readonly Fault[] | null;
  /** The properties that count; null or absent: all. */
  readonly properties?: readonly string[] | null;
  readonly observe?: Observer<K>;
}

/** One schedule, from beginning to end. */
export interface RunResult {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly violation: RunViolation | null;
  /** How often each thing happened: the world's own (`messages-sent`, `restarts`, ...) and the protocol's. */
  readonly counts: Readonly<Record<string, number>>;
  readonly longestUs: Readonly<Record<string, Microseconds>>;
  /** Virtual time at the end. */
  readonly endUs: Microseconds;
  /** False where some fault never ends: then liveness asks for nothing. */
  readonly becameCalm: boolean;
}

export interface RunViolation extends Violation {
  readonly atUs: Microseconds;
  /** `always`: something happened that never may. `liveness`: something did not happen in time. */
  readonly kind: "always" | "liveness";
}

/** The faults that this seed stands for. */
export function faultsOf(system: System, seed: number): readonly Fault[] {
  return randomPlan(randomFor(seed, "faults"), namesForFaults(system), {
    untilUs: system.faultsUntilUs ?? FAULTS_UNTIL_US,
  });
}

/** Runs one schedule. The same arguments give the same result, and `observe` the same events, on every machine. */
export function runSeed<K extends Kinds>(system: System<K>, seed: number, options: RunOptions<K> = {}): RunResult {
  const faults = options.faults ?? faultsOf(system, seed);
  const end = endOfFaults(faults, namesForFaults(system));
  const calmUs = end ?? lastChangeIn(faults);
  const judge = new Judge(system, options.properties);
  const occurrences = system.occurrences(calmUs);
  const worldCounts = new WorldCounts();
  const simulation = new Simulation(system, seed, faults, (event, nowUs) => {
    worldCounts.observe(event);
    judge.observe(event);
    occurrences.observe(event, nowUs);
    options.observe?.(event, nowUs);
  });
  simulation.plan(system.requests(randomFor(seed, "requests"), calmUs));
  const { liveness } = system;
  const isOver = () => judge.violation !== null || (simulation.nowUs > calmUs && occurrences.settled);
  runTold(simulation, calmUs + (liveness?.withinUs ?? AFTERMATH_US) + mostHeldBack(faults), isOver, seed);

  const atUs = simulation.nowUs;
  const asksLiveness = liveness !== null && end !== null && (options.properties?.includes(liveness.name) ?? true);
  let violation: RunViolation | null = judge.violation && { ...judge.violation, kind: "always", atUs };
  if (!violation && asksLiveness && !occurrences.settled) {
    violation = { property: liveness.name, sentence: `not so: ${liveness.sentence}`, kind: "liveness", atUs };
  }
  const counts = { ...worldCounts.counts, ...occurrences.counts };
  return { seed, faults, violation, counts, longestUs: occurrences.longestUs, endUs: atUs, becameCalm: end !== null };
}

/** When the last fault begins or ends, of those of which that is known: a run must not be over before it. */
function lastChangeIn(faults: readonly Fault[]): Microseconds {
  const changes = faults.map((fault) => (fault.atUs ?? 0) + ("forUs" in fault ? (fault.forUs ?? 0) : 0));
  return changes.reduce((last, one) => Math.max(last, one), FAULTS_UNTIL_US);
}

/** What is on its way when the last fault is over may have been held back by all of them, and holds back what follows. */
function mostHeldBack(faults: readonly Fault[]): Microseconds {
  return faults.reduce((sum, fault) => sum + ("by" in fault ? fault.by.mostUs : 0), 0);
}

/** What fails beside the nodes (a watch, say) is no violation; but one has to know in which seed it happened. */
function runTold<K extends Kinds>(
  simulation: Simulation<K>,
  untilUs: Microseconds,
  isOver: () => boolean,
  seed: number,
): void {
  try {
    simulation.run(untilUs, isOver);
  } catch (error) {
    throw new Error(`in seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** What happens in every world, whatever the protocol. */
class WorldCounts {
  readonly counts = {
    "messages-sent": 0,
    "messages-delivered": 0,
    "messages-lost": 0,
    flushes: 0,
    crashes: 0,
    restarts: 0,
  };

  observe({ kind }: WorldEvent): void {
    if (kind === "send") this.counts["messages-sent"]++;
    else if (kind === "deliver") this.counts["messages-delivered"]++;
    else if (kind === "lose") this.counts["messages-lost"]++;
    else if (kind === "synced") this.counts.flushes++;
    else if (kind === "crash") this.counts.crashes++;
    else if (kind === "restart") this.counts.restarts++;
  }
}
