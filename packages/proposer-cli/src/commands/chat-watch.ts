import type { ChatLoginEvent, StreamConnection } from "@synod/client";
import { askInName } from "../chat/ask-chat.js";
import { LOGIN_OPTIONS } from "../chat/chat-servers.js";
import { eventText } from "../chat/chat-text.js";
import type { Command } from "../terminal/command.js";
import { endOf } from "../terminal/end-of.js";
import { ExitCode } from "../terminal/exit-code.js";
import { duration, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

export const chatWatch: Command = {
  usage: "chat watch",
  summary: "Print what happens in one's conversations as it happens, from whichever node, until Ctrl-C",
  examples: [
    ["synod chat watch", "messages, and what is read and deleted"],
    ["synod chat watch --json | jq -c .", "an event a line"],
    ["synod chat watch --count 1 --for 30s", "until something happens, half a minute at most"],
  ],
  options: {
    count: {
      type: "string",
      describe: "End after so many events",
      coerce: wholeNumber("--count", 1, Number.MAX_SAFE_INTEGER),
    },
    for: { type: "string", describe: "End after this time, such as 30s (default: Ctrl-C)", coerce: duration("--for") },
    ...LOGIN_OPTIONS,
    timeout: {
      ...LOGIN_OPTIONS.timeout,
      describe: "How long to try to connect, at first and when a connection broke",
    },
  },
  run: (args, terminal) =>
    askInName(args, terminal, async (login) => {
      const {
        count = Number.POSITIVE_INFINITY,
        for: spanMs,
        timeout,
      } = args as Readonly<Record<string, number | undefined>>;
      const signal = endOf([terminal.interrupted, terminal.outputClosed], spanMs);
      const onConnection = connectionTeller(terminal);
      const events = login.events({ signal, onConnection, ...(timeout === undefined ? {} : { timeoutMs: timeout }) });
      let told = 0;
      for await (const event of events) {
        tell(event, login.user, terminal);
        if (++told >= count) break;
      }
      terminal.interrupted.throwIfAborted();
      return { exitCode: ExitCode.done };
    }),
};

/** Tells of the first connection, and of each that takes the place of another. */
function connectionTeller(terminal: Terminal): (connection: StreamConnection) => void {
  return ({ server, lost }) => {
    terminal.note(lost === null ? `listening at ${server}` : `${lost}; going on at another node`);
  };
}

function tell(event: ChatLoginEvent, user: string, terminal: Terminal): void {
  if (terminal.json) terminal.data(`${JSON.stringify(event)}\n`);
  else terminal.line(eventText(event, user, terminal.colors, Date.now()));
}
