import type { Input, LogMessage, Outgoing, Participant, Ready } from "@synod/consensus";

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

type Changes = { readonly [T in LogMessage["type"]]?: (message: LogMessage & { readonly type: T }) => LogMessage };

/** Changes messages of some types; the others pass. */
export function changing(message: LogMessage, changes: Changes): LogMessage {
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
