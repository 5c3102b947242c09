import { beforeAll, describe, expect, test } from "vitest";
import { RAFT } from "../cluster-stage.ts";
import { ChatStage } from "./chat-stage.ts";

/** One chat for all tests of this file; each has people of its own. */
let stage: ChatStage;
beforeAll(async () => {
  stage = await ChatStage.forFile({ engine: "raft", shape: RAFT });
  return () => stage.end();
});

const refusal = ({ status, body }: { status: number; body: { code: string } }) => [status, body.code];

describe("accounts", () => {
  test("are made once, whoever asks, and anybody may see whether a name is taken", async () => {
    const look = async () => (await stage.ask("GET /chat/accounts/made", undefined, "gateway2")).body;
    expect(await look()).toEqual({ user: "made", exists: false });
    const made = await stage.create("made", "gateway1");
    expect([made.status, made.body.user]).toEqual([200, "made"]);
    expect(made.body.slot).toBeGreaterThan(0);
    expect(await look()).toEqual({ user: "made", exists: true });
    const again = await stage.create("made", "gateway3");
    expect(refusal(again)).toEqual([409, "username-taken"]);
    expect(again.body.detail).toMatch(/^Username already exists\. /);
  });
});
