import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { ClusterStage, COMPACT, RAFT, type StageOptions, until } from "./cluster-stage.ts";

const EAGER = { snapshotCharacters: 100 };

test.each<[string, StageOptions, readonly string[]]>([
  ["raft3", { engine: "raft", shape: RAFT, tuning: { raft: { limits: EAGER } } }, ["/status", "/raft/state"]],
  ["learner3", { shape: COMPACT, tuning: { learner: { limits: EAGER } } }, ["/status"]],
])(
  "%s tells nothing of its memory once its disk has failed, and is not counted among those that are up",
  async (name, options, routes) => {
    const stage = await ClusterStage.started(options);
    // The next snapshot finds no folder to be written into.
    rmSync(`${stage.folder}/node3/${name.replace("3", "")}`, { recursive: true });
    let count = 0;
    await until("its disk fails", async () => {
      await stage.write("a", `a value that is long enough ${++count}`);
      return (await stage.ask(name, "GET /readyz")).status === 503;
    });
    for (const route of routes) {
      const { status, body } = await stage.ask(name, `GET ${route}`);
      expect([route, status, body.code]).toEqual([route, 503, "storage-failed"]);
    }
    const { raft_servers, learners, quorum, advice } = await stage.status();
    const seen = [...raft_servers, ...learners].map(({ name: one, up }) => [one, up]);
    expect(seen).toContainEqual([name, false]);
    expect(seen.filter(([, up]) => up)).toHaveLength(2);
    expect(quorum).toBe(true);
    expect(advice).toEqual([expect.stringContaining("node3")]);
  },
);
