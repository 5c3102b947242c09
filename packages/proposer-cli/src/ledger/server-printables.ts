import { formatAddress } from "@synod/api";
import type { ClusterSettings, Node } from "../cluster/settings.js";
import { serversOf } from "../cluster/start-nodes.js";
import { BrokenLinks } from "./broken-links.js";
import type { OwnServer } from "./own-server.js";
import type { Printable } from "./prompt-line.js";
import { chainLines, mapLines, requestLines } from "./server-texts.js";

/** A server as it is called at a prompt. */
export interface ServerPlace {
  readonly node: string;
  /** Of its gateway. */
  readonly port: number;
  /** The same with its host. */
  readonly address: string;
}

/** What can be seen from one server of a ledger, over its own routes. */
export class ServerView {
  readonly server: OwnServer;
  /** The name of its node. */
  readonly self: string;
  /** Every server of the ledger, this one too. */
  readonly places: readonly ServerPlace[];
  readonly #nodes: readonly string[];

  constructor(server: OwnServer, { topology }: ClusterSettings, { name }: Node) {
    this.server = server;
    this.self = name;
    this.#nodes = topology.nodes.map((node) => node.name);
    this.places = serversOf(topology, "gateway").map(({ node, address }) => ({
      ...{ node, port: address.port, address: formatAddress(address) },
    }));
  }

  /** The links that a server's own faults cut: of this one, unless another is named. */
  async brokenLinks(at = this.self): Promise<BrokenLinks> {
    const { nodes } = await this.server.nodes();
    return BrokenLinks.in(at, this.#nodes, nodes.find(({ name }) => name === at)?.faults ?? []);
  }
}

/** What was looked at: for programs, and for people. */
interface Seen {
  readonly document: unknown;
  readonly lines: readonly string[];
}

/** What there is to print, and how one looks at it. */
interface ServerPrintable extends Printable {
  readonly look: (from: ServerView) => Promise<Seen>;
}

export const SERVER_PRINTABLES: readonly ServerPrintable[] = [
  { name: "brokenLinks", short: "bl", summary: "links that are broken at this server", look: lookAtLinks },
  {
    name: "blockchain",
    short: "bc",
    summary: "the last blocks, and what is accepted and not known to be chosen",
    look: async ({ server }) => {
      const decided = await server.lastBlocks();
      const tentative = await server.tentative();
      const document = { ...decided, tentative: tentative.entries };
      return { document, lines: chainLines(decided, tentative) };
    },
  },
  {
    name: "depth",
    short: "d",
    summary: "how many blocks there are",
    look: async ({ server }) => {
      const { height } = await server.chain();
      return { document: height, lines: [String(height)] };
    },
  },
  {
    name: "kvstore",
    short: "kv",
    summary: "the keys and their values",
    look: async ({ server }) => {
      const map = await server.map();
      return { document: map, lines: mapLines(map) };
    },
  },
  {
    name: "requestQueue",
    short: "rq",
    summary: "what this server was asked and has not answered",
    look: async ({ server }) => {
      const requests = await server.requests();
      return { document: requests.requests, lines: requestLines(requests) };
    },
  },
  { name: "serverList", short: "sl", summary: "every server, by its port", look: lookAtServers },
];

async function lookAtLinks(from: ServerView): Promise<Seen> {
  const { all } = await from.brokenLinks();
  const document = all.map(({ to, faults }) => {
    const port = from.places.find(({ node }) => node === to)?.port ?? null;
    return { port, server: to, faults: faults.map(({ text }) => text) };
  });
  const lines = document.map(({ port, server, faults }) => `${port ?? "no port"} (${server}): ${faults.join("; ")}`);
  return { document, lines: lines.length === 0 ? ["No link is broken"] : lines };
}

async function lookAtServers(from: ServerView): Promise<Seen> {
  const [{ nodes }, { leader, proposers }] = await Promise.all([from.server.nodes(), from.server.status()]);
  const leading = proposers.find(({ name }) => name === leader)?.node;
  const links = await from.brokenLinks();
  const document = from.places.map(({ node, address }) => ({
    ...{ server: node, address },
    up: nodes.find(({ name }) => name === node)?.answers ?? false,
    leads: node === leading,
    self: node === from.self,
    linkBroken: node !== from.self && links.linkTo(node) !== null,
  }));
  const lines = document.map(({ server, address, up, leads, self, linkBroken }) => {
    const state = [up ? "up" : "down", leads && "leads", self && "this server", linkBroken && "link broken here"];
    return `${address} ${server}: ${state.filter((one) => one !== false).join(", ")}`;
  });
  return { document, lines };
}
