import type { GatewayStatusReply } from "@synod/api";
import type { Server, Servers } from "./servers.js";

/** How long until the leader is looked for again, in milliseconds: it may have changed without a failure. */
const USUALLY_MS = 30_000;
/** The same after a failure: then it may well have changed. */
const AFTER_FAILURE_MS = 1000;
/** How long a server may take to tell how the cluster is, in milliseconds. */
const WITHIN_MS = 1000;

/**
 * Where there are several gateways, finds the one in the leader's own process: what is asked there takes no further way.
 * Everything works without it, so that nobody waits for it, and whatever it cannot find out it leaves as it is.
 */
export class LeaderSearch {
  readonly #servers: Servers;
  #nextAt = 0;
  #failures = 0;
  #isLooking = false;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /** To be called now and then, when things go well. */
  perhaps(): void {
    if (this.#isLooking || this.#servers.all.length === 1) return;
    const now = performance.now();
    if (this.#failures !== this.#servers.failures) {
      this.#failures = this.#servers.failures;
      this.#nextAt = Math.min(this.#nextAt, now + AFTER_FAILURE_MS);
    }
    if (now < this.#nextAt) return;
    // At random moments, so that many clients do not look together.
    this.#nextAt = now + USUALLY_MS * (0.75 + Math.random() / 2);
    void this.#look();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const answers = await Promise.all(this.#servers.all.map((server) => this.#ask(server)));
    this.#isLooking = false;
    const leaders = answers.map((answer) => answer?.leaderNode).filter((node) => typeof node === "string");
    const nearest = answers.find((answer) => answer !== null && answer.node === leaders[0]);
    if (nearest && nearest.server !== this.#servers.preferred) this.#servers.prefer(nearest.server);
  }

  /** The node of this server, and that of the leader as it knows; null if it does not say. */
  async #ask(server: Server) {
    const { body } = await this.#servers.askOne(server, { method: "GET", path: "/status", body: null }, WITHIN_MS);
    try {
      const { leader, proposers, gateway } = body as GatewayStatusReply;
      const leaderNode = proposers.find(({ name }) => name === leader)?.node;
      return { server, node: gateway.node, leaderNode };
    } catch {
      // It has not the form of a gateway's status: whoever answers there is none.
      return null;
    }
  }
}
