import type { NodesReply } from "@synod/api";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type NodeDeed, type NodeOperator, OperationFailed } from "../src/index.ts";
import { ClusterStage, type StageOptions, until } from "./cluster-stage.ts";

/** Two nodes, of which one can do without the other. */
const SHAPE = { first: ["acceptor", "proposer", "learner", "gateway"], second: ["learner"] } as const;

/** Writes down what it is told to do. */
class ToldOperator implements NodeOperator {
  readonly told: string[] = [];
  fail = async (node: string): Promise<NodeDeed> => this.#note(`fail ${node}`, { done: "killed", pid: 7 });
  recover = async (node: string): Promise<NodeDeed> => {
    if (node === "second") throw new OperationFailed("second is not up: its disk is full");
    return this.#note(`recover ${node}`, { done: "started", pid: 8 });
  };

  #note(words: string, deed: NodeDeed): NodeDeed {
    this.told.push(words);
    return deed;
  }
}

function options(more: StageOptions = {}): StageOptions {
  // Its one proposer has nobody to be patient with.
  return { shape: SHAPE, tuning: { proposer: { timing: { electionTimeoutMs: 100 } } }, ...more };
}

/** A cluster that nobody can fail, one that somebody can, and what he was told: for all tests of the file. */
let embedded: ClusterStage;
let operated: ClusterStage;
const operator = new ToldOperator();

beforeAll(async () => {
  [embedded, operated] = await Promise.all([
    ClusterStage.forFile(options()),
    ClusterStage.forFile(options({ operator })),
  ]);
});

afterAll(() => Promise.all([embedded?.end(), operated?.end()]));

beforeEach(async () => {
  operator.told.length = 0;
  for (const node of ["first", "second"]) await embedded.ask("gateway1", `DELETE /nodes/${node}/faults`);
});

function post(stage: ClusterStage, path: string, headers: Record<string, string> = {}, body: unknown = {}) {
  return stage.ask("gateway1", `POST ${path}`, body, headers);
}

test("every node is told of, with its roles, whether it answers, and the faults at work in it", async () => {
  const stage = embedded;
  await stage.ask("learner2", "POST /faults", { faults: "cut second>first for 1m" });
  const { body } = await stage.ask("gateway1", "GET /nodes");
  const { self, chaos, operator, nodes } = body as NodesReply;
  expect([self, chaos, operator.available]).toEqual(["first", true, false]);
  expect(operator.reason).toContain("not started by synod");
  expect(nodes.map(({ name, answers, faults }) => [name, answers, faults.map(({ text }) => text)])).toEqual([
    ["first", true, []],
    ["second", true, ["cut second>first for 1m"]],
  ]);
  expect(nodes[0]?.roles.map(({ name }) => name)).toEqual(["acceptor1", "proposer1", "learner1", "gateway1"]);
  await stage.stop("second");
  const later = (await stage.ask("gateway1", "GET /nodes")).body as NodesReply;
  expect(later.nodes.map(({ answers }) => answers)).toEqual([true, false]);
  await stage.start("second");
});

test("a node is broken and mended by way of the gateway, also when the gateway itself is cut off from it or paused", async () => {
  const stage = embedded;
  const begun = await post(stage, "/nodes/first/faults", {}, { faults: "cut first>*" });
  expect([begun.status, begun.body.faults[0].text]).toEqual([200, "cut first>*"]);
  expect((await post(stage, "/nodes/second/faults", {}, { faults: "cut second>*" })).status).toBe(200);
  expect((await post(stage, "/nodes/first/faults", {}, { faults: "pause first" })).status).toBe(200);
  const { nodes } = (await stage.ask("gateway1", "GET /nodes")).body as NodesReply;
  expect(nodes.map(({ answers, faults }) => [answers, faults.length])).toEqual([
    [true, 2],
    [true, 1],
  ]);
  for (const node of ["first", "second"]) {
    expect((await stage.ask("gateway1", `DELETE /nodes/${node}/faults`)).status).toBe(200);
  }
  expect((await stage.write("a", "1")).status).toBe(200);
});

test("one fault of several is ended by its id, and a fault that is none is refused in the words of its node", async () => {
  const stage = embedded;
  const { body } = await post(stage, "/nodes/second/faults", {}, { faults: "cut second>first\ncut first>second" });
  const [, id] = body.ids;
  expect((await stage.ask("gateway1", `DELETE /nodes/second/faults?id=${id}`)).body).toEqual({ healed: [id] });
  const refused = await post(stage, "/nodes/second/faults", {}, { faults: "cut second>third" });
  expect([refused.status, refused.body.code]).toEqual([400, "bad-request"]);
  expect(refused.body.problems).toHaveLength(1);
});

test("a node that is down cannot be cut off, and one that there is not neither", async () => {
  const stage = embedded;
  await stage.stop("second");
  const down = await post(stage, "/nodes/second/faults", {}, { faults: "pause second" });
  expect([down.status, down.body.code, down.body.definite]).toEqual([502, "node-unreachable", false]);
  await stage.start("second");
  const none = await post(stage, "/nodes/third/faults", {}, { faults: "pause third" });
  expect([none.status, none.body.code]).toEqual([404, "unknown-node"]);
  expect(none.body.detail).toContain("first, second");
});

