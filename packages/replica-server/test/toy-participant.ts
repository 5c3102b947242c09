import type { Input, LogMessage, Participant, Ready } from "@synod/consensus";
import { ready } from "@synod/consensus";

/** Writes that the toy is told to make. */
export interface ToyWrite {
  readonly text: string;
}

type Step = Ready<LogMessage, ToyWrite, string, string>;

/**
 * A participant that does as it is told: a heartbeat is answered, one with an even id after a write; what is proposed is
 * done at once, or never, by its name.
 */
export class ToyParticipant implements Participant<LogMessage, ToyWrite, string, string> {
  readonly inputs: Input<LogMessage, string>[] = [];

  get state() {
    return this.inputs.length;
  }

  step(input: Input<LogMessage, string>): Step {
    this.inputs.push(input);
    if (input.kind === "timeout") return ready({ replies: [{ requestId: input.timer, reply: "the timer went off" }] });
    if (input.kind === "propose") return this.#propose(input.requestId, input.command);
    if (input.kind === "durable") return ready({});
    const { message, from } = input;
    if (message.type !== "heartbeat") return ready({});
    if (message.id === 13) throw new Error("the toy is broken");
    const writes = message.id % 2 === 0 ? [{ text: `write ${message.id}` }] : [];
    return ready({ writes, messages: [{ to: from, message: { type: "heartbeat-heard", highestId: message.id } }] });
  }

  #propose(requestId: string, command: string): Step {
    switch (command) {
      case "reply":
        return ready({ replies: [{ requestId, reply: "done" }] });
      case "reply later":
        return ready({ timers: [{ timer: requestId, afterMs: 1 }] });
      case "send":
        return ready({ messages: [{ to: "peer1", message: { type: "read-barrier", requestId } }] });
      case "decide":
        return ready({ decided: [{ slot: 7, command: "seven" }] });
      default:
        return ready({});
    }
  }
}

export function heartbeat(id: number): LogMessage {
  return { type: "heartbeat", leader: "proposer1", id, settledThrough: 0 };
}
