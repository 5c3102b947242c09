import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { importsOf, impuritiesOf, ROOT, type SourceFile, sourceFiles } from "./source-tree.js";

/** Which packages each package may import: one way, as docs/architecture.md draws it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  consensus: [],
  "state-machines": ["consensus"],
  simulator: ["state-machines", "consensus"],
  storage: [],
  api: [],
  client: ["api"],
  // In both directions over HTTP: servers hand the built page out as files, and no code of theirs is in it.
  // What it checks for itself, it checks with the pure code that servers have.
  console: ["state-machines", "consensus", "api"],
  "acceptor-server": ["client", "api", "storage", "simulator", "consensus"],
  "replica-server": ["acceptor-server", "client", "api", "storage", "simulator", "state-machines", "consensus"],
  ring: ["replica-server", "acceptor-server", "client", "api", "storage", "consensus"],
  "proposer-cli": [
    "ring",
    "replica-server",
    "acceptor-server",
    "client",
    "api",
    "storage",
    "simulator",
    "state-machines",
    "consensus",
  ],
};

/** Protocol code: the same in a server, in a simulator and in a page. */
const PURE = ["consensus", "state-machines", "simulator"];

/** What of others they may use: functions of their arguments alone, in any host. */
const PURE_LIBRARIES = ["@noble/hashes/sha2.js", "@noble/hashes/utils.js", "canonicalize"];

/** What of these a command may load with its group: light files that know no HTTP. Everything else comes lazily. */
const LIGHT_PARTS = [
  "@synod/acceptor-server/pool-folder",
  "@synod/acceptor-server/pid-file",
  "@synod/replica-server/topology",
  "@synod/ring/hosts-file",
  "@synod/simulator/html-page",
];

const files = sourceFiles();

/** Imports of this file that go where the house does not let them. */
function wrongTurns(file: SourceFile, allowed: readonly string[]): string[] {
  return importsOf(file)
    .flatMap(({ source }) => /^@synod\/([^/]+)/.exec(source)?.[1] ?? [])
    .filter((target) => target !== file.package && !allowed.includes(target));
}

