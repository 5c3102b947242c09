import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ended, setStage } from "../../packages/proposer-cli/test/process-stage.js";
import { ROOT } from "../source-tree.js";

/** Runs npm as a user would, from this folder; what earlier installs fetched is taken from npm's own cache. */
function npm(cwd: string, ...words: string[]): string {
  // What `npm test` tells its children would lead this npm back to the repository.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
  return execFileSync("npm", words, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

test("the packages work from their tarballs, installed in an empty folder", { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "synod-tarball-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [tarballs, empty] = [join(folder, "tarballs"), join(folder, "empty")];
  mkdirSync(tarballs);
  mkdirSync(empty);
  npm(ROOT, "pack", "--workspaces", "--ignore-scripts", "--pack-destination", tarballs);
  const files = readdirSync(tarballs).map((name) => join(tarballs, name));
  expect(files).toHaveLength(readdirSync(`${ROOT}packages`).length);

  writeFileSync(join(empty, "package.json"), '{ "private": true }');
  npm(empty, "install", "--prefer-offline", "--no-audit", "--no-fund", ...files);
  const lock = JSON.parse(readFileSync(join(empty, "package-lock.json"), "utf8"));
  const scripted = Object.entries<{ hasInstallScript?: boolean }>(lock.packages).filter(
    ([, one]) => one.hasInstallScript,
  );
  expect(scripted.map(([name]) => name)).toEqual([]);

  expect(existsSync(join(empty, "node_modules", "@synod", "console", "dist", "index.html"))).toBe(true);

  const { env } = await setStage(3);
  const run = (command: string, ...words: string[]) =>
    ended(spawn(join(empty, "node_modules", ".bin", command), words, { cwd: empty, env }));
  const up = await run("synod", "acceptor", "up", "1", "2", "3", "--server-count", "3");
  expect(up.exitCode, up.stderr).toBe(0);
  const demo = await run("proposer-demo", "--server-count", "3", "--id", "9", "--contact-count", "2", "--value", "x");
  expect(demo.exitCode, demo.stderr).toBe(0);
  expect(demo.stdout).toContain("Consensus Reached\n  proposalId=9\n  value=x\n");
  expect((await run("synod", "acceptor", "down", "--all")).exitCode).toBe(0);
  // What was broken is looked into by a thread of its own, whose program has to be in the package.
  const simulated = await run("synod", "simulate", "--mutate", "reuses-id");
  expect(simulated.stdout, simulated.stderr).toContain("Shrunk from ");
});
