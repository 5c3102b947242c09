/**
 * Takes the pictures of the web page that the README shows, from the real page of a real cluster on the usual ports, which
 * it starts and stops. Needs `npm run build` and Chromium.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("..", import.meta.url));
const images = `${root}docs/images/`;
const home = mkdtempSync(join(tmpdir(), "synod-picture-"));
const env = { ...process.env, SYNOD_HOME: home };
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

try {
  synod("cluster", "start", "kv");
  mkdirSync(images, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu"] });
  try {
    await takePictures(await browser.newPage({ viewport: { width: 1360, height: 880 } }));
  } finally {
    await browser.close();
  }
} finally {
  synod("cluster", "stop");
  rmSync(home, { recursive: true, force: true });
}

async function takePictures(page) {
  await page.goto("http://localhost:8000/");
  await page.getByText(/^proposer\d leads$/).waitFor();
  for (const [key, value] of [
    ["user/ada/name", "Ada Lovelace"],
    ["user/alan/name", "Alan Turing"],
    ["tea", "hot"],
  ]) {
    synod("kv", "put", key, value);
  }
  await press(page, "Fail acceptor1");
  await page.getByRole("button", { name: "Recover acceptor1" }).waitFor();
  await page.getByLabel("From whom learner2 is cut off").selectOption("all");
  await press(page, "Cut learner2 off from");
  await page.getByText("cut learner2<>*", { exact: true }).first().waitFor();
  await page.getByLabel("Key", { exact: true }).fill("tea");
  await page.getByLabel("Value", { exact: true }).fill("cold");
  await press(page, "Put");
  await page.getByText("is decided and applied").waitFor();
  await page.getByRole("radio", { name: "strong" }).check();
  await press(page, "Read");
  await page.getByText("Not stale").waitFor();
  await page.mouse.move(0, 0);
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: "instant" }));
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${images}page-${colorScheme}.png` });
  }
}

function press(page, name) {
  return page.getByRole("button", { name, exact: true }).click();
}

function synod(...words) {
  const { status, stderr } = spawnSync(process.execPath, [`${root}packages/proposer-cli/bin/synod.js`, ...words], {
    env,
  });
  if (status !== 0) throw new Error(String(stderr));
}
