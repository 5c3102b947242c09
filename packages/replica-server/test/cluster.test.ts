import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { ClusterStage, COMPACT, until } from "./cluster-stage.ts";

const LEVELS = ["eventual", "session", "strong"] as const;
const COST = { messages: expect.any(Number), sharedBy: expect.any(Number), ms: expect.any(Number) };

describe("a cluster of a process for each role", () => {
  test("reads at every level what was written, with slot and cost", async () => {
    const stage = await ClusterStage.started();
    const { body: written } = await stage.write("tea", "green");
    expect(written).toMatchObject({ success: true, key: "tea", value: "green", revision: written.slot, cost: COST });
    for (const consistency of LEVELS) {
      const { body } = await stage.read("tea", consistency);
      expect(body.cost).toEqual(COST);
      if (consistency === "eventual") continue;
      expect(body).toMatchObject({ value: "green", found: true, revision: written.slot, consistency });
      expect(body.slot).toBeGreaterThanOrEqual(written.slot);
    }
    for (const learner of ["learner1", "learner2"]) {
      for (const consistency of LEVELS) {
        const { token } = written;
        await until(`${learner} has it`, async () => {
          return (await stage.read("tea", consistency, learner, { token })).body.value === "green";
        });
      }
    }
  });

  test("loses its leader, and another proposer takes over", async () => {
    const stage = await ClusterStage.started();
    await stage.write("a", "1");
    const leader = await stage.leader();
    await stage.stop(leader);
    const written = await stage.write("a", "2");
    expect(written.status).toBe(200);
    const { leader: next } = await stage.status();
    expect(next).not.toBe(leader);
    expect(await stage.value("a")).toBe("2");
    await stage.start(leader);
    await stage.write("a", "3");
    expect(await stage.value("a")).toBe("3");
  });

  test("works with one acceptor down; with two it says that there is no quorum, and it works again after recovery", async () => {
    const stage = await ClusterStage.started();
    await stage.write("a", "1");
    await stage.stop("acceptor1");
    expect((await stage.write("a", "2")).status).toBe(200);
    expect(await stage.value("a")).toBe("2");

    await stage.stop("acceptor2");
    const failed = await stage.write("a", "3", "gateway1", 3000);
    expect(["no-quorum", "outcome-unknown", "no-leader"]).toContain(failed.body.code);
    await until("the leader knows that it has no quorum", async () => {
      const { body } = await stage.write("b", "x", "gateway1", 3000);
      return body.code === "no-quorum" || body.code === "no-leader";
    });
    const status = await stage.status();
    expect(status.quorum).toBe(false);
    expect(status.advice[0]).toMatch(/1 of 3 acceptors answer, and 2 are needed.*Bring back 1 of acceptor1, acceptor2/);
    const strong = await stage.ask("gateway1", "POST /read", { key: "a", consistency: "strong", timeout_ms: 3000 });
    expect(strong.body).toMatchObject({ status: 503, detail: expect.stringMatching(/session or eventual/) });
    expect(await stage.value("a", "session")).toBe("2");

    await stage.start("acceptor1", "acceptor2");
    await until("writes work again", async () => (await stage.write("a", "4")).status === 200);
    expect(await stage.value("a")).toBe("4");
  });

  test("tells in its status who is up and who leads, and what to do", async () => {
    const stage = await ClusterStage.started();
    await stage.stop("learner2");
    const status = await stage.status();
    expect(status).toMatchObject({ cluster: "test", engine: "paxos", quorum: true, leader: await stage.leader() });
    expect(status.learners.map(({ name, up }) => [name, up])).toEqual([
      ["learner1", true],
      ["learner2", false],
    ]);
    expect(status.advice).toEqual(["These do not answer: learner2. To start them: synod cluster recover learner2"]);
    const proposer = (await stage.ask(await stage.leader(), "GET /status")).body;
    expect(proposer).toMatchObject({ is_leader: true, state: "LEADER", phase: "accept", quorum: true });
  });
});

describe("a node", () => {
  test("refuses to start when its proposer's folder is gone, and lets go of everything", async () => {
    const stage = await ClusterStage.started();
    const leader = await stage.leader();
    await stage.stop(leader);
    rmSync(`${stage.folder}/${leader}/proposer`, { recursive: true });
    await expect(stage.start(leader)).rejects.toThrow(/could use one twice and break consensus/);
  });

  test("starts all of its roles, or none", async () => {
    const stage = await ClusterStage.started({ shape: COMPACT });
    await stage.stop("node1");
    const { port } = stage.server("gateway1").address;
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, "127.0.0.1", resolve));
    await expect(stage.start("node1")).rejects.toThrow(/in use by another program/);
    await new Promise((resolve) => squatter.close(resolve));
    await stage.start("node1");
    expect((await stage.write("a", "1", "gateway1")).status).toBe(200);
  });

  test("makes a learner's folder anew when it is gone: a learner promises nothing", async () => {
    const stage = await ClusterStage.started();
    await stage.write("a", "1");
    await stage.stop("learner1");
    rmSync(`${stage.folder}/learner1/learner`, { recursive: true });
    await stage.start("learner1");
    await until("it has caught up", async () => (await stage.value("a", "eventual", "learner1")) === "1");
  });
});