test("where nobody runs the nodes who could, they can be neither failed nor recovered", async () => {
  const stage = embedded;
  for (const deed of ["fail", "recover"]) {
    const { status, body } = await post(stage, `/nodes/second/${deed}`);
    expect([deed, status, body.code]).toEqual([deed, 501, "no-operator"]);
  }
});

test("an operator is told what to do, and what it says goes back", async () => {
  const stage = operated;
  const { body } = await stage.ask("gateway1", "GET /nodes");
  expect(body.operator).toEqual({ available: true, reason: null });
  expect((await post(stage, "/nodes/second/fail")).body).toEqual({ node: "second", done: "killed", pid: 7 });
  expect((await post(stage, "/nodes/first/recover")).body).toEqual({ node: "first", done: "started", pid: 8 });
  expect(operator.told).toEqual(["fail second", "recover first"]);
  const failed = await post(stage, "/nodes/second/recover");
  expect([failed.status, failed.body.code, failed.body.definite]).toEqual([500, "operation-failed", false]);
  expect(failed.body.detail).toBe("second is not up: its disk is full");
});

test("the node that answers is failed after its answer: nobody could hear it from a dead one", async () => {
  const stage = operated;
  expect((await post(stage, "/nodes/first/fail")).body).toEqual({ node: "first", done: "ending", pid: process.pid });
  await until("it is failed", () => operator.told.includes("fail first"));
});

test("a page of another site can do nothing to the nodes, whatever its browser lets it send", async () => {
  const stage = operated;
  const { host, port } = stage.server("gateway1").address;
  for (const origin of ["http://evil.example", "null", `http://${host}:1`, "no origin"]) {
    for (const [path, body] of [
      ["/nodes/second/fail", {}],
      ["/nodes/second/recover", {}],
      ["/nodes/second/faults", { faults: "pause second" }],
    ] as const) {
      const refused = await post(stage, path, { origin }, body);
      expect([origin, path, refused.status, refused.body.code]).toEqual([origin, path, 403, "not-from-here"]);
    }
    const healed = await stage.ask("gateway1", "DELETE /nodes/second/faults", undefined, { origin });
    expect([healed.status, healed.body.code]).toEqual([403, "not-from-here"]);
  }
  expect(operator.told).toEqual([]);
  // A form needs no leave of this server, but cannot send JSON.
  const form = await fetch(stage.url("gateway1", "/nodes/second/fail"), { method: "POST", body: "{}" });
  expect(form.status).toBe(415);
  expect((await post(stage, "/nodes/second/fail", { origin: `http://${host}:${port}` })).status).toBe(200);
});

test("a name that leads to this machine and is not its own ends no process: a site may have set it up", async () => {
  const stage = operated;
  const { port } = stage.server("gateway1").address;
  const { status, body } = await askAs(port, `evil.example:${port}`);
  expect([status, body.code]).toEqual([403, "not-from-here"]);
  expect((await askAs(port, `localhost:${port}`)).status).toBe(200);
  expect(operator.told).toEqual(["fail second"]);
});

test("without chaos nothing can be broken by way of the gateway, and it says why", async () => {
  const stage = await ClusterStage.started(options({ operator, chaos: false }));
  for (const path of ["/nodes/second/fail", "/nodes/second/recover"]) {
    const { status, body } = await post(stage, path);
    expect([path, status, body.code]).toEqual([path, 403, "chaos-off"]);
  }
  const cut = await post(stage, "/nodes/second/faults", {}, { faults: "pause second" });
  expect([cut.status, cut.body.code]).toEqual([403, "chaos-off"]);
  const { chaos, operator: offered, nodes } = (await stage.ask("gateway1", "GET /nodes")).body as NodesReply;
  expect([chaos, offered.available]).toEqual([false, false]);
  expect(offered.reason).toContain("without chaos");
  expect(nodes.map(({ answers }) => answers)).toEqual([true, true]);
  expect(operator.told).toEqual([]);
});

test("where a secret is asked for, the gateway shows it to the nodes, and asks it of who looks at them", async () => {
  const stage = await ClusterStage.started(options({ secret: "tea", without: ["second"] }));
  await stage.start("second");
  expect((await stage.ask("gateway1", "GET /nodes")).status).toBe(401);
  const { body } = await stage.ask("gateway1", "GET /nodes", undefined, { authorization: "Bearer tea" });
  expect((body as NodesReply).nodes.map(({ answers }) => answers)).toEqual([true, true]);
});

/** Asks with a `host` header of its own, which `fetch` does not let one choose. */
async function askAs(port: number, host: string) {
  const { request } = await import("node:http");
  return new Promise<{ status: number; body: { code?: string } }>((resolve, reject) => {
    const asking = request({
      ...{ host: "127.0.0.1", port, path: "/nodes/second/fail", method: "POST" },
      headers: { host, "content-type": "application/json" },
    });
    asking.on("error", reject);
    asking.on("response", async (response) => {
      let text = "";
      for await (const piece of response) text += piece;
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
    });
    asking.end("{}");
  });
}
