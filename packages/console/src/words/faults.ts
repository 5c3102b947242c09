import type { NodesReply } from "@synod/api";

/** A fault, and every node in whose process it is at work: of one that was told to several, each does its own part. */
export interface Fault {
  /** In the language of docs/faults.md. */
  readonly text: string;
  /** Milliseconds until it is over everywhere; null if only healing ends it. */
  readonly endsInMs: number | null;
  readonly places: readonly { readonly node: string; readonly id: number }[];
}

/** All faults at work in a cluster, each once. */
export function faultsOf(nodes: NodesReply["nodes"]): Fault[] {
  const byText = new Map<string, Fault>();
  for (const { name, faults } of nodes) {
    for (const { id, text, endsInMs, actsHere } of faults) {
      if (!actsHere) continue;
      const known = byText.get(text);
      const places = [...(known?.places ?? []), { node: name, id }];
      byText.set(text, { text, endsInMs: longer(known, endsInMs), places });
    }
  }
  return [...byText.values()];
}

/**
 * Where these faults are at work among the nodes as they are now. Of a node that does not answer what was seen counts; of one
 * that does it may be out of date: a process that was started anew numbers its faults anew.
 */
export function placesNow(faults: readonly Fault[], nodes: NodesReply["nodes"]): Fault["places"] {
  const answering = new Set(nodes.filter(({ answers }) => answers).map(({ name }) => name));
  const seen = faults.flatMap(({ places }) => places).filter(({ node }) => !answering.has(node));
  const found = faultsOf(nodes).filter(({ text }) => faults.some((fault) => fault.text === text));
  return [...seen, ...found.flatMap(({ places }) => places)];
}

function longer(known: Fault | undefined, endsInMs: number | null): number | null {
  if (endsInMs === null || known?.endsInMs === null) return null;
  return Math.max(known?.endsInMs ?? 0, endsInMs);
}

/** The faults that are about a node: that name it, or that are at work in it and name nobody in particular. */
export function faultsAbout(node: string, faults: readonly Fault[]): Fault[] {
  return faults.filter(({ text, places }) => {
    const named = linkEnds(text)?.filter((name) => name !== "*") ?? [];
    return named.length > 0 ? named.includes(node) : places.some((place) => place.node === node);
  });
}

/** The nodes that the links of a fault lead from and to; null if it is not about links. */
function linkEnds(text: string): string[] | null {
  const match = /(\S+?)<?>(\S+)/.exec(text);
  return match && [match[1] ?? "", match[2] ?? ""].flatMap((names) => names.split(","));
}

/** Whether it lets nothing through on some link. */
export function isCut({ text }: Fault): boolean {
  return /^cut\b/i.test(text);
}

/** Whether it lets this very node do nothing. */
export function isPauseOf(node: string, { text, places }: Fault): boolean {
  return /^pause\b/i.test(text) && places.some((place) => place.node === node);
}

/**
 * What lets nothing through between two nodes, and where it is to begin; `*` is every other node. One that is down cannot be
 * told, and need not be: what begins at the other end keeps both apart, also once it is back.
 */
export function cutBetween(node: string, other: string, up: readonly string[]) {
  return { text: `cut ${node}<>${other}`, at: other === "*" ? up : [node, ...(up.includes(other) ? [other] : [])] };
}
