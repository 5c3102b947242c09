import type { GatewayStatusReply } from "@synod/api";
import axe from "axe-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ClusterStage } from "../packages/replica-server/test/cluster-stage.js";
import { complaintsOf, hasBrowser, PageStage, type Visit } from "./page-stage.js";

describe.skipIf(!hasBrowser)("the web page", { timeout: 90_000 }, () => {
  let stage: PageStage;
  /** The node whose gateway serves the page, and which does not lead at first. */
  let home: string;
  let visit: Visit;

  beforeAll(async () => {
    stage = await PageStage.begun();
    home = await stage.follower();
  }, 120_000);

  afterAll(() => stage?.end());

  afterEach(async () => {
    await visit?.leave();
    // Also: nothing broke the content security policy, and nothing was asked of another server.
    expect(stage.complaints.splice(0)).toEqual([]);
  });

  async function atHome(options?: Parameters<PageStage["visit"]>[1]): Promise<Visit> {
    visit = await stage.visit(home, options);
    return visit;
  }

  test("a key is put, read at each level and deleted, and each answer says what it cost and how stale it may be", async () => {
    const { answer } = await atHome();
    await visit.put("tea", "hot");
    await visit.sees(answer.getByText(/is decided and applied in slot \d+/));
    await visit.sees(answer.getByText(/^Cost: \d+ messages between the nodes/));
    for (const [level, promise] of [
      ["eventual", "May be stale, without a bound."],
      ["session", "Not older than what this page has seen, slot "],
      ["strong", "Not stale: everything acknowledged before this read began is in it"],
    ] as const) {
      await visit.part("Store").getByRole("radio", { name: level }).check();
      await visit.press("Read");
      await visit.sees(answer.getByText(promise));
      await visit.sees(answer.getByText("hot", { exact: true }));
      await visit.sees(answer.getByText(/Answered by learner\d as of slot \d+/));
    }
    await visit.press("Delete the key");
    await visit.sees(answer.getByText("is absent as of"));
    await visit.press("Read");
    await visit.sees(answer.getByText("is absent."));
    const rows = visit.part("Requests").locator("summary");
    expect(await rows.allInnerTexts()).toEqual([
      expect.stringMatching(/POST \/read tea[\s\S]*200[\s\S]*slot \d+[\s\S]*\d+ messages[\s\S]*ms/),
      expect.stringMatching(/DELETE \/kv\/tea[\s\S]*200/),
      ...Array.from({ length: 3 }, () => expect.stringContaining("POST /read tea")),
      expect.stringMatching(/POST \/write tea[\s\S]*200/),
    ]);
    await rows.last().click();
    await visit.sees(visit.part("Requests").getByText(/^curl -s -X POST 'http:.*\/write'/));
  });

  test("a write that expects another value is refused, and what is there is shown", async () => {
    const { page, answer } = await atHome();
    await visit.put("lock", "mine");
    await visit.sees(answer.getByText("is decided and applied"));
    await page.getByLabel("Only if the key").selectOption("is absent");
    await visit.put("lock", "yours");
    await visit.sees(answer.getByText("Nothing was written."));
    await visit.sees(answer.getByText("mine", { exact: true }));
    await page.getByLabel("Only if the key").selectOption("holds this value");
    await page.getByLabel("Expected value").fill("mine");
    await visit.put("lock", "yours");
    await visit.sees(answer.getByText("is decided and applied"));
  });

  test("a value or a key that is too long is refused, not cut to what is allowed", async () => {
    const { answer } = await atHome();
    await visit.put("novel", "w".repeat(65_537));
    await visit.sees(answer.getByText("value has more than 65,536 characters"));
    await visit.put("k".repeat(1025), "v");
    await visit.sees(answer.getByText("key has more than 1,024 characters"));
  });

  test("the keys of a prefix are listed page by page, and one that is chosen comes into the form", async () => {
    const { page } = await atHome();
    const operations = Array.from({ length: 25 }, (_, i) => ({ type: "put", key: `list/${100 + i}`, value: `v${i}` }));
    const written = await fetch(`${stage.url(home)}kv/batch`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ operations }),
    });
    expect(written.status).toBe(200);
    const keys = visit.part("Keys");
    await keys.getByLabel("Prefix").fill("list/");
    await keys.getByLabel("Level").selectOption("strong");
    await keys.getByRole("button", { name: "List" }).click();
    await visit.sees(keys.getByText("list/100"));
    expect(await keys.getByText("list/124").count()).toBe(0);
    await keys.getByRole("button", { name: "Next" }).click();
    await keys.getByRole("button", { name: /list\/124/ }).click();
    expect(await page.getByLabel("Key", { exact: true }).inputValue()).toBe("list/124");
    expect(await page.getByLabel("Value", { exact: true }).inputValue()).toBe("v24");
  });

  test("a subscription shows what is changed elsewhere, and nothing of other keys", async () => {
    await atHome();
    const changes = visit.part("Live changes");
    await changes.getByLabel("Pattern").fill("news/*");
    await visit.press("Subscribe");
    await visit.sees(changes.getByText("connected"));
    for (const words of [
      ["put", "other", "x"],
      ["put", "news/today", "rain"],
      ["delete", "news/today"],
    ]) {
      expect((await stage.synod("kv", ...words)).exitCode).toBe(0);
    }
    await visit.sees(changes.getByText("delete"));
    expect(await changes.locator(".changes li").allInnerTexts()).toEqual([
      expect.stringMatching(/\d+\s+delete\s+news\/today/),
      expect.stringMatching(/\d+\s+put\s+news\/today\s+rain/),
    ]);
    // A tab that nobody sees keeps no connection, and misses nothing.
    await visit.hide(true);
    await visit.sees(changes.getByText("asleep"));
    expect((await stage.synod("kv", "put", "news/unseen", "sun")).exitCode).toBe(0);
    await visit.hide(false);
    await visit.sees(changes.getByText("news/unseen"));
    expect(await changes.locator(".changes li").count()).toBe(3);
    await visit.press("End");
    await visit.sees(changes.getByText("not watching"));
  });

  test("the leader is shown; when it is failed another one is, and it can be recovered: the command says the same", async () => {
    // Whoever leads may have changed since the first test, and the page must outlive the leader.
    home = await stage.follower();
    await atHome();
    const leader = await stage.leader();
    expect(leader).not.toBe(home);
    await visit.sees(visit.node(leader).getByText("leader", { exact: true }));
    await visit.press(`Fail ${leader}`);
    await visit.sees(visit.node(leader).getByText("down", { exact: true }));
    await visit.sees(visit.page.locator("li.node-leads").filter({ hasNotText: `Recover ${leader}` }));
    await visit.put("after", "the leader's death");
    await visit.sees(visit.answer.getByText("is decided and applied"));
    const { stdout } = await stage.synod("cluster", "status", "--json");
    const { servers } = JSON.parse(stdout) as { servers: { node: string; up: boolean; status: string }[] };
    expect(servers.filter(({ up }) => !up).map(({ node, status }) => `${node} ${status}`)).toEqual(
      Array.from({ length: 4 }, () => `${leader} down`),
    );
    await visit.press(`Recover ${leader}`);
    await visit.sees(visit.node(leader).getByText("up", { exact: true }));
    expect((await stage.synod("cluster", "recover", leader)).stdout).toContain("already up");
  });

  test("a link is cut and healed, a node paused and resumed, and everything healed at once", async () => {
    const { page } = await atHome();
    const other = home === "node1" ? "node2" : "node1";
    await page.getByLabel(`From whom ${other} is cut off`).selectOption(home);
    await visit.press(`Cut ${other} off from`);
    for (const name of [other, home]) {
      await visit.sees(visit.node(name).getByText(`cut ${other}<>${home}`, { exact: true }));
    }
    await visit
      .node(other)
      .getByRole("button", { name: /^Heal cut/ })
      .click();
    await visit.missesAll(visit.node(other).getByText(/^cut /));
    await visit.press(`Pause ${other}`);
    await visit.sees(visit.node(other).getByText("paused", { exact: true }));
    await visit.press(`Resume ${other}`);
    await visit.sees(visit.node(other).getByText("up", { exact: true }));
    await visit.press(`Cut ${other} off from`);
    await visit.sees(visit.node(other).getByText(/^cut /));
    await visit.press(/^Heal all \(\d+\)$/);
    await visit.sees("all faults are healed");
    await visit.missesAll(page.getByText(/^cut /));
    const { stdout } = await stage.synod("cluster", "faults", "--json");
    expect(JSON.parse(stdout).faults).toEqual([]);
  });

  test("messages are shown as they are sent, by server, type and text; paused, and cleared", async () => {
    await atHome();
    const part = visit.part("Messages");
    await visit.press("Watch messages");
    await visit.sees(part.getByText("connected"));
    await visit.put("told", "1");
    const lines = part.locator(".messages li");
    await visit.sees(lines.filter({ hasText: "accept-log" }));
    await visit.press("Pause");
    await part.getByLabel("Type").selectOption("accept-log");
    for (const line of await lines.allInnerTexts())
      expect(line).toMatch(/proposer\d[\s\S]*acceptor\d[\s\S]*accept-log/);
    await part.getByLabel("Server").selectOption("acceptor1");
    for (const line of await lines.allInnerTexts()) expect(line).toContain("acceptor1");
    await part.getByLabel("Text").fill("nothing is called so");
    await visit.sees("0 of the last");
    await part.getByLabel("Text").fill("");
    const before = await lines.count();
    await visit.put("told", "2");
    await visit.sees(visit.answer.getByText("is decided and applied"));
    await visit.sees(part.getByRole("button", { name: /^Go on \([1-9]\d* since\)$/ }));
    expect(await lines.count()).toBe(before);
    await part.getByRole("button", { name: /^Go on/ }).click();
    await visit.sees(lines.nth(before));
    await part.getByRole("button", { name: "Clear" }).click();
    await visit.sees(part.getByText("No message yet."));
  });

  test("a write and a read need no mouse, and the focus is always to be seen", async () => {
    const { page, answer } = await atHome();
    await page.keyboard.press("Tab");
    await visit.sees(page.getByRole("link", { name: "Skip to the store" }));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("by/keys");
    await page.keyboard.press("Tab");
    await page.keyboard.type("typed");
    await page.keyboard.press("Control+Enter");
    await visit.sees(answer.getByText("is decided and applied"));
    // Expectation, Put, Delete, level: there an arrow chooses.
    for (let steps = 0; steps < 4; steps++) await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const focused = page.locator(":focus-visible");
    expect(await focused.getAttribute("value")).toBe("strong");
    await page.keyboard.press("Tab");
    expect(await focused.innerText()).toBe("Read");
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await page.keyboard.press("Enter");
    await visit.sees(answer.getByText("Not stale"));
    await visit.sees(answer.getByText("typed", { exact: true }));
  });

  test("on a phone nothing is wider than the screen, however long keys and values are", async () => {
    const { page, answer } = await atHome({ viewport: { width: 360, height: 740 } });
    await visit.press("Subscribe");
    await visit.press("Watch messages");
    await visit.put(`long/${"k".repeat(300)}`, "v".repeat(3000));
    await visit.sees(answer.getByText("is decided and applied"));
    await visit.press("Read");
    await visit.sees(answer.getByText("Cost:"));
    await visit.sees(page.locator(".messages li"));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    // What came of it comes into view by itself: its beginning in any case, and all of it if there is room.
    expect((await answer.boundingBox())?.y).toBeLessThan(740);
    await page.getByRole("navigation").getByRole("link", { name: "Messages" }).click();
    await visit.sees(page.getByRole("heading", { name: "Messages" }));
  });

  test("it is dark where the system is, and where one chooses it, also after a reload", async () => {
    const { page } = await atHome({ colorScheme: "dark" });
    const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await ground();
    await page.getByLabel("Colours").selectOption("light");
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await visit.sees(page.getByText(/leads$/));
    expect(await ground()).toBe(light);
    await page.getByLabel("Colours").selectOption("as the system");
    expect(await ground()).toBe(dark);
  });

  test("a checker of accessibility finds nothing to complain of, in light and in dark", async () => {
    const { page, answer } = await atHome({ reducedMotion: "reduce" });
    await visit.press("Subscribe");
    await visit.press("Watch messages");
    await visit.press("Pause node3");
    await visit.put("seen", "1");
    await visit.sees(answer.getByText("is decided and applied"));
    await visit.press("Read");
    await visit.sees(answer.getByText("Cost:"));
    await visit.sees(visit.node("node3").getByText("paused", { exact: true }));
    await page.evaluate(axe.source);
    expect(await complaintsOf(page, "axe.run()")).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await complaintsOf(page, 'axe.run({ runOnly: ["color-contrast"] })')).toEqual([]);
    await visit.press("Resume node3");
    await visit.sees(visit.node("node3").getByText("up", { exact: true }));
  });

  test("a secret is asked for where the server asks for one, and without chaos nothing can be broken, and it says why", async () => {
    const shape = { solo: ["acceptor", "proposer", "learner", "gateway"] } as const;
    const cluster = await ClusterStage.started({ shape, chaos: false, secret: "tea", without: [""] });
    visit = await stage.visitAt(cluster.url("gateway1", "/"));
    const { page } = visit;
    await page.getByLabel(/shared secret/).fill("coffee");
    await visit.press("Use this secret");
    await visit.sees(page.getByLabel(/shared secret/));
    await page.getByLabel(/shared secret/).fill("tea");
    await visit.press("Use this secret");
    await visit.sees(visit.node("solo").getByText("up", { exact: true }));
    await visit.sees("Nothing can be broken from here: this cluster was started without chaos.");
    expect(await visit.part("Nodes").getByRole("button").count()).toBe(0);
    await visit.press("Subscribe");
    await visit.sees(visit.part("Live changes").getByText("connected"));
    await visit.put("with", "the secret");
    await visit.sees(visit.part("Live changes").getByText("the secret"));
  });

  test("when its own server is failed the page warns, says where to go on, and goes on by itself when it is back", async () => {
    const { page } = await atHome();
    await visit.press("Subscribe");
    await visit.sees(visit.part("Live changes").getByText("connected"));
    await visit.press(`Fail ${home}`);
    await visit.press("Leave it");
    await visit.press(`Fail ${home}`);
    await visit.press("Fail it all the same");
    await visit.sees("This page's server does not answer");
    const other = page.getByRole("link", { name: /^node\d$/ }).first();
    const url = await other.getAttribute("href");
    const { leader } = (await (await fetch(`${url}status`)).json()) as GatewayStatusReply;
    expect(leader === null || /^proposer\d$/.test(leader)).toBe(true);
    await visit.sees(visit.part("Live changes").getByText("reconnecting"));
    const meanwhile = await stage.synod("kv", "put", "meanwhile", "written", "--gateway", new URL(String(url)).host);
    expect(meanwhile.exitCode, meanwhile.stderr).toBe(0);
    expect((await stage.synod("cluster", "recover", home)).exitCode).toBe(0);
    await visit.missesAll(page.getByText("This page's server does not answer"));
    await visit.sees(visit.part("Live changes").getByText("meanwhile"));
  });
});
