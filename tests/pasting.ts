import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { EngineName } from "@synod/api";
import { expect } from "vitest";
import type { PresetElsewhere } from "../packages/proposer-cli/test/cluster-stage.js";
import { ended, type Stage } from "../packages/proposer-cli/test/process-stage.js";
import { ROOT } from "./source-tree.js";

/** Commands that a document shows, run as they would be pasted. */

/** A piece of a document that stands in a fence. */
export interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}

/** The fenced pieces of a document, in their order. */
export function blocksOf(document: string): Block[] {
  const text = readFileSync(`${ROOT}${document}`, "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", body = ""]) => ({
    language,
    lines: body.trimEnd().split("\n"),
  }));
}

/** How long one line may take: some start eight processes, on machines that have other things to do. */
const LINE_MS = 90_000;

/** Whether what the documents' lines need is on this machine. */
export const hasTools = ["bash", "jq", "curl"].every((tool) => spawnSync(tool, ["--version"]).status === 0);

/** The exit code that a line promises: `# exit 4` at its end, else 0. */
function promisedExitCode(line: string): number {
  return Number(/# exit (\d+)\s*$/.exec(line)?.[1] ?? 0);
}

/** The usual addresses, and in their place those of this test. */
function withAddresses(text: string, { env, portOf, preset }: Stage & Partial<PresetElsewhere>): string {
  const addresses = env["SYNOD_SERVERS"]?.split(",") ?? [];
  return (
    text
      .replace(/127\.0\.0\.1:500([123])\b/g, (usual, id) => addresses[id - 1] ?? usual)
      .replace(/(127\.0\.0\.1|localhost):(\d{4,5})\b/g, (usual, host, port) => {
        const own = portOf?.get(Number(port));
        return own === undefined ? usual : `${host}:${own}`;
      })
      // The hosts file of a ring.
      .replace(/\b1000\d\b/g, (usual) => String(portOf?.get(Number(usual)) ?? usual))
      .replace(/\bcluster start (ledger|chat)\b(?: --engine (paxos|raft))?/, (usual, name, engine) => {
        if (preset?.name !== name) return usual;
        return `cluster start ${preset?.files[(engine as EngineName | undefined) ?? preset.engine]}`;
      })
      .replace(/^scripts\//, `${ROOT}scripts/`)
  );
}

async function paste(line: string, stage: Stage) {
  const env = { ...stage.env, PATH: `${ROOT}node_modules/.bin:${stage.env["PATH"]}` };
  return ended(spawn("bash", ["-c", withAddresses(line, stage)], { env, cwd: stage.home }), LINE_MS);
}

/** Runs the blocks of a document in their order, and compares what they print with what it shows. */
export async function follow(blocks: readonly Block[], stage: Stage): Promise<void> {
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