describe("the direction of imports", () => {
  test("every package says which others it may import", () => {
    expect(readdirSync(`${ROOT}packages`).sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  test.each(Object.entries(MAY_IMPORT))("%s imports only %j", (name, allowed) => {
    const own = files.filter((file) => file.package === name);
    expect(own.length).toBeGreaterThan(0);
    for (const file of own) expect(wrongTurns(file, allowed), file.path).toEqual([]);
  });

  test("a turn against the direction is seen, however it is written", () => {
    const texts = [
      'import { Acceptor } from "@synod/consensus";',
      'import type { Acceptor } from "@synod/consensus";',
      'export * from "@synod/consensus";',
      'const consensus = await import("@synod/consensus");',
    ];
    for (const text of texts) {
      expect(wrongTurns({ path: "x.ts", package: "api", text }, []), text).toEqual(["consensus"]);
    }
  });

  test("no file reaches into another package past its front door", () => {
    for (const file of files) {
      for (const { source } of importsOf(file)) {
        const depth = file.path.split("/").length - 4;
        const climbs = source.split("/").filter((part) => part === "..").length;
        expect(climbs, `${file.path} imports ${source}`).toBeLessThanOrEqual(depth);
      }
    }
  });

  test("commands load servers, state machines and the simulator lazily, so that a get-state does not wait for them", () => {
    for (const file of files.filter((one) => one.package === "proposer-cli")) {
      const eager = importsOf(file).filter(
        ({ source, isDynamic, isTypeOnly }) =>
          /^@synod\/(acceptor-server|replica-server|ring|simulator|state-machines)/.test(source) &&
          !isDynamic &&
          !isTypeOnly,
      );
      for (const { source } of eager) expect(LIGHT_PARTS, file.path).toContain(source);
    }
  });
});

describe("what every command loads at its start", () => {
  /** The folders of these files, and of all that they import before anything is asked of them. */
  function roomsFrom(first: string): string[] {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const reached = new Set([first]);
    for (const path of reached) {
      const file = byPath.get(path);
      for (const { source, isDynamic, isTypeOnly } of file ? importsOf(file) : []) {
        if (!source.startsWith(".") || isDynamic || isTypeOnly) continue;
        reached.add(new URL(source.replace(/\.js$/, ".ts"), `file:///${path}`).pathname.slice(1));
      }
    }
    return [...new Set([...reached].map((path) => path.replace("packages/proposer-cli/src/", "").split("/")[0] ?? ""))];
  }

  test("is what the commands without a group need: a group, and what it needs, is loaded when its name is typed", () => {
    const rooms = roomsFrom("packages/proposer-cli/src/programs.ts").filter((room) => !room.endsWith(".ts"));
    expect(rooms.sort()).toEqual(["cluster", "commands", "proposal", "simulation", "terminal"]);
  });
});

describe("planted flaws", () => {
  /** Where a core lets itself be made wrong, for the simulator. */
  const PLANTING = /\bisQuorum\b/;

  test("only the simulator can plant one: no server or command names what a core has for that", () => {
    const named = files.filter(({ text }) => PLANTING.test(text)).map((file) => file.package);
    expect([...new Set(named)].sort()).toEqual(["consensus", "simulator"]);
  });

  test("the simulator does not hand flawed parts out: what it exports makes whole systems, with no way to a server", () => {
    const [front] = files.filter(({ path }) => path === "packages/simulator/src/index.ts");
    const exported = front ? importsOf(front).map(({ source }) => source) : [];
    expect(exported.filter((source) => /flawed|mutations|parts/.test(source))).toEqual([]);
    expect(exported.length).toBeGreaterThan(10);
  });
});

describe("the purity of protocol code", () => {
  test.each(PURE)("%s knows no clock, no chance, no timer, no network and no disk", (name) => {
    for (const file of files.filter((one) => one.package === name)) {
      expect(impuritiesOf(file, [...PURE.map((one) => `@synod/${one}`), ...PURE_LIBRARIES]), file.path).toEqual([]);
    }
  });

  test.each(PURE)("%s is compiled without the types of any host", (name) => {
    const { compilerOptions } = JSON.parse(readFileSync(`${ROOT}packages/${name}/tsconfig.json`, "utf8"));
    expect(compilerOptions.types ?? []).toEqual([]);
    expect(compilerOptions.lib).toBeUndefined();
    const root = JSON.parse(readFileSync(`${ROOT}tsconfig.json`, "utf8"));
    expect(root.compilerOptions).toMatchObject({ lib: ["ES2022", "ES2024.String"], types: [] });
  });

  test.each([
    ["const now = Date.now();", "uses Date"],
    ["const now = new Date();", "uses Date"],
    ["const x = Math.random();", "uses Math.random"],
    ["setTimeout(() => {}, 5);", "uses setTimeout"],
    ['import { readFileSync } from "node:fs";', "imports node:fs"],
    ['import type { Socket } from "node:net";', "imports node:net"],
    ['const a = await fetch("http://x");', "uses fetch"],
    ["async function f() { await g(); }", "awaits"],
    ['names.sort((a, b) => a.localeCompare(b, "de"));', "uses localeCompare"],
    ["globalThis.x = 1;", "uses globalThis"],
    ["const x = Math.log(2);", "uses Math.log"],
    ['import { open } from "@synod/storage";', "imports @synod/storage"],
  ])("%s would be noticed", (text, what) => {
    expect(impuritiesOf({ path: "x.ts", text })).toContain(what);
  });
});

describe("a house one can read", () => {
  test("no room is called utils, helpers, common or misc", () => {
    const vague = files.filter(({ path }) => /(^|[/-])(utils?|helpers?|common|misc|manager)([./-]|$)/.test(path));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  test("every file can be read in a sitting", () => {
    const long = files.filter(({ text }) => text.split("\n").length > 330);
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});
