import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ended, type Stage, setStage } from "../packages/proposer-cli/test/process-stage.js";
import { ROOT } from "./source-tree.js";

/** Every command that a document shows is run here, as it would be pasted. */

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}

function blocksOf(document: string): Block[] {
  const text = readFileSync(`${ROOT}${document}`, "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", body = ""]) => ({
    language,
    lines: body.trimEnd().split("\n"),
  }));
}

const hasTools = ["bash", "jq", "curl"].every((tool) => spawnSync(tool, ["--version"]).status === 0);

/** The exit code that a line promises: `# exit 4` at its end, else 0. */
function promisedExitCode(line: string): number {
  return Number(/# exit (\d+)\s*$/.exec(line)?.[1] ?? 0);
}

/** The usual addresses, and in their place those of this test. */
function withAddresses(text: string, { env }: Stage): string {
  const addresses = env["SYNOD_SERVERS"]?.split(",") ?? [];
  return text.replace(/127\.0\.0\.1:500([123])\b/g, (usual, id) => addresses[id - 1] ?? usual);
}

async function paste(line: string, stage: Stage) {
  const env = { ...stage.env, PATH: `${ROOT}node_modules/.bin:${stage.env["PATH"]}` };
  return ended(spawn("bash", ["-c", withAddresses(line, stage)], { env, cwd: stage.home }));
}

/** Runs the blocks of a document in their order, and compares what they print with what it shows. */
async function follow(blocks: readonly Block[], stage: Stage): Promise<void> {
  let printed = "";
  for (const { language, lines } of blocks) {
    if (language === "text") expect(printed.trimEnd()).toBe(withAddresses(lines.join("\n"), stage));
    if (language !== "sh") continue;
    for (const line of lines) {
      const { exitCode, stdout, stderr } = await paste(line, stage);
      expect(exitCode, `${withAddresses(line, stage)}\n${stdout}${stderr}`).toBe(promisedExitCode(line));
      printed = stdout;
    }
  }
}

describe("the README", () => {
  test.skipIf(!hasTools)(
    "its tour does what it says when it is pasted, line by line",
    { timeout: 120_000 },
    async () => {
      const blocks = blocksOf("README.md");
      expect(blocks.filter(({ language }) => language === "sh").length).toBeGreaterThan(8);
      await follow(blocks, await setStage(3));
    },
  );

  test("its two leading commands are those that CI and package.json run", () => {
    const [setup] = blocksOf("README.md");
    const commands = setup?.lines.map((line) => line.split("#")[0]?.trim());
    expect(commands).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
    expect(readFileSync(`${ROOT}.ci/run`, "utf8")).toContain("npm ci && npm test");
    expect(JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")).scripts).toHaveProperty("demo");
  });

  test("its links lead somewhere", () => {
    const targets = [...readFileSync(`${ROOT}README.md`, "utf8").matchAll(/\]\(([^)#]+)\)/g)].map(
      ([, target]) => target,
    );
    expect(targets.length).toBeGreaterThan(5);
    for (const target of targets) expect(() => readFileSync(`${ROOT}${target}`), target).not.toThrow();
  });
});

describe("docs/wire.md", () => {
  test.skipIf(!hasTools)("its curl lines work against a pool of acceptors", async () => {
    const stage = await setStage(3);
    expect((await stage.synod("acceptor", "up", "1", "2", "3", "--server-count", "3")).exitCode).toBe(0);
    await follow(blocksOf("docs/wire.md"), stage);
  });
});

describe("docs/histories.md", () => {
  test.skipIf(!hasTools)("its commands do what it says when they are pasted, line by line", async () => {
    await follow(blocksOf("docs/histories.md"), await setStage(1));
  });
});

describe("docs/originals.md", () => {
  const rows = readFileSync(`${ROOT}docs/originals.md`, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("| here |"))
    .map((line) => /`([^`]+)` \| here \|$/.exec(line)?.[1] ?? line);

  test("the counterpart of every command that is there already works", { timeout: 120_000 }, async () => {
    expect(rows.length).toBeGreaterThan(10);
    const stage = await setStage(3);
    for (const row of rows) {
      const [command = "", ...words] = row.split(" ");
      const { exitCode, stderr } = await stage.run(command, ...words);
      expect(exitCode, `${row}\n${stderr}`).toBe(0);
    }
  });
});
