import type { NodesReply } from "@synod/api";

/** A fault of a server, as it tells of it. */
export type NodeFault = NodesReply["nodes"][number]["faults"][number];

/** One direction of a link between two nodes. */
type Direction = readonly [from: string, to: string];

/** A link of a server that a fault of its own cuts. */
export interface BrokenLink {
  /** The node at the other end. */
  readonly to: string;
  /** Whether nothing gets through in either direction. */
  readonly isBothWays: boolean;
  /** The faults that cut it, wholly or in one direction. */
  readonly faults: readonly NodeFault[];
}

/** A fault and what it cuts. */
interface Cut {
  readonly fault: NodeFault;
  readonly directions: readonly Direction[];
}

/** The links that this server's own faults cut, whoever began them. */
export class BrokenLinks {
  readonly #self: string;
  readonly #cuts: readonly Cut[];

  private constructor(self: string, cuts: readonly Cut[]) {
    this.#self = self;
    this.#cuts = cuts;
  }

  /** @param nodes the names of all nodes @param faults those of this server */
  static async in(self: string, nodes: readonly string[], faults: readonly NodeFault[]): Promise<BrokenLinks> {
    // Loaded here, so that no other command pays for it.
    const { linksOf, parseFaults } = await import("@synod/simulator");
    const cuts = faults.map((fault) => {
      const links = parseFaults(fault.text).flatMap((one) => (one.kind === "cut" ? linksOf(one.links, nodes) : []));
      return { fault, directions: links.filter((direction) => direction.includes(self)) };
    });
    return new BrokenLinks(
      self,
      cuts.filter(({ directions }) => directions.length > 0),
    );
  }

  /** By the names of the nodes at the other end. */
  get all(): BrokenLink[] {
    const others = this.#cuts.flatMap(({ directions }) => directions.flat()).filter((name) => name !== this.#self);
    return [...new Set(others)].sort().flatMap((other) => this.linkTo(other) ?? []);
  }

  /** Null if nothing here cuts it. */
  linkTo(to: string): BrokenLink | null {
    const cuts = this.#cuts.filter(({ directions }) => directions.some((direction) => direction.includes(to)));
    if (cuts.length === 0) return null;
    const isCut = (from: string) =>
      cuts.some(({ directions }) => directions.some((one) => one[0] === from && one.includes(to)));
    return { to, isBothWays: isCut(this.#self) && isCut(to), faults: cuts.map(({ fault }) => fault) };
  }

  /**
   * What must begin anew when a link is mended, since the faults that end with it cut others, too; the empty text if
   * nothing.
   */
  othersCutWith(to: string): string {
    const ending = this.#cuts.filter(({ directions }) => directions.some((direction) => direction.includes(to)));
    const lines = ending.flatMap(({ fault: { endsInMs }, directions }) =>
      directions
        .filter((direction) => !direction.includes(to))
        .map(([from, other]) => `cut ${from}>${other}${endsInMs === null ? "" : ` for ${Math.max(1, endsInMs)}ms`}`),
    );
    return lines.join("\n");
  }
}
