import { closeSync, openSync, writeSync } from "node:fs";
import { ENGINES } from "@synod/api";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../cluster-stage.ts";
import { LedgerStage, NODES } from "./ledger-stage.ts";

/** What a chain's file has to go through, whichever engine decides the blocks. */
describe.each(ENGINES)("a ledger on %s", (engine) => {
  let stage: LedgerStage;
  beforeAll(async () => {
    stage = await LedgerStage.forFile(engine);
    return () => stage.cluster.end();
  });

  test("a server that was down for a moment gets the blocks that it lacks from the log", async () => {
    await stage.putMany(2);
    await stage.cluster.stop("node3");
    await stage.putMany(2);
    await stage.cluster.start("node3");
    const text = await stage.oneChain();
    expect(text.split("\n").length - 1).toBe((await stage.chainAt("gateway3")).height);
  });

  test("a server that was down for long takes a snapshot and fetches the blocks that are no longer in the log", async () => {
    await stage.cluster.stop("node3");
    await stage.putMany(60);
    await until("the log forgets", async () => (await stage.forgottenThrough()) > 40);
    await stage.cluster.start("node3");
    await stage.oneChain();
    // Its snapshot is kept now, and so it begins with that, and with the blocks that it counts on.
    await until("it has a snapshot", async () => (await stage.snapshotOf("node3")) > 40);
    await stage.cluster.stop("node3");
    await stage.cluster.start("node3");
    await stage.putMany(1, "gateway3");
    await stage.oneChain();
  });

  test("all servers that stop and start have the chain that they had", async () => {
    await stage.putMany(3);
    const before = await stage.oneChain();
    const { hash } = await stage.chainAt("gateway1");
    await stage.cluster.stop(...NODES);
    await stage.cluster.start(...NODES);
    await until("they have it again", async () => (await stage.chainAt("gateway2")).hash === hash);
    expect(await stage.oneChain()).toBe(before);
  });

  test("a byte that changes in a server's file is told of with its block, and in what every other server has it is not", async () => {
    const text = await stage.oneChain();
    const place = text.indexOf('"proposer":"node') + '"proposer":"node'.length;
    const height = text.slice(0, place).split("\n").length;
    const file = openSync(stage.chainFile("node2"), "r+");
    onTestFinished(() => {
      writeSync(file, text[place] ?? "", place);
      closeSync(file);
    });
    writeSync(file, "9", place);
    const { status, body } = await stage.cluster.ask("gateway2", `GET /ledger/blocks?from=${height}`);
    expect([status, body.code, body.definite, body.height]).toEqual([500, "chain-damaged", true, height]);
    expect(body.detail).toContain(
      "its hash is not the digest of the rest of it. To see all that is wrong: synod ledger verify",
    );
    const records = async (gateway: string) => (await fetch(stage.cluster.url(gateway, "/ledger/records"))).text();
    expect(await records("gateway2")).toBe(`${text.slice(0, place)}9${text.slice(place + 1)}`);
    expect(await records("gateway1")).toBe(text);
    expect((await stage.cluster.ask("gateway1", `GET /ledger/blocks?from=${height}`)).status).toBe(200);
  });
});
