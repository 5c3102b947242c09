import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeCommand, findNonce, type LedgerOperation, ledgerCommandJson } from "@synod/state-machines";
import axe from "axe-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ClusterStage, COMPACT } from "../packages/replica-server/test/cluster-stage.js";
import { complaintsOf, hasBrowser, PageStage, type Visit } from "./page-stage.js";

describe.skipIf(!hasBrowser)("the web page of a ledger", { timeout: 90_000 }, () => {
  let browser: PageStage;
  let cluster: ClusterStage;
  let visit: Visit;

  beforeAll(async () => {
    const starting = ClusterStage.forFile({ application: "ledger", shape: COMPACT });
    [browser, cluster] = await Promise.all([PageStage.withoutCluster(), starting]);
  }, 120_000);

  afterAll(() => Promise.all([browser?.end(), cluster?.end()]));

  afterEach(async () => {
    await visit?.leave();
    expect(browser.complaints.splice(0)).toEqual([]);
  });

  async function at(place: string, options?: Parameters<PageStage["visitAt"]>[1]): Promise<Visit> {
    visit = await browser.visitAt(cluster.url(place, "/"), options);
    return visit;
  }

  function block(height: number) {
    return visit.page.locator("li.block", {
      has: visit.page.getByRole("heading", { name: `Block ${height}`, exact: true }),
    });
  }

  async function add(place: string, operation: object) {
    const { status, body } = await cluster.ask(place, "POST /ledger/blocks", { operation });
    expect(status, JSON.stringify(body)).toBe(200);
    return body as { height: number; hash: string };
  }

  test("a put and a get are blocks, which come as others add them, and the page itself checks them", async () => {
    const { page, answer } = await at("gateway1", { reducedMotion: "reduce" });
    await visit.sees(visit.part("Chain").getByText("No block yet."));
    await page.getByLabel("Key", { exact: true }).fill("alice");
    await visit.sees('Key is the text "alice"');
    await page.getByLabel("Value", { exact: true }).fill('{"coins": 10}');
    await visit.sees("Value is an object");
    await visit.press("Put");
    await visit.sees(answer.getByText("success", { exact: true }));
    await visit.sees(answer.getByText("block 1", { exact: true }));
    await page.getByLabel("Key", { exact: true }).press("Enter");
    await visit.sees(answer.getByText('"coins": 10'));
    await visit.sees(block(2).getByText('get "alice"'));
    const { hash } = await add("gateway2", { type: "put", key: "</li><script>", value: "\u202e" });
    await visit.sees(block(3).getByText(hash.slice(0, 12)));
    expect(await block(3).locator(".link").innerText()).toContain((await block(2).locator(".hash").innerText()).trim());
    for (const node of ["node1", "node2", "node3"]) {
      await visit.sees(page.locator(".heads li", { hasText: node }).filter({ hasText: "the same" }));
    }
    await visit.press("Verify here");
    await visit.sees("This page checked 3 blocks of node1");
    await page.getByLabel("Value", { exact: true }).fill('{"coins": ');
    await visit.sees("since it is no JSON");
    await page.evaluate(axe.source);
    expect(await complaintsOf(page, "axe.run()")).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await complaintsOf(page, 'axe.run({ runOnly: ["color-contrast"] })')).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });

  test("of a long chain the last blocks are shown, and the older ones on demand", async () => {
    const { height } = await add("gateway1", { type: "get", key: 0 });
    // The older ones are more than one answer has room for.
    const value = "✓".repeat(65_000);
    for (let count = height; count < 12; count++) await add("gateway1", { type: "put", key: "k", value });
    for (let count = 12; count < 32; count++) await add("gateway1", { type: "put", key: "k", value: count });
    await at("gateway1");
    await visit.sees(block(32));
    expect(await visit.page.locator("li.block").count()).toBe(20);
    await visit.press("Older blocks (12)");
    await visit.sees(block(1));
    expect(await visit.page.locator("li.block").count()).toBe(32);
    expect(await visit.page.locator(".link-broken").count()).toBe(0);
  });

  test("a byte that is changed in the server's file is found by the page, which names the block", async () => {
    const file = join(cluster.folder, "node2", "learner/chain/blocks.jsonl");
    const right = readFileSync(file, "utf8");
    writeFileSync(file, right.replace('"coins":10', '"coins":11'));
    await at("gateway2");
    await visit.press("Verify here");
    await visit.sees("block 1: its hash is not the digest of the rest of it");
    writeFileSync(file, right);
    await visit.press("Verify here");
    await visit.sees(visit.page.getByText(/This page checked \d+ blocks of node2/));
  });

  test("what its server has accepted and does not know to be chosen is shown as tentative, until the slot is decided", async () => {
    const operation = { type: "put", key: "bob", value: 20 };
    const nonce = findNonce(operation, 0, 0, 1000) ?? 0;
    const command = ledgerCommandJson({ operation: operation as LedgerOperation, nonce, proposer: "node3", time: 0 });
    const position = { client: "by hand", openedAt: 1, sequence: 2, firstUnacknowledged: 2 };
    // Cut off, so that nobody decides the slot while one looks.
    await cluster.ask("gateway1", "POST /faults", { faults: "cut node1<>*" });
    const { body } = await cluster.ask("gateway1", "GET /ledger/chain");
    const accept = {
      id: 16_000_000,
      instance: body.slot + 2,
      value: encodeCommand({ ...position, operation: command }),
    };
    expect((await cluster.ask("acceptor1", "POST /accept", accept)).body.ignored).toBe(false);
    const { page } = await at("gateway1");
    await visit.sees(page.locator(".block-tentative").getByText('"bob"'));
    await visit.sees(page.locator(".block-tentative").getByText("accepted under proposal id 16000000, for node3"));
    await cluster.ask("gateway1", "DELETE /faults");
    for (let count = 0; count < 3; count++) await add("gateway2", { type: "get", key: "others" });
    await visit.missesAll(page.locator(".block-tentative"));
  });
});
