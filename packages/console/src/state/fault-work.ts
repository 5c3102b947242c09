import type { NodesReply } from "@synod/api";
import type { Outcome, Request } from "../server/outcome.js";
import { type Fault, placesOf } from "../words/faults.js";

/** What is needed to break nodes and to mend them. Nothing of it throws. */
interface Ways {
  readonly request: (request: Request) => Promise<Outcome<unknown>>;
  /** All nodes as they are now; null if the gateway does not say. */
  readonly nodesNow: () => Promise<NodesReply["nodes"] | null>;
}

/** Begins faults at nodes and ends them: what is just being begun when it is to end has begun everywhere before. */
export class FaultWork {
  readonly #ways: Ways;
  readonly #beginning = new Set<Promise<unknown>>();

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /** Begins these faults, in the language of docs/faults.md, at each of these nodes. */
  async begin(nodes: readonly string[], faults: string): Promise<Outcome<unknown>[]> {
    const { request } = this.#ways;
    const begun = Promise.all(
      nodes.map((node) => request({ method: "POST", path: `${pathOf(node)}/faults`, body: { faults } })),
    );
    this.#beginning.add(begun);
    const outcomes = await begun;
    this.#beginning.delete(begun);
    return outcomes;
  }

  /** Ends these faults, wherever they are at work by now: since the page last looked they may have begun at more nodes. */
  async heal(faults: readonly Fault[]): Promise<Outcome<unknown>[]> {
    const { request, nodesNow } = this.#ways;
    await Promise.all(this.#beginning);
    const places = placesOf(faults, (await nodesNow()) ?? []);
    return Promise.all(
      places.map(({ node, id }) => request({ method: "DELETE", path: `${pathOf(node)}/faults?id=${id}` })),
    );
  }

  /** Ends all faults of these nodes. */
  async healAll(nodes: readonly string[]): Promise<Outcome<unknown>[]> {
    const { request } = this.#ways;
    await Promise.all(this.#beginning);
    return Promise.all(nodes.map((node) => request({ method: "DELETE", path: `${pathOf(node)}/faults` })));
  }
}

/** Where a node is broken and mended. */
export function pathOf(node: string): string {
  return `/nodes/${encodeURIComponent(node)}`;
}
