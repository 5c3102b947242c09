import type { Input, LogMessage, NodeId, Outgoing, Participant, Ready } from "@synod/consensus";

/** What stands between a role and its host; what is not named passes unchanged. */
export interface Between<W, C, R> {
  /** Changes what the role hears. */
  readonly input?: (input: Input<LogMessage, C>) => Input<LogMessage, C>;
  /** Changes what it wants. */
  readonly output?: (ready: Ready<LogMessage, W, C, R>) => Ready<LogMessage, W, C, R>;
}

/** The real role with something between it and its host. */
export function wrapped<W, C = never, R = never>(
  part: Participant<LogMessage, W, C, R>,
  { input = (one) => one, output = (one) => one }: Between<W, C, R>,
): Participant<LogMessage, W, C, R> {
  return {
    step: (heard) => output(part.step(input(heard))),
    get state() {
      return part.state;
    },
  };
}

/** The real role, which hears each message of this type as if every one of these had sent it. */
export function hearingFromAll<W, C, R>(
  part: Participant<LogMessage, W, C, R>,
  type: LogMessage["type"],
  senders: readonly NodeId[],
): Participant<LogMessage, W, C, R> {
  return {
    step: (input) => {
      if (input.kind !== "message" || input.message.type !== type) return part.step(input);
      const steps = senders.map((from) => part.step({ ...input, from }));
      return {
        writes: steps.flatMap(({ writes }) => writes),
        messages: steps.flatMap(({ messages }) => messages),
        replies: steps.flatMap(({ replies }) => replies),
        timers: steps.flatMap(({ timers }) => timers),
        decided: steps.flatMap(({ decided }) => decided),
      };
    },
    get state() {
      return part.state;
    },
  };
}

type Changes = { readonly [T in LogMessage["type"]]?: (message: LogMessage & { readonly type: T }) => LogMessage };

/** Changes messages of some types; the others pass. */
function changing(message: LogMessage, changes: Changes): LogMessage {
  const change = changes[message.type] as ((one: LogMessage) => LogMessage) | undefined;
  return change ? change(message) : message;
}

/** Hears messages of some types in other words. */
export function hearing<C>(changes: Changes): (input: Input<LogMessage, C>) => Input<LogMessage, C> {
  return (input) => (input.kind === "message" ? { ...input, message: changing(input.message, changes) } : input);
}

/** Sends other messages, or more, or none. */
export function sending<W, C, R>(
  change: (outgoing: Outgoing<LogMessage>) => readonly Outgoing<LogMessage>[],
): (ready: Ready<LogMessage, W, C, R>) => Ready<LogMessage, W, C, R> {
  return (ready) => ({ ...ready, messages: ready.messages.flatMap(change) });
}
