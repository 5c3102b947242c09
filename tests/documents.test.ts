import { existsSync, readdirSync, readFileSync } from "node:fs";
import {
  exploreModel,
  PROTOCOLS,
  parseFaults,
  runSeeds,
  type Settings,
  type System,
  settingsFor,
} from "@synod/simulator";
import { describe, expect, test } from "vitest";
import { setStage } from "../packages/proposer-cli/test/process-stage.js";
import { CAUGHT_IN_THE_CHAT } from "../packages/simulator/test/chat-flaws.js";
import { FAULTS_FOR_LEDGER_FLAWS, SEEN_IN_THE_CHAIN } from "../packages/simulator/test/ledger-flaws.js";
import { FAULTS_FOR_FLAWS } from "../packages/simulator/test/multipaxos-flaws.js";
import { CAUGHT, FAULTS_FOR_FLAWS as FAULTS_FOR_RAFT_FLAWS } from "../packages/simulator/test/raft-flaws.js";
import { CAUGHT_RING_FLAWS } from "../packages/simulator/test/ring-flaws.js";
import { blocksOf, follow, hasTools } from "./pasting.js";
import { ROOT } from "./source-tree.js";

/** What the documents say of the repository; what they show is pasted beside, a file for each that takes long. */

describe("the README", () => {
  test("its two leading commands are those that CI and package.json run", () => {
    const [setup] = blocksOf("README.md");
    const commands = setup?.lines.map((line) => line.split("#")[0]?.trim());
    expect(commands).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
    expect(readFileSync(`${ROOT}.ci/run`, "utf8")).toContain("npm ci && npm test");
    expect(JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")).scripts).toHaveProperty("demo");
  });
});

describe("every document", () => {
  const documents = ["README.md", ...readdirSync(`${ROOT}docs`, { recursive: true, encoding: "utf8" })]
    .filter((file) => file.endsWith(".md"))
    .map((file) => (file === "README.md" ? file : `docs/${file}`));

  test.each(documents)("%s: its links lead somewhere", (document) => {
    const text = readFileSync(`${ROOT}${document}`, "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(new URL(target, `file://${ROOT}${document}`)), `${document}: ${target}`).toBe(true);
    }
  });

  test("the README leads to all of those that one begins with", () => {
    const readme = readFileSync(`${ROOT}README.md`, "utf8");
    for (const document of documents.filter((one) => /^docs\/[^/]+$|\/README\.md$/.test(one))) {
      expect(readme, document).toContain(`](${document})`);
    }
  });
});

describe("docs/testing.md", () => {
  const text = readFileSync(`${ROOT}docs/testing.md`, "utf8");
  const EXAMPLE = "packages/simulator/test/two-disks/";
  const [paxos] = PROTOCOLS;

  /** The cells of the rows that begin with something like this. */
  function rowsOf(first: RegExp): string[][] {
    const rows = text.split("\n").map((line) => line.split("|").slice(1, -1));
    return rows.map((cells) => cells.map((cell) => cell.trim())).filter(([cell = ""]) => first.test(cell));
  }

  test.skipIf(!hasTools)("its commands do what it says when they are pasted, line by line", async () => {
    const blocks = blocksOf("docs/testing.md").filter(({ lines }) => !isStoryOfTwoDisks(lines));
    await follow(blocks, await setStage(1));
  });

  test("the protocol that it shows in pieces is the one that is tested, to the letter", () => {
    const files = ["two-disks.ts", "two-disks.test.ts"].map((file) => readFileSync(`${ROOT}${EXAMPLE}${file}`, "utf8"));
    const pieces = blocksOf("docs/testing.md").filter(({ language }) => language === "ts");
    expect(pieces.length).toBeGreaterThan(10);
    for (const { lines } of pieces) {
      const piece = `\n${lines.join("\n")}\n`;
      expect(
        files.some((file) => file.includes(piece)),
        piece,
      ).toBe(true);
    }
  });

  test("the story that it tells of it is the one that its test expects", () => {
    const [story] = blocksOf("docs/testing.md").filter(({ lines }) => isStoryOfTwoDisks(lines));
    const expected = readFileSync(`${ROOT}${EXAMPLE}two-disks.test.ts`, "utf8");
    expect(story?.lines).toHaveLength(5);
    for (const line of story?.lines ?? []) expect(expected).toContain(`'${line}',`);
  });

  /** Whether this row is one of the table of the replicated store, which says under which faults a flaw is found. */
  function isOfStore([, , , faults = ""]: readonly string[]): boolean {
    return faults === "random" || faults === "planned";
  }

  /** What breaks in the schedule of this seed, as the first thing; the row says which seed is the first that breaks any. */
  function brokenIn(system: System, seed: string, options: Parameters<typeof runSeeds>[3]): string | null {
    return runSeeds(system, Number(seed), Number(seed), options, false).broken[0]?.property ?? null;
  }

  test("every flaw is in its table, with seeds that find it", { timeout: 180_000 }, () => {
    if (!paxos) throw new Error("there is no Paxos");
    const rows = rowsOf(/^`[a-z-]+`$/)
      .filter(([name]) => paxos.mutations.some((one) => `\`${one.name}\`` === name))
      .filter((cells) => !isOfStore(cells));
    expect(rows.map(([name]) => name)).toEqual(paxos.mutations.map(({ name }) => `\`${name}\``));
    for (const [place, [name, property, seed = "-", agreement = "-"]] of rows.entries()) {
      const mutation = paxos.mutations[place] as (typeof paxos.mutations)[number];
      const system = paxos.system(settingsFor(paxos, {}, mutation), mutation.name);
      if (seed !== "-") expect(`\`${brokenIn(system, seed, {})}\``, name).toBe(property);
      const options = { properties: ["agreement"] };
      if (agreement !== "-") expect(brokenIn(system, agreement, options), name).toBe("agreement");
    }
  });

  test("every flaw of the replicated store is in its table, with a seed that finds it", { timeout: 180_000 }, () => {
    const protocol = PROTOCOLS.find(({ name }) => name === "multipaxos");
    if (!protocol) throw new Error("there is no Multi-Paxos");
    const rows = rowsOf(/^`[a-z-]+`$/).filter(isOfStore);
    expect(rows.map(([name]) => name)).toEqual(protocol.mutations.map(({ name }) => `\`${name}\``));
    for (const [place, [name, property, seed = "-", faultsAre]] of rows.entries()) {
      const mutation = protocol.mutations[place] as (typeof protocol.mutations)[number];
      const system = protocol.system(settingsFor(protocol, {}, mutation), mutation.name);
      const text = FAULTS_FOR_FLAWS[mutation.name];
      const faults = text === undefined ? null : parseFaults(text);
      expect(faultsAre, name).toBe(faults ? "planned" : "random");
      expect(`\`${brokenIn(system, seed, { faults })}\``, name).toBe(property);
    }
  });

  test("every flaw of Raft is in its table, with a seed among those that its test looks at", () => {
    const rows = rowsOf(/^`[a-z-]+`$/).filter(([, , , by = ""]) => by === "chance" || by === "a plan");
    expect(rows.map(([name]) => name)).toEqual(CAUGHT.map(([name]) => `\`${name}\``));
    for (const [place, [, property, seed, by]] of rows.entries()) {
      const [name, from, within, properties] = CAUGHT[place] as (typeof CAUGHT)[number];
      expect(
        properties.map((one) => `\`${one}\``),
        name,
      ).toContain(property);
      expect(Number(seed) >= from && Number(seed) < from + within, name).toBe(true);
      expect(by, name).toBe(FAULTS_FOR_RAFT_FLAWS[name] === undefined ? "chance" : "a plan");
    }
  });

  test("every flaw of the ledger is in its table, with a seed in which its chain shows it", {
    timeout: 180_000,
  }, () => {
    const protocol = PROTOCOLS.find(({ name }) => name === "ledger");
    if (!protocol) throw new Error("there is no ledger");
    const rows = rowsOf(/^`[a-z-]+`$/).filter(([, , , under = ""]) => / faults$/.test(under));
    expect(rows.map(([name]) => name)).toEqual(protocol.mutations.map(({ name }) => `\`${name}\``));
    for (const [place, [name, property, seed = "-", under]] of rows.entries()) {
      const mutation = protocol.mutations[place] as (typeof protocol.mutations)[number];
      const system = protocol.system(settingsFor(protocol, {}, mutation), mutation.name);
      const text = FAULTS_FOR_LEDGER_FLAWS[mutation.name];
      const faults = text === undefined ? null : parseFaults(text);
      expect(under, name).toBe(faults ? "planned faults" : "random faults");
      expect(`\`${brokenIn(system, seed, { faults, properties: SEEN_IN_THE_CHAIN })}\``, name).toBe(property);
    }
  });

  test("every flaw of the chat is in its table, with the seed in which its test begins to look", () => {
    const rows = rowsOf(/^`[a-z-]+`$/).filter(([, , , by = ""]) => by === "people");
    const ought = CAUGHT_IN_THE_CHAT.map(([name, from, , property]) => [`\`${name}\``, `\`${property}\``, `${from}`]);
    expect(rows.map((cells) => cells.slice(0, 3))).toEqual(ought);
  });

  test("every flaw of a ring is in its table, with a seed that finds it", () => {
    const protocol = PROTOCOLS.find(({ name }) => name === "ring");
    if (!protocol) throw new Error("there is no ring");
    const rows = rowsOf(/^`[a-z-]+`$/).filter(([, , , matter = ""]) =>
      /^(the value|the election|clients)$/.test(matter),
    );
    expect(rows.map(([name]) => name)).toEqual(CAUGHT_RING_FLAWS.map(([name]) => `\`${name}\``));
    for (const [place, [name, property, seed = "-"]] of rows.entries()) {
      const mutation = protocol.mutations[place] as (typeof protocol.mutations)[number];
      const system = protocol.system(settingsFor(protocol, {}, mutation), mutation.name);
      expect(`\`${brokenIn(system, seed, {})}\``, name).toBe(property);
    }
  });

  test("the smaller models have as many states as it says", () => {
    if (!paxos) throw new Error("there is no Paxos");
    const rows = rowsOf(/^`--/);
    expect(rows.length).toBeGreaterThan(5);
    for (const [options = "", states = "", steps = "", depth = ""] of rows) {
      if (Number(states.replaceAll(",", "")) > 30_000) continue;
      const given = [...options.matchAll(/--([a-z-]+) (\d+)/g)].map(([, name, value]) => [name, Number(value)]);
      const { requests = 1, crashes = 1, duplicates = 0, ...own }: Settings = Object.fromEntries(given);
      const settings = settingsFor(paxos, { ...paxos.modelSettings(own), ...own }, null);
      const bounds = { requests, crashes, duplicates, properties: null };
      const result = exploreModel(paxos.system(settings, null), bounds);
      const counts = [result.states, result.steps, result.depth].map((count) => count.toLocaleString("en-US"));
      expect([result.verdict, ...counts], options).toEqual(["holds", states, steps, depth]);
    }
  });
});

function isStoryOfTwoDisks(lines: readonly string[]): boolean {
  return lines[0]?.startsWith("1. main is asked") ?? false;
}
