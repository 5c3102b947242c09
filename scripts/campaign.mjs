/**
 * The long run: a protocol in several worlds, in which nothing may break, and then with every flaw there is to plant, each of
 * which must be found. `npm run campaign -- --seeds 1..1000000` is for a night. Ends with 0 only if nothing surprised.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const synod = fileURLToPath(new URL("../packages/proposer-cli/bin/synod.js", import.meta.url));

const { values } = parseArgs({
  options: {
    protocol: { type: "string", default: "paxos" },
    seeds: { type: "string", default: "1..100000" },
    "mutation-seeds": { type: "string", default: "1..20000" },
  },
});

/** The worlds in which nothing may break, by protocol; of a protocol that is not here, the usual one. */
const WORLDS = {
  // Usual, larger, even, and with proposers that ask as few or as many as there are.
  paxos: [
    "--acceptors 3 --proposers 2",
    "--acceptors 5 --proposers 3",
    "--acceptors 4 --proposers 2",
    "--acceptors 3 --proposers 2 --contact-count 2",
    "--acceptors 5 --proposers 3 --contact-count 3",
    "--acceptors 5 --proposers 2 --contact-count 5",
  ],
  // Usual, larger, with a person who keeps interfering, and with as few snapshots, sessions and slots as can be.
  multipaxos: [
    "--acceptors 3 --proposers 2",
    "--acceptors 5 --proposers 3 --learners 3 --set clients=3",
    "--acceptors 3 --proposers 2 --set hand-prepares=60 --set hand-accepts=10",
    "--acceptors 4 --proposers 2 --set kept-below-snapshot=0 --set snapshot-characters=300",
    "--acceptors 3 --proposers 2 --set sessions=2 --set sequences-ahead=4",
    "--acceptors 3 --proposers 3 --learners 1 --set hand-prepares=0",
  ],
  // Usual, larger with members that change all the time, alone, even, and with as few snapshots and sessions as can be.
  raft: [
    "--set servers=3",
    "--set servers=5 --set spares=2 --set clients=3 --set member-changes=10 --set transfers=6 --set by-hand=10",
    "--set servers=1 --set spares=2 --set member-changes=12",
    "--set servers=4 --set spares=0 --set snapshot-characters=300",
    "--set servers=2 --set sessions=2 --set sequences-ahead=4 --set by-hand=40",
  ],
  // Usual, larger, harder work with snapshots all the time, few sessions, and one of everything.
  ledger: [
    "--acceptors 3 --proposers 2",
    "--acceptors 5 --proposers 3 --learners 3 --set clients=3",
    "--set difficulty=4 --set kept-below-snapshot=0 --set snapshot-characters=300",
    "--set sessions=2 --set sequences-ahead=4 --set hand-prepares=60 --set hand-accepts=10",
    "--acceptors 1 --proposers 1 --learners 1 --set clients=1 --set difficulty=0",
  ],
  // Usual, larger with members that change all the time, alone, and with as few snapshots and sessions as can be.
  chat: [
    "--set servers=3",
    "--set servers=5 --set spares=2 --set clients=3 --set member-changes=10 --set transfers=6 --set by-hand=10",
    "--set servers=1 --set spares=2 --set member-changes=12",
    "--set snapshot-characters=300 --set sessions=2 --set sequences-ahead=4",
  ],
};

const [DONE, VIOLATED, INTERRUPTED] = [0, 6, 130];

// Ctrl-C reaches the simulation too, which ends with what it has; then the table is printed as far as it goes.
process.on("SIGINT", () => {});

/** Runs one simulation. Its progress goes to stderr. */
async function simulate(words) {
  const child = spawn(process.execPath, [synod, "simulate", "--protocol", values.protocol, ...words, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece) => {
    text += piece;
  });
  const exitCode = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  return { exitCode, document: text === "" ? {} : JSON.parse(text) };
}

/** What a run without a flaw came to. */
async function runWorld(world) {
  const { exitCode, document } = await simulate([...world.split(" ").filter(Boolean), "--seeds", values.seeds]);
  const { violation, error } = document;
  const outcome = exitCode === DONE ? "nothing broken" : (violation?.replay ?? error?.message ?? "interrupted");
  return { what: world, outcome, expected: exitCode === DONE, exitCode, document };
}

/** A flaw is found when something breaks, or when something that ought to happen never did. */
async function runMutation({ name }) {
  const { exitCode, document } = await simulate(["--mutate", name, "--seeds", values["mutation-seeds"]]);
  const { violation, error, neverHappened } = document;
  const isUnseen = error?.code === "never-happened";
  const found = violation ? `${violation.property}, seed ${violation.seed}` : `never happened: ${neverHappened}`;
  const isFound = exitCode === VIOLATED || isUnseen;
  const outcome = isFound ? found : exitCode === INTERRUPTED ? "interrupted" : (error?.message ?? "NOT FOUND");
  return { what: name, outcome, expected: isFound, exitCode, document };
}

/** The results so far, as a table. */
function print(results) {
  const rows = results.map(({ what, outcome, expected, exitCode, document: { schedules = 0, wallMs = 0 } }) => [
    expected ? "as expected" : exitCode === INTERRUPTED ? "interrupted" : "SURPRISE",
    what,
    schedules.toLocaleString("en-US"),
    `${(wallMs / 1000).toFixed(1)} s`,
    outcome,
  ]);
  const lines = [["", "world or flaw", "schedules", "time", "outcome"], ...rows];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  for (const cells of lines)
    console.log(
      cells
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    );
}

const { exitCode: listed, document: list } = await simulate(["--mutate", "list"]);
if (listed !== DONE) process.exit(listed);
const worlds = WORLDS[values.protocol] ?? [""];
const steps = [...worlds.map((world) => () => runWorld(world)), ...list.mutations.map((one) => () => runMutation(one))];
const results = [];
for (const [place, step] of steps.entries()) {
  const result = await step();
  results.push(result);
  console.error(`${place + 1} of ${steps.length}: ${result.what}: ${result.outcome}`);
  if (result.exitCode === INTERRUPTED) break;
}
print(results);
const isInterrupted = results.some(({ exitCode }) => exitCode === INTERRUPTED);
const surprises = results.filter(({ expected, exitCode }) => !expected && exitCode !== INTERRUPTED).length;
console.log(
  surprises === 0 ? "\nNo surprise." : `\n${surprises} of ${results.length} came out otherwise than expected.`,
);
process.exitCode = surprises > 0 ? 1 : isInterrupted ? INTERRUPTED : 0;
