/**
 * Takes the pictures of the web page that the README shows, from the real page of a real cluster on the usual ports, which
 * it starts and stops; PORT_OFFSET moves them all. Needs `npm run build` and Chromium.
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
const offset = Number(process.env.PORT_OFFSET ?? 0);
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

mkdirSync(images, { recursive: true });
try {
  const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu"] });
  try {
    await onCluster("kv", async () => takePictures(await browser.newPage({ viewport: { width: 1360, height: 880 } })));
    await onCluster("ledger", async () =>
      pictureLedger(await browser.newPage({ viewport: { width: 1360, height: 1260 } })),
    );
    await onCluster("chat", async () => pictureChat(await browser.newPage({ viewport: { width: 1360, height: 940 } })));
  } finally {
    await browser.close();
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** Does something while a cluster runs. */
async function onCluster(preset, act) {
  synod("cluster", "start", preset, "--port-offset", String(offset));
  try {
    await act();
  } finally {
    synod("cluster", "stop", "--cluster", preset);
  }
}

async function takePictures(page) {
  await page.goto(`http://localhost:${8000 + offset}/`);
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
  await take(page, "page");
}

/** A leader that is cut off: what it has accepted is tentative, and its chain is behind the others'. */
async function pictureLedger(page) {
  const { proposers } = await (await fetch(`http://localhost:${8101 + offset}/status`)).json();
  const { node } = proposers.find((one) => one.is_leader);
  await page.goto(`http://localhost:${8100 + offset + Number(node.replace("server", ""))}/`);
  await page.getByText(/^proposer\d leads$/).waitFor();
  for (const [key, value] of [
    ["alice", '{"coins": 10}'],
    ["bob", '{"coins": 20}'],
    ["alice", '{"coins": 7}'],
  ]) {
    await page.getByLabel("Key", { exact: true }).fill(key);
    await page.getByLabel("Value", { exact: true }).fill(value);
    await press(page, "Put");
    await page.locator(".answer").getByText("success", { exact: true }).waitFor();
  }
  await press(page, "Get");
  await page.locator(".answer").getByText("holds:").waitFor();
  await press(page, "Verify here");
  await page.getByText("all right", { exact: true }).waitFor();
  await press(page, `Cut ${node} off from`);
  await page.getByText(`cut ${node}<>*`, { exact: true }).first().waitFor();
  await fetch(new URL("/ledger/blocks", page.url()), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ operation: { type: "put", key: "bob", value: { coins: 23 } }, timeout_ms: 300 }),
  });
  await page.locator(".block-tentative").waitFor();
  await take(page, "ledger");
}

/** Alice at her page, whom two people write to; one of the five nodes is down, and nobody misses it. */
async function pictureChat(page) {
  const post = async (path, body, token) => {
    const login = token === undefined ? {} : { "synod-login": token };
    const headers = { "content-type": "application/json", ...login };
    const answer = await fetch(`http://localhost:${50051 + offset}/chat/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return await answer.json();
  };
  const password = "correct horse";
  const logins = {};
  for (const user of ["alice", "bob", "carol"]) {
    await post("accounts", { user, password });
    logins[user] = (await post("logins", { user, password })).token;
  }
  const send = (from, to, text) => post("messages", { to, text }, logins[from]);
  await send("bob", "alice", "Shall we kill a node today?");
  await send("alice", "bob", "Any but mine. Which one leads?");
  await send("bob", "alice", "The page says it. Lunch first.");
  await send("carol", "alice", "Is this replicated?");
  await send("carol", "alice", "Five times, I hear.");
  await page.goto(`http://localhost:${50051 + offset}/`);
  await page.getByLabel("Name", { exact: true }).fill("alice");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByText("connected", { exact: true }).waitFor();
  await page.getByRole("button", { name: "bob" }).click();
  await press(page, "Fail node2");
  await page.getByRole("button", { name: "Recover node2" }).waitFor();
  await page.getByLabel("Message to bob").fill("node2 is gone already, and this arrives all the same.");
  await page.getByLabel("Message to bob").press("Enter");
  await page.getByText(/messages between the nodes/).waitFor();
  await page.getByRole("button", { name: /^bob.*all the same/ }).waitFor();
  await take(page, "chat");
}

async function take(page, name) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: "instant" }));
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${images}${name}-${colorScheme}.png` });
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
