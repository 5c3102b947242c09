import { signal } from "@preact/signals";
import type { NodeDeedReply } from "@synod/api";
import type { Outcome } from "../server/outcome.js";
import { cutBetween, type Fault } from "../words/faults.js";
import { cluster, lookSoon, nodesNow } from "./cluster.js";
import { FaultWork, pathOf } from "./fault-work.js";
import { request } from "./requests.js";

/** What was done to the nodes last, in words; `isBad` if it did not work. */
export interface Deed {
  readonly words: string;
  readonly isBad: boolean;
}

export const lastDeed = signal<Deed | null>(null);

/** The nodes to which something is being done. */
export const busyNodes = signal<ReadonlySet<string>>(new Set());

const faultWork = new FaultWork({ request, nodesNow });

/** Longer than a node may take to get ready. */
const RECOVER_WITHIN_MS = 40_000;

/** Kills the process of a node. */
export async function fail(node: string): Promise<void> {
  await during([node], `killing ${node}`, async () => {
    const outcome = await request<NodeDeedReply>({ method: "POST", path: `${pathOf(node)}/fail`, body: {} });
    return told(outcome, ({ done, pid }) => {
      if (done === "ending") return `${node} dies now, and with it this page's server (process ${pid})`;
      return done === "killed" ? `${node}: killed (process ${pid})` : `${node}: was down already`;
    });
  });
}

/** Starts the process of a node that is down, and waits until it answers. */
export async function recover(node: string): Promise<void> {
  await during([node], `starting ${node}`, async () => {
    const path = `${pathOf(node)}/recover`;
    const outcome = await request<NodeDeedReply>({
      method: "POST",
      path,
      body: {},
      timeoutMs: RECOVER_WITHIN_MS,
    });
    return told(outcome, ({ done, pid }) =>
      done === "started" ? `${node}: up again (process ${pid})` : `${node}: was up already (process ${pid})`,
    );
  });
}

/** Begins a fault in the process of a node, in the language of docs/faults.md. */
export async function begin(node: string, faults: string): Promise<void> {
  await during([node], `${node}: ${faults}`, async () => {
    return toldOfAll(await faultWork.begin([node], faults), `${node}: ${faults}`);
  });
}

/** Lets nothing through between two nodes; with `*`, between one and all others. */
export async function cut(node: string, other: string): Promise<void> {
  const { text, at } = cutBetween(node, other, namesUp());
  await during([node], text, async () => {
    const outcomes = await faultWork.begin(at, text);
    const whom = other === "*" ? "the others" : other;
    return toldOfAll(outcomes, `nothing gets through between ${node} and ${whom}`);
  });
}

/** Ends these faults, wherever they are at work. */
export async function heal(node: string, faults: readonly Fault[]): Promise<void> {
  await during([node], `healing ${node}`, async () => {
    return toldOfAll(await faultWork.heal(faults), `healed: ${faults.map(({ text }) => text).join(", ")}`);
  });
}

/** Ends all faults of all nodes that are up; nodes that are down stay down. */
export async function healAll(): Promise<void> {
  const nodes = namesUp();
  await during(nodes, "healing everything", async () => {
    return toldOfAll(await faultWork.healAll(nodes), "all faults are healed");
  });
}

function namesUp(): string[] {
  const nodes = cluster.value?.nodes ?? [];
  return nodes.filter(({ health }) => health.kind !== "down").map(({ name }) => name);
}

async function during(nodes: readonly string[], what: string, act: () => Promise<Deed>): Promise<void> {
  busyNodes.value = new Set([...busyNodes.value, ...nodes]);
  lastDeed.value = { words: `${what} …`, isBad: false };
  lastDeed.value = await act();
  busyNodes.value = new Set([...busyNodes.value].filter((name) => !nodes.includes(name)));
  lookSoon();
}

function told<Body>(outcome: Outcome<Body>, words: (body: Body) => string): Deed {
  if (outcome.kind === "answered") return { words: words(outcome.body), isBad: false };
  return { words: outcome.kind === "refused" ? outcome.problem.detail : outcome.why, isBad: true };
}

/** @param words if all went well */
function toldOfAll(outcomes: readonly Outcome<unknown>[], words: string): Deed {
  const bad = outcomes.find(({ kind }) => kind !== "answered");
  return bad ? told(bad, () => words) : { words, isBad: false };
}
