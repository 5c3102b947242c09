import type { Input, NodeId, Ready } from "../core/participant.js";
import { type ProposerMessage, SINGLE_DECREE } from "../paxos/messages.js";
import type { ProposeCommand, ProposerReply, ProposerWrite } from "../paxos/proposer-state.js";
import type { Proposed, RingPropose } from "./messages.js";
import { type ProposerPart, put, type RingOutbox } from "./parts.js";

/** What a proposer knows of one client. */
interface ClientRequest {
  readonly number: number;
  readonly value: string;
  /** How its proposal ended; null while it waits for its turn or is under way. */
  readonly end: Proposed | null;
}

/** The proposer among the nodes of a ring: the toolkit's own, for one client after the other. */
export class ProposerRole {
  readonly #proposer: ProposerPart;
  readonly #requests = new Map<NodeId, ClientRequest>();
  /** Clients that wait for their turn, and before them the one whose turn it is. */
  #queue: NodeId[] = [];
  #isBusy = false;

  constructor(proposer: ProposerPart) {
    this.#proposer = proposer;
  }

  get state(): unknown {
    return { proposer: this.#proposer.state, requests: Object.fromEntries(this.#requests), queue: this.#queue };
  }

  /** A client asks. A request that was heard before is not carried out again: its end is told, once there is one. */
  ask(client: NodeId, { number, value }: RingPropose, outbox: RingOutbox): void {
    const before = this.#requests.get(client);
    if (before && number < before.number) return;
    if (before && number === before.number) {
      if (before.end) outbox.send(client, before.end);
      return;
    }
    this.#requests.set(client, { number, value, end: null });
    if (!this.#queue.includes(client)) this.#queue.push(client);
    this.#next(outbox);
  }

  /** Whatever acceptors say, and timers. */
  step(input: Input<ProposerMessage, ProposeCommand>, outbox: RingOutbox): void {
    this.#take(this.#proposer.step(input), outbox);
  }

  #next(outbox: RingOutbox): void {
    const [client] = this.#queue;
    const request = client === undefined ? undefined : this.#requests.get(client);
    if (this.#isBusy || client === undefined || request === undefined) return;
    this.#isBusy = true;
    const command: ProposeCommand = { instance: SINGLE_DECREE, value: request.value, id: null };
    this.step({ kind: "propose", requestId: `${client} ${request.number}`, command }, outbox);
  }

  #take(ready: Ready<ProposerMessage, ProposerWrite, ProposeCommand, ProposerReply>, outbox: RingOutbox): void {
    put(outbox, ready);
    for (const { requestId, reply } of ready.replies) this.#ended(requestId, reply, outbox);
  }

  #ended(requestId: string, { outcome, mayStillBeChosen, attempts }: ProposerReply, outbox: RingOutbox): void {
    const [client = "", count] = requestId.split(" ");
    const request = this.#requests.get(client);
    this.#isBusy = false;
    this.#queue = this.#queue.filter((one) => one !== client);
    // The client has asked for something else meanwhile: that waits its turn.
    if (request && request.number !== Number(count)) this.#queue.push(client);
    else if (request) {
      const wasSent = attempts.some(({ acceptsSentTo, value }) => acceptsSentTo.length > 0 && value === request.value);
      const end: Proposed = {
        type: "proposed",
        number: request.number,
        outcome,
        mayStillBeChosen: mayStillBeChosen || wasSent,
      };
      this.#requests.set(client, { ...request, end });
      outbox.send(client, end);
    }
    this.#next(outbox);
  }
}
