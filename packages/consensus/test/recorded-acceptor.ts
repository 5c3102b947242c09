import { Acceptor } from "../src/paxos/acceptor.js";
import {
  type AcceptorState,
  type AcceptorWrite,
  applyAcceptorWrite,
  freshAcceptorState,
} from "../src/paxos/acceptor-state.js";
import type { Accept, AcceptorReply, AcceptorRequest, Prepare } from "../src/paxos/messages.js";

/** An acceptor together with everything it ever wrote, so that it can be restarted from that and nothing else. */
export class RecordedAcceptor {
  readonly writes: AcceptorWrite[] = [];
  #acceptor = new Acceptor();

  get state(): AcceptorState {
    return this.#acceptor.state;
  }

  ask<R extends AcceptorReply = AcceptorReply>(request: AcceptorRequest): R {
    const { writes, messages } = this.#acceptor.step({ kind: "message", from: "asker", message: request });
    this.writes.push(...writes);
    const [answer] = messages;
    if (!answer || messages.length > 1 || answer.to !== "asker") throw new Error("not exactly one answer to the asker");
    return answer.message as R;
  }

  /** The power fails after everything was written, and comes back. */
  restart(): void {
    this.#acceptor = new Acceptor(folded(this.writes));
  }

  /** Somebody who knows what is decided cuts the log off. */
  truncate(through: number): void {
    this.writes.push({ kind: "truncated", through });
    this.restart();
  }
}

export function folded(writes: readonly AcceptorWrite[]): AcceptorState {
  const state = freshAcceptorState();
  for (const write of writes) applyAcceptorWrite(state, write);
  return state;
}

export function prepare(id: number, instance = 1): Prepare {
  return { type: "prepare", id, instance };
}

export function accept(id: number, value: string, instance = 1): Accept {
  return { type: "accept", id, instance, value };
}
