import { RequestRefused } from "@synod/acceptor-server";
import { type Address, CLUSTER_HEADER, type FaultsReply, formatAddress, type NodesReply } from "@synod/api";
import { FaultsReplySchema } from "@synod/api/schemas";
import { type Transport, type TransportAnswer, undiciTransport } from "@synod/client";
import { Compile } from "typebox/compile";
import type { RoleContext } from "../roles/role-context.js";

/** How long a node may take to tell its faults, and to begin or end one, in milliseconds. */
const LOOK_WITHIN_MS = 1000;
const DEED_WITHIN_MS = 3000;

type SeenNode = NodesReply["nodes"][number];

/**
 * The way from a gateway to every node's process, for a person who looks at it or breaks it: no fault of a link meets what
 * goes this way, so that what was cut can always be healed.
 */
export class ClusterNodes {
  readonly #context: RoleContext;
  readonly #transports: ReadonlyMap<string, Transport>;
  #looking: Promise<SeenNode[]> | null = null;
  /** The look after that one, which begins when it is done. */
  #lookingNext: Promise<SeenNode[]> | null = null;

  constructor(context: RoleContext) {
    this.#context = context;
    const ways = context.topology.nodes.flatMap(({ name, roles: [first] }) => {
      return first ? [[name, undiciTransport(reachable(first.address))] as const] : [];
    });
    this.#transports = new Map(ways);
  }

  /** @throws {RequestRefused} `unknown-node` */
  check(node: string): void {
    if (this.#transports.has(node)) return;
    const names = [...this.#transports.keys()].join(", ");
    throw new RequestRefused("unknown-node", `there is no node ${node}; there is ${names}`);
  }

  /**
   * Every node, and what is wrong with it on purpose. All who ask while a look is under way are told what the next one
   * finds: the one under way may have missed what was done before they asked.
   */
  look(): Promise<SeenNode[]> {
    if (this.#looking === null) return this.#begin();
    const next = () => {
      this.#lookingNext = null;
      return this.#begin();
    };
    this.#lookingNext ??= this.#looking.then(next, next);
    return this.#lookingNext;
  }

  #begin(): Promise<SeenNode[]> {
    this.#looking = this.#lookNow().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /**
   * Passes a request on to the server of a node, and its answer back, whatever it is.
   *
   * @throws {RequestRefused} `unknown-node`, `node-unreachable`
   */
  async exchange(node: string, method: "POST" | "DELETE", path: string, body: unknown): Promise<TransportAnswer> {
    this.check(node);
    const answer = await this.#ask(node, { method, path, body, withinMs: DEED_WITHIN_MS });
    if (answer) return answer;
    throw new RequestRefused(
      "node-unreachable",
      `${node} does not answer: it may be down, and then nothing of this happened. Recover it first, or look again`,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }

  async #lookNow(): Promise<SeenNode[]> {
    return Promise.all(
      this.#context.topology.nodes.map(async ({ name, roles }): Promise<SeenNode> => {
        const answer = await this.#ask(name, { method: "GET", path: "/faults", body: null, withinMs: LOOK_WITHIN_MS });
        const told = answer?.status === 200 ? faultsIn(answer.text) : null;
        // Where nobody may break the cluster, a node refuses to tell, and so answers.
        const answers = told !== null || answer?.status === 403;
        const faults = told ?? [];
        const seen = roles.map((one) => ({ name: one.name, role: one.role, address: formatAddress(one.address) }));
        return { name, roles: seen, answers, faults };
      }),
    );
  }

  /** @returns null if there is no whole answer */
  async #ask(
    node: string,
    request: { method: "GET" | "POST" | "DELETE"; path: string; body: unknown; withinMs: number },
  ): Promise<TransportAnswer | null> {
    const { method, path, body, withinMs } = request;
    const { clusterId, secret } = this.#context;
    const headers = {
      [CLUSTER_HEADER]: clusterId,
      ...(body === null ? {} : { "content-type": "application/json" }),
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    };
    const text = body === null ? null : JSON.stringify(body);
    const signal = AbortSignal.timeout(withinMs);
    try {
      return (await this.#transports.get(node)?.exchange({ method, path, headers, body: text, signal })) ?? null;
    } catch {
      // Nobody listens there, or nobody answers: for who looks from here it is the same.
      return null;
    }
  }
}

const faultsReply = Compile(FaultsReplySchema);

/** @returns null if a node does not speak so: another program may be at the address of one that is down */
function faultsIn(text: string): FaultsReply["faults"] | null {
  try {
    const body: unknown = JSON.parse(text);
    return faultsReply.Check(body) ? body.faults : null;
  } catch {
    return null;
  }
}

/** A server that listens on all addresses of its machine is asked at one of them. */
function reachable({ host, port }: Address): Address {
  if (host === "0.0.0.0") return { host: "127.0.0.1", port };
  return host === "::" ? { host: "::1", port } : { host, port };
}
