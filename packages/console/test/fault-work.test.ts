import type { NodesReply } from "@synod/api";
import { beforeEach, expect, test, vi } from "vitest";
import type { Outcome, Request } from "../src/server/outcome.ts";
import { FaultWork } from "../src/state/fault-work.ts";
import { faultsOf } from "../src/words/faults.ts";

/** Two nodes behind a gateway: what is at work in each, and answers that wait until somebody lets them go. */
class TwoNodes {
  readonly faults = new Map<string, readonly { readonly id: number; readonly text: string }[]>([
    ["a", []],
    ["b", []],
  ]);
  /** Faults that are to begin at this node are held back. */
  held: string | null = null;
  letGo: () => void = () => {};
  #lastId = 0;

  readonly request = async ({ method, path, body }: Request): Promise<Outcome<unknown>> => {
    const { pathname, searchParams } = new URL(path, "http://gateway");
    const [, , node = ""] = pathname.split("/");
    const begins = method === "POST";
    if (begins && node === this.held) await new Promise<void>((go) => (this.letGo = go));
    const faults = this.faults.get(node) ?? [];
    const id = searchParams.get("id");
    if (begins) this.faults.set(node, [...faults, { id: ++this.#lastId, text: (body as { faults: string }).faults }]);
    else this.faults.set(node, id === null ? [] : faults.filter((fault) => fault.id !== Number(id)));
    return { kind: "answered", status: 200, body: {} };
  };

  get seen(): NodesReply["nodes"] {
    return [...this.faults].map(([name, faults]) => ({
      name,
      roles: [],
      answers: true,
      faults: faults.map((fault) => ({ ...fault, endsInMs: null, actsHere: true })),
    }));
  }

  get atWork(): number {
    return [...this.faults.values()].flat().length;
  }
}

let nodes: TwoNodes;
let work: FaultWork;

beforeEach(() => {
  nodes = new TwoNodes();
  work = new FaultWork({ request: nodes.request, nodesNow: async () => nodes.seen });
});

test("a cut is healed at both ends, though the page has seen it at one of them only", async () => {
  await work.begin(["a", "b"], "cut a<>b");
  const seen = faultsOf(nodes.seen.slice(0, 1));
  expect(seen).toMatchObject([{ places: [{ node: "a" }] }]);
  await work.heal(seen);
  expect(nodes.atWork).toBe(0);
});

test.each([
  ["it alone", (seen: TwoNodes["seen"]) => work.heal(faultsOf(seen))],
  ["everything", () => work.healAll(["a", "b"])],
])("a cut that is just being begun is healed once it has begun everywhere: %s", async (_, heal) => {
  nodes.held = "b";
  const cutting = work.begin(["a", "b"], "cut a<>b");
  await vi.waitFor(() => expect(nodes.atWork).toBe(1));
  const healing = heal(nodes.seen);
  nodes.letGo();
  await Promise.all([cutting, healing]);
  expect(nodes.atWork).toBe(0);
});

test("what a gateway does not tell is healed where the page saw it, and other faults go on", async () => {
  await work.begin(["a", "b"], "cut a<>b");
  await work.begin(["a"], "pause a");
  const [cut] = faultsOf(nodes.seen);
  if (cut === undefined) throw new Error("nothing was cut");
  await new FaultWork({ request: nodes.request, nodesNow: async () => null }).heal([cut]);
  expect(nodes.seen.flatMap(({ faults }) => faults.map(({ text }) => text))).toEqual(["pause a"]);
});

test("a cut that is begun while the same one is healed goes on", async () => {
  await work.begin(["a", "b"], "cut a<>b");
  const healing = work.heal(faultsOf(nodes.seen));
  const cutting = work.begin(["a", "b"], "cut a<>b");
  await Promise.all([healing, cutting]);
  expect(nodes.seen.map(({ faults }) => faults.length)).toEqual([1, 1]);
});
