import type { Command } from "../terminal/command.js";
import { SEND_OPTIONS, sendMessage } from "./send-message.js";

export const sendPrepare: Command = {
  usage: "send-prepare",
  summary: "Send one prepare to the servers you name, and show what each answers",
  examples: [
    ["send-prepare --id 7 --server-ids 1 2", "ask servers 1 and 2 to promise id 7"],
    ["send-prepare --id 7 --server-ids 1 2 --json | jq .receivedFrom", "who promised"],
  ],
  options: SEND_OPTIONS,
  run: (args, terminal) => {
    const request = { id: args["id"] as number, instance: args["instance"] as number };
    return sendMessage(
      {
        phase: "prepare",
        wanted: "promise",
        send: (client, { interrupted }) => client.prepare(request, { signal: interrupted }),
      },
      args,
      terminal,
    );
  },
};
