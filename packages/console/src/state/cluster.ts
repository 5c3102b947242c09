import { computed, signal } from "@preact/signals";
import type { GatewayStatusReply, NodesReply } from "@synod/api";
import { ask } from "../server/ask.js";
import type { Outcome } from "../server/outcome.js";
import { clusterView } from "../words/cluster-view.js";
import { seenSlot } from "./session.js";

/** How often the cluster is looked at while somebody sees the page, in milliseconds. */
const LOOK_EVERY_MS = 1000;
/** How long one look may take, in milliseconds: a gateway waits 1000 for a node, and may have begun a look before. */
const LOOK_WITHIN_MS = 2500;

/** Whether the server that this page came from answers. */
export type Contact =
  | { readonly kind: "waiting" }
  | { readonly kind: "there" }
  | { readonly kind: "lost"; readonly isRefused: boolean; readonly why: string; readonly since: Date };

export const contact = signal<Contact>({ kind: "waiting" });

const status = signal<GatewayStatusReply | null>(null);

/** What the gateway says of the others; null while it says nothing. */
export const clusterStatus = computed(() => status.value);

/** What runs on the log, as soon as the gateway said it; null before. */
export const application = signal<string | null>(null);

const nodes = signal<NodesReply | null>(null);

/** The cluster as it was seen last; null before the first look. */
export const cluster = computed(() => nodes.value && clusterView(status.value, nodes.value));

/** The highest slot that this page knows to be decided: what it saw itself is. */
export const decidedSlot = computed(() => Math.max(cluster.value?.decided ?? 0, seenSlot.value ?? 0));

/** The other gateways that were up when one looked last: where to go on if this page's own is gone. */
export const otherGateways = computed(() => {
  const others = nodes.value?.nodes.filter(({ name, answers }) => answers && name !== nodes.value?.self) ?? [];
  return others.flatMap(({ name, roles }) =>
    roles.filter(({ role }) => role === "gateway").map(({ address }) => ({ node: name, url: placeOf(address) })),
  );
});

/** A server that listens on all addresses of its machine is reached as this page's own was. */
function placeOf(address: string): string {
  const { hostname } = window.location;
  return `http://${address.replace(/^(0\.0\.0\.0|\[::\]):/, `${hostname}:`)}/`;
}

/** All nodes as they are now; null if the gateway does not say. */
export async function nodesNow(): Promise<NodesReply["nodes"] | null> {
  const seen = await askForNodes();
  return seen.kind === "answered" ? seen.body.nodes : null;
}

function askForNodes(): Promise<Outcome<NodesReply>> {
  return ask<NodesReply>({ method: "GET", path: "/nodes", timeoutMs: LOOK_WITHIN_MS });
}

let timer: ReturnType<typeof setTimeout> | undefined;
let isLooking = false;

/** Looks at the cluster, and again about every second, while somebody sees the page. */
export function watchCluster(): void {
  document.addEventListener("visibilitychange", () => lookSoon());
  lookSoon();
}

/** Looks without waiting for the next turn: something was done. */
export function lookSoon(): void {
  clearTimeout(timer);
  if (document.hidden || isLooking) return;
  void look();
}

async function look(): Promise<void> {
  isLooking = true;
  const [nodesSeen, statusSeen] = await Promise.all([
    askForNodes(),
    ask<GatewayStatusReply>({ method: "GET", path: "/status", timeoutMs: LOOK_WITHIN_MS }),
  ]);
  isLooking = false;
  take(nodesSeen, statusSeen);
  clearTimeout(timer);
  timer = setTimeout(lookSoon, LOOK_EVERY_MS);
}

function take(nodesSeen: Outcome<NodesReply>, statusSeen: Outcome<GatewayStatusReply>): void {
  if (nodesSeen.kind === "answered") {
    nodes.value = nodesSeen.body;
    status.value = statusSeen.kind === "answered" ? statusSeen.body : null;
    if (status.value) application.value = status.value.application;
    contact.value = { kind: "there" };
    return;
  }
  const isRefused = nodesSeen.kind === "refused";
  if (isRefused && nodesSeen.problem.code === "unauthorized") {
    // It answers well; the form that asks for the secret says what is missing.
    contact.value = { kind: "waiting" };
    return;
  }
  const why = isRefused ? nodesSeen.problem.detail : nodesSeen.why;
  const since = contact.value.kind === "lost" ? contact.value.since : new Date();
  contact.value = { kind: "lost", isRefused, why, since };
}
