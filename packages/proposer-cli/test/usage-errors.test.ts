import { expect, test } from "vitest";
import { startPool } from "./acceptor-pool.ts";
import { type ProgramName, runCommand } from "./run-command.ts";

const PREPARE = ["--id", "7", "--server-ids", "1"];
const PROPOSE = ["--id", "7", "--value", "x"];

/** A wrong command line, and what the message must name. `--servers` is added to it. */
type Mistake = readonly [program: ProgramName, words: readonly string[], named: string];

const MISTAKES: readonly Mistake[] = [
  // What is missing.
  ["send-prepare", ["--server-ids", "1"], "missing: --id"],
  ["send-prepare", ["--id", "7"], "missing: --server-ids"],
  ["send-prepare", [], "missing: --id, --server-ids"],
  ["send-accept", PREPARE, "missing: --value"],
  ["proposer-demo", [], "missing: --id, --value"],
  ["send-prepare", ["--server-ids", "1", "--id"], "--id needs a value"],
  ["send-accept", [...PREPARE, "--value"], "--value needs a value"],
  ["send-prepare", [...PREPARE, "--timeout"], "--timeout needs a value"],
  ["send-prepare", ["--id", "7", "--server-ids"], "--server-ids names no server"],
  // What nobody knows.
  ["send-prepare", ["--idd", "7", "--server-ids", "1"], "Unknown argument: idd. Did you mean --id?"],
  ["send-prepare", [...PREPARE, "--timeot", "2s"], "Did you mean --timeout?"],
  ["get-state", ["--tabel"], "Unknown argument: tabel. Did you mean --table?"],
  ["send-prepare", [...PREPARE, "--server-cuont", "3"], "Did you mean --server-count?"],
  ["send-prepare", [...PREPARE, "--frobnicate"], "Unknown argument: frobnicate"],
  ["send-prepare", [...PREPARE, "-x"], "Unknown argument: x"],
  ["send-prepare", ["extra", ...PREPARE], "Unknown argument: extra"],
  ["synod", ["send-prepare", "--idd", "7", "--server-ids", "1"], "Did you mean --id?"],
  ["synod", ["send-prepair", ...PREPARE], "there is no command send-prepair. Did you mean send-prepare?"],
  ["synod", ["conquer"], "conquer"],
  ["synod", ["acceptor", "upp"], "there is no command acceptor upp. Did you mean acceptor up?"],
  ["synod", ["acceptor", "conquer"], "conquer"],
  ["synod", [], "name a command"],
  ["synod", ["acceptor"], "name a command"],
  // Ids.
  ["send-prepare", ["--id", "7.0", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "7.0"'],
  ["send-prepare", ["--id", "7.5", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "7.5"'],
  ["send-prepare", ["--id", "-1", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "-1"'],
  ["send-prepare", ["--id=-1", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "-1"'],
  ["send-prepare", ["--id", "1e3", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "1e3"'],
  ["send-prepare", ["--id", "0x10", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "0x10"'],
  ["send-prepare", ["--id", "007", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "007"'],
  ["send-prepare", ["--id", "+7", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "+7"'],
  ["send-prepare", ["--id", " 7", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not " 7"'],
  ["send-prepare", ["--id", "", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not ""'],
  ["send-prepare", ["--id", "seven", "--server-ids", "1"], '--id must be a whole number 0..2^53-1, not "seven"'],
  ["send-prepare", ["--id", "9007199254740992", "--server-ids", "1"], 'not "9007199254740992"'],
  ["send-prepare", ["--id", "18014398509481984", "--server-ids", "1"], "--id must be a whole number"],
  ["proposer-demo", ["--promise-id", "-1", "--value", "x"], "--id must be a whole number"],
  // The same flag twice: nobody knows which was meant.
  ["send-prepare", ["--id", "7", "--id", "8", "--server-ids", "1"], "--id was given 2 times: give it once"],
  ["send-accept", [...PREPARE, "--value", "a", "--value", "b"], "--value was given 2 times"],
  ["send-prepare", [...PREPARE, "--instance", "1", "--instance", "2"], "--instance was given 2 times"],
  // Servers.
  [
    "send-prepare",
    ["--id", "7", "--server-ids", "1", "2"],
    "--server-ids names server 2, but the pool's servers are 1..1",
  ],
  ["send-prepare", ["--id", "7", "--server-ids", "0"], '--server-ids must be a whole number 1..999, not "0"'],
  ["send-prepare", ["--id", "7", "--server-ids", "1,"], "--server-ids must be a whole number"],
  ["send-prepare", ["--id", "7", "--server-ids", "1", "1"], "--server-ids names server 1 twice"],
  ["send-prepare", [...PREPARE, "--server-ids", "1"], "--server-ids names server 1 twice"],
  [
    "send-prepare",
    [...PREPARE, "--server-count", "3"],
    "1 servers are named (--servers, SYNOD_SERVERS), but --server-count is 3",
  ],
  ["send-prepare", [...PREPARE, "--server-count", "0"], '--server-count must be a whole number 1..999, not "0"'],
  ["send-prepare", [...PREPARE, "--server-count", "1000"], "--server-count must be a whole number 1..999"],
  // Flags.
  ["get-state", ["--table=yes"], '--table is true or false, not "yes"'],
  ["get-state", ["--table="], '--table is true or false, not ""'],
  ["get-state", ["--table", "false"], "Unknown argument: false"],
  ["synod", ["acceptor", "down", "--all=on"], '--all is true or false, not "on"'],
  ["synod", ["cluster", "logs", "-f=2"], '-f is true or false, not "2"'],
  // The rest.
  ["send-prepare", [...PREPARE, "--instance", "0"], '--instance must be a whole number 1..2^53-1, not "0"'],
  ["send-prepare", [...PREPARE, "--timeout", "0"], '--timeout must be a time such as 500ms or 2s, not "0"'],
  ["send-prepare", [...PREPARE, "--timeout", "2 s"], "--timeout must be a time"],
  ["send-prepare", [...PREPARE, "--timeout", "-1s"], "--timeout must be a time"],
  ["send-prepare", [...PREPARE, "--timeout", "100000s"], "--timeout must be a time"],
  ["send-prepare", [...PREPARE, "--secret-file", "/nowhere/secret"], "--secret-file /nowhere/secret cannot be read"],
  ["proposer-demo", [...PROPOSE, "--contact-count", "0"], "--contact-count must be a whole number"],
  ["proposer-demo", [...PROPOSE, "--attempts", "0"], "--attempts must be a whole number 1..1000"],
  ["proposer-demo", [...PROPOSE, "--seed", "1.5"], "--seed must be a whole number"],
  ["proposer-demo", [...PROPOSE, "--back-off", "soon"], "--back-off must be a time"],
  ["get-state", ["--interval", "0ms"], "--interval must be a time"],
  ["synod", ["explain", "--instance", "-3"], "--instance must be a whole number"],
  ["synod", ["completion", "tcsh"], "tcsh"],
];

const cases = MISTAKES.map(([program, words, named]) => ({
  line: [program, ...words].join(" "),
  program,
  words,
  named,
}));

test.each(cases)("`$line` exits 2, says $named, and sends nothing", async ({ program, words, named }) => {
  const pool = await startPool(1);
  const ran = await runCommand(program, words, { env: { SYNOD_SERVERS: pool.servers } });
  expect(ran.exitCode).toBe(2);
  expect(ran.stderr).toContain(named);
  expect(ran.stderr).toMatch(new RegExp(`^${program}: `));
  expect(ran.stderr).toMatch(/\nTry: .* --help\n$/);
  expect(ran.stderr, "no stack trace for a user's mistake").not.toMatch(/^\s+at /m);
  expect(ran.stdout).toBe("");
  expect(pool.allRequests()).toEqual([]);
  const json = await runCommand(program, [...words, "--json"], { env: { SYNOD_SERVERS: pool.servers } });
  // A flag that ends the line takes no value from `--json` either: it still needs one.
  expect(JSON.parse(json.stdout)).toEqual({
    error: { code: "usage", message: expect.stringContaining(named), exitCode: 2 },
  });
  expect(json.exitCode).toBe(2);
  expect(pool.allRequests()).toEqual([]);
});

test.each(["constructor", "toString"])("%s is no command, and no group to look for help in", async (word) => {
  const { stderr } = await runCommand("synod", [word]);
  expect(stderr).toBe(`synod: there is no command ${word}\nTry: synod --help\n`);
});

test("--json takes no other value than true or false", async () => {
  const { exitCode, stderr } = await runCommand("get-state", ["--json=yes"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--json is true or false, not "yes"');
});

test.each([
  ["127.0.0.1:5001,127.0.0.1:5001", "is named twice"],
  ["127.0.0.1", "is not an address"],
  ["127.0.0.1:0", "is not an address"],
  ["127.0.0.1:70000", "is not an address"],
  ["http://127.0.0.1:5001/path", "is not an address"],
  ["", "is not an address"],
])("--servers %j is refused: %s", async (servers, why) => {
  const { exitCode, stderr } = await runCommand("get-state", ["--servers", servers]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`--servers: `);
  expect(stderr).toContain(why);
});

test("an option that another command has is not suggested for one that has it not", async () => {
  const { stderr } = await runCommand("synod", ["kv", "get", "x", "--servers", "a:1"]);
  expect(stderr).toBe("synod: Unknown argument: servers\nTry: synod kv get --help\n");
});

test("a proposal needs to know how large the pool is: a majority of an unknown whole is none", async () => {
  const { exitCode, stderr } = await runCommand("proposer-demo", PROPOSE);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Give --server-count");
});

test.each(["send-prepare", "synod"] as const)(
  "%s refuses a word after -- like any other that no command takes",
  async (program) => {
    const pool = await startPool(1);
    const words = program === "synod" ? ["send-prepare", ...PREPARE] : PREPARE;
    const { exitCode, stderr } = await runCommand(program, [...words, "--servers", pool.servers, "--", "extra"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Unknown argument: extra");
    expect(pool.allRequests()).toEqual([]);
  },
);
