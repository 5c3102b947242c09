import type {
  Address,
  BlocksReply,
  ChainReply,
  GatewayStatusReply,
  LedgerMapReply,
  NodesReply,
  RequestsReply,
  TentativeReply,
} from "@synod/api";
import { NoAnswer } from "@synod/client";
import { type ServerSentEvent, serverSentEvents } from "@synod/client/server-sent-events";
import type { ClusterSettings, Node } from "../cluster/settings.js";
import { type Call, exchange, problemIn } from "../http-exchange.js";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";

/** How long an answer may take, in milliseconds: it is a server's own, from its memory and its files. */
const WITHIN_MS = 10_000;

/** Blocks that are shown. */
const SHOWN_BLOCKS = 20;
/** Keys that are shown. */
const SHOWN_KEYS = 100;

/**
 * What a server's prompt asks and tells the server, over the routes that anybody may use.
 *
 * Every method throws a `CommandFailure` if there is no answer, or another one than hoped for.
 */
export class OwnServer {
  readonly #address: Address;
  readonly #settings: ClusterSettings;
  readonly #end: AbortSignal;

  /** @param end ends what is under way */
  constructor(settings: ClusterSettings, node: Node, end: AbortSignal) {
    const gateway = node.roles.find(({ role }) => role === "gateway");
    if (!gateway)
      throw new CommandFailure(ExitCode.failure, "no-gateway", `${node.name} is no gateway, and has no prompt`);
    this.#address = gateway.address;
    this.#settings = settings;
    this.#end = end;
  }

  chain(): Promise<ChainReply> {
    return this.#get("/ledger/chain");
  }

  /** The last blocks of the chain. */
  async lastBlocks(): Promise<BlocksReply> {
    const { height } = await this.chain();
    const blocks: BlocksReply["blocks"] = [];
    let next: number | null = Math.max(1, height - SHOWN_BLOCKS + 1);
    for (;;) {
      const reply: BlocksReply = await this.#get(`/ledger/blocks?from=${next}&limit=${SHOWN_BLOCKS - blocks.length}`);
      blocks.push(...reply.blocks);
      next = reply.next;
      // Long blocks come in several answers; those that were added meanwhile, not at all.
      if (next === null || reply.blocks.length === 0 || blocks.length >= SHOWN_BLOCKS) return { ...reply, blocks };
    }
  }

  tentative(): Promise<TentativeReply> {
    return this.#get("/ledger/tentative");
  }

  /** The first keys of the map. */
  map(): Promise<LedgerMapReply> {
    return this.#get(`/ledger/map?limit=${SHOWN_KEYS}`);
  }

  requests(): Promise<RequestsReply> {
    return this.#get("/ledger/requests");
  }

  status(): Promise<GatewayStatusReply> {
    return this.#get("/status");
  }

  nodes(): Promise<NodesReply> {
    return this.#get("/nodes");
  }

  /** Begins faults, in the language of docs/faults.md. */
  async begin(faults: string): Promise<void> {
    await this.#ask({ method: "POST", path: "/faults", body: { faults } });
  }

  async heal(id: number): Promise<void> {
    await this.#ask({ method: "DELETE", path: `/faults?id=${id}` });
  }

  /** Kills this server's process, as `synod cluster fail` does. */
  async fail(node: string): Promise<void> {
    await this.#ask({ method: "POST", path: `/nodes/${encodeURIComponent(node)}/fail`, body: {} });
  }

  /** Every message of the cluster, from now on. */
  async *events(signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
    const { secret } = this.#settings;
    const headers: Record<string, string> = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
    yield* serverSentEvents(this.#address, "/events", { headers, signal });
  }

  async #get<T>(path: string): Promise<T> {
    return (await this.#ask({ path })) as T;
  }

  async #ask(call: Pick<Call, "method" | "path" | "body">): Promise<unknown> {
    const { clusterId, secret } = this.#settings;
    const headers = { "synod-cluster": clusterId };
    try {
      const asked = { ...call, headers, timeoutMs: WITHIN_MS, signal: this.#end, secret };
      const { status, body } = await exchange(this.#address, asked);
      if (status < 300) return body;
      const problem = problemIn(body);
      const detail = problem?.detail ?? `the server answers with HTTP status ${status}`;
      throw new CommandFailure(ExitCode.failure, problem?.code ?? "failure", detail);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw new CommandFailure(ExitCode.nobodyReachable, "unreachable", error.message);
    }
  }
}
