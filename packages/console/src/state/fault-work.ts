import type { NodesReply } from "@synod/api";
import type { Outcome, Request } from "../server/outcome.js";
import { type Fault, placesNow } from "../words/faults.js";

/** What is needed to break nodes and to mend them. Nothing of it throws. */
interface Ways {
  readonly request: (request: Request) => Promise<Outcome<unknown>>;
  /** All nodes as they are now; null if the gateway does not say. */
  readonly nodesNow: () => Promise<NodesReply["nodes"] | null>;
}

/**
 * Begins faults at nodes and ends them, one deed after the other: what is just being begun when it is to end has begun
 * everywhere before, and what is begun after it was to end is not ended with it.
 */
export class FaultWork {
  readonly #ways: Ways;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /** Begins these faults, in the language of docs/faults.md, at each of these nodes. */
  begin(nodes: readonly string[], faults: string): Promise<Outcome<unknown>[]> {
    return this.#inTurn(() =>
      nodes.map((node) => ({ method: "POST", path: `${pathOf(node)}/faults`, body: { faults } })),
    );
  }

  /** Ends these faults, wherever they are at work by now: since the page last looked they may have begun at more nodes. */
  heal(faults: readonly Fault[]): Promise<Outcome<unknown>[]> {
    return this.#inTurn(async () => {
      const places = placesNow(faults, (await this.#ways.nodesNow()) ?? []);
      return places.map(({ node, id }) => ({ method: "DELETE", path: `${pathOf(node)}/faults?id=${id}` }));
    });
  }

  /** Ends all faults of these nodes. */
  healAll(nodes: readonly string[]): Promise<Outcome<unknown>[]> {
    return this.#inTurn(() => nodes.map((node) => ({ method: "DELETE", path: `${pathOf(node)}/faults` })));
  }

  /** Asks all of this at once, as soon as every deed before it is over. */
  #inTurn(requests: () => readonly Request[] | Promise<readonly Request[]>): Promise<Outcome<unknown>[]> {
    const deed = async () => Promise.all((await requests()).map((one) => this.#ways.request(one)));
    const outcomes = this.#last.then(deed, deed);
    this.#last = outcomes;
    return outcomes;
  }
}

/** Where a node is broken and mended. */
export function pathOf(node: string): string {
  return `/nodes/${encodeURIComponent(node)}`;
}
