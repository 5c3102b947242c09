import { SIMULATE_OPTIONS } from "../simulation/options.js";
import type { Command } from "../terminal/command.js";

export const simulateCommand: Command = {
  usage: "simulate",
  summary: "Run a protocol through many schedules of messages, crashes and faults, by seed; exits 6 if one breaks it",
  examples: [
    ["synod simulate --seeds 1..10000", "ten thousand schedules of Paxos, on all cores"],
    ["synod simulate --mutate forgets-promise", "plant a flaw, and see it found and explained"],
    ["synod simulate --mutate list", "the flaws there are to plant"],
    ["synod simulate --seeds 17 --trace trace.jsonl", "one schedule, with every event of it"],
    ["synod simulate --protocol raft,multipaxos --compare", "two engines under the same faults, and what each took"],
    ["synod simulate --acceptors 5 --proposers 3 --faults faults.txt --json", "faults of your own, for a program"],
  ],
  options: SIMULATE_OPTIONS,
  run: async (args, terminal) => (await import("../simulation/simulate.js")).runSimulation(args, terminal),
};
