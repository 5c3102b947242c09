import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINES } from "@synod/api";
import { beforeAll, describe, expect, test } from "vitest";
import { until } from "../cluster-stage.ts";
import { conversationDuring } from "./chat-clients.ts";
import { ChatStage, PASSWORD } from "./chat-stage.ts";

const NODES = ["node1", "node2", "node3"];
/** Snapshots after some messages: what led to them is known to nobody then. */
const SOON = { limits: { snapshotCharacters: 2000, snapshotGrowth: 0 } };
const gatewayAt = (node: string) => node.replace("node", "gateway");

/** What a person in a conversation may rely on when nodes fail, whichever engine decides: each test leaves the chat whole. */
describe.each(ENGINES)("a conversation on %s", (engine) => {
  let stage: ChatStage;
  beforeAll(async () => {
    stage = await ChatStage.onThreeNodes(engine, { peerTimeoutMs: 500, raft: SOON, learner: SOON });
    return () => stage.end();
  });
  const leader = async (at?: string) => stage.cluster.server(await stage.cluster.leader(at)).node;

  test("goes on when the leader's process ends: all that was acknowledged is there and is told, once and in order", async () => {
    const [sender, reader] = [await stage.somebody("anna"), await stage.somebody("ben")];
    const urls = NODES.map((node) => stage.cluster.url(gatewayAt(node), ""));
    const lost = await leader();
    const [one = ""] = NODES.filter((node) => node !== lost);
    const { acknowledged, told, streams } = await conversationDuring(
      () => stage.cluster.stop(lost),
      { urls, place: NODES.indexOf(lost), count: 20 },
      { from: "anna", to: "ben", password: PASSWORD },
    );
    expect(told).toEqual(acknowledged);
    expect(streams).toBeGreaterThan(1);
    for (const login of [sender, reader]) {
      const peer = login === sender ? "ben" : "anna";
      const { body } = await login.ask(`GET /chat/conversations/${peer}?limit=500`, undefined, gatewayAt(one));
      expect(body.messages.map(({ text }: { text: string }) => text)).toEqual(acknowledged);
    }
    await stage.cluster.start(lost);
  });

  test("is refused in time by a node that the others cannot reach, and goes on at them", async () => {
    const [carl] = [await stage.somebody("carl"), await stage.create("dora")];
    const lost = await leader();
    const [one = ""] = NODES.filter((node) => node !== lost);
    await stage.ask("POST /faults", { faults: `cut ${lost}<>*` }, gatewayAt(lost));
    const lonely = await carl.ask("POST /chat/messages", { to: "dora", text: "?", timeout_ms: 1000 }, gatewayAt(lost));
    expect([503, 504]).toContain(lonely.status);
    const log = await stage.ask(
      "POST /chat/logins",
      { user: "carl", password: PASSWORD, timeout_ms: 1000 },
      gatewayAt(lost),
    );
    expect([log.status, log.body.detail]).toEqual([503, expect.not.stringContaining("lesser level")]);
    // It has the conversation, and cannot know that it is all of it.
    const read = await carl.ask("GET /chat/conversations?timeout_ms=500", undefined, gatewayAt(lost));
    expect(read.status).toBe(503);
    const sent = { to: "dora", text: "hello", timeout_ms: 30_000 };
    expect((await carl.ask("POST /chat/messages", sent, gatewayAt(one))).status).toBe(200);
    expect((await carl.texts("dora", gatewayAt(one))).at(-1)).toBe("hello");
    await stage.ask("DELETE /faults", undefined, gatewayAt(lost));
    await until("it follows", async () => {
      const { status, body } = await carl.ask("GET /chat/conversations/dora", undefined, gatewayAt(lost));
      return status === 200 && body.messages.at(-1).text === "hello";
    });
  });

  test("is kept, and so are logins and what is unread, when every process is stopped and started again", async () => {
    const [eve] = [await stage.somebody("eve"), await stage.create("fay")];
    const early = await eve.events();
    early.close();
    const texts = Array.from({ length: 30 }, (_, index) => String(index + 1));
    for (const text of texts) await eve.send("fay", text);
    await stage.cluster.stop(...NODES);
    const kept = readdirSync(stage.cluster.folder, { recursive: true, encoding: "utf8", withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => readFileSync(join(one.parentPath, one.name), "latin1"))
      .join("");
    // Whoever reads a disk finds what was said, and how a password is recognised, but neither it nor a way to log in.
    expect([kept.includes("fay"), kept.includes("salt")]).toEqual([true, true]);
    expect([kept.includes(PASSWORD), kept.includes(eve.token)]).toEqual([false, false]);
    await stage.cluster.start(...NODES);
    await stage.cluster.leader();
    expect(await eve.texts("fay", "gateway2")).toEqual(texts);
    expect((await stage.logIn("fay", "gateway3")).unread).toBe(30);
    // What changed before a snapshot is known to nobody any more: whoever asks for it is told so.
    const late = await eve.events("gateway1", early.startedAfter ?? "");
    await eve.send("fay", "31");
    await until("all is told", () => late.events.at(-1)?.event === "message");
    expect(late.events[0]?.event).toBe("resync");
    late.close();
  });
});
