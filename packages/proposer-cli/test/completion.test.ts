import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BIN, ended } from "./process-stage.ts";
import { linesOf, runCommand } from "./run-command.ts";

const isInstalled = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

/** A folder with the programs under the names they have when they are installed. */
function folderOfPrograms(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-bin-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const program of ["synod", "send-prepare", "acceptor-server"]) {
    const file = path.join(folder, program);
    writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${BIN}${program}.js' "$@"\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

async function runShell(shell: string, script: string, loginShell = `/bin/${shell}`) {
  const { PATH } = process.env;
  const env = { PATH: `${folderOfPrograms()}:${PATH}`, HOME: tmpdir(), SHELL: loginShell };
  const { exitCode, stdout, stderr } = await ended(spawn(shell, ["-c", script], { env }));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return linesOf(stdout);
}

/** Completes the last word in bash, as pressing TAB does. */
function completeInBash(words: readonly string[], loginShell?: string): Promise<string[]> {
  const typed = words.map((word) => `'${word}'`).join(" ");
  const script = `
    source <(synod completion bash)
    COMP_WORDS=(${typed})
    COMP_CWORD=${words.length - 1}
    "$(complete -p '${words[0]}' | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
    printf '%s\\n' "\${COMPREPLY[@]}"
  `;
  return runShell("bash", script, loginShell);
}

const COMPLETIONS: readonly (readonly [words: readonly string[], expected: readonly string[]])[] = [
  [["synod", "acc"], ["acceptor"]],
  [
    ["synod", "send-"],
    ["send-prepare", "send-accept"],
  ],
  [
    ["synod", "acceptor", ""],
    ["up", "down", "status", "reset", "run"],
  ],
  [["synod", "acceptor", "st"], ["status"]],
  [
    ["synod", "cluster", "st"],
    ["start", "status", "stop"],
  ],
  [["synod", "kv", "get", "--cons"], ["--consistency"]],
  [["synod", "acceptor", "up", "--server-c"], ["--server-count"]],
  [["synod", "send-accept", "--va"], ["--value"]],
  [["synod", "completion", "z"], ["zsh"]],
  [
    ["send-prepare", "--server-"],
    ["--server-ids", "--server-count"],
  ],
  [["acceptor-server", "--log-level", "w"], ["warn"]],
];

test
  .skipIf(!isInstalled("bash"))
  .each(COMPLETIONS.map(([words, expected]) => ({ line: words.join(" "), words, expected })))(
  "bash completes `$line`",
  async ({ words, expected }) => {
    expect(await completeInBash(words)).toEqual(expected);
  },
);

test.skipIf(!isInstalled("bash"))(
  "bash completes words alone also for somebody whose login shell is another one",
  async () => {
    expect(await completeInBash(["synod", "acc"], "/bin/zsh")).toEqual(["acceptor"]);
    expect(await completeInBash(["synod", "acc"], "/usr/bin/fish")).toEqual(["acceptor"]);
  },
);

test.skipIf(!isInstalled("zsh"))("zsh takes the script and completes by it", async () => {
  const script = `
    compdef() { :; }
    _describe() { print -l -- "\${replies[@]%%:*}"; }
    source <(synod completion zsh)
    words=(synod acceptor '')
    _synod_completions
  `;
  expect(await runShell("zsh", script)).toEqual(["up", "down", "status", "reset", "run"]);
});

test.skipIf(!isInstalled("fish"))("fish takes the script and completes by it", async () => {
  const lines = await runShell("fish", "synod completion fish | source; complete -C 'synod acceptor '");
  expect(lines.map((line) => line.split("\t")[0]).sort()).toEqual(["down", "reset", "run", "status", "up"]);
});

test.each(["bash", "zsh", "fish"])("the script for %s registers every program on the PATH", async (shell) => {
  const { exitCode, stdout } = await runCommand("synod", ["completion", shell]);
  expect(exitCode).toBe(0);
  for (const program of ["synod", "get-state", "send-prepare", "send-accept", "proposer-demo", "acceptor-server"]) {
    expect(stdout).toMatch(new RegExp(`complete -c ${program} |(complete -o|compdef _).* ${program}( |$)`, "m"));
  }
});

test("the program itself tells its commands and options, each on a line, for whatever shell asks", async () => {
  const complete = async (...words: string[]) =>
    linesOf((await runCommand("synod", ["--get-yargs-completions", ...words])).stdout).map(
      (line) => line.split(/[:\t]/)[0],
    );
  expect(await complete("synod", "")).toEqual([
    "get-state",
    "send-prepare",
    "send-accept",
    "proposer-demo",
    "explain",
    "simulate",
    "completion",
    "acceptor",
    "cluster",
    "raft",
    "kv",
    "ledger",
    "chat",
    "ring",
    "check",
    "bench",
  ]);
  expect(await complete("synod", "proposer-demo", "--")).toEqual(
    expect.arrayContaining(["--id", "--value", "--contact-count", "--unsafe-minority", "--seed", "--json"]),
  );
});
