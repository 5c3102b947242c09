import type { Command } from "../terminal/command.js";
import { readValue, VALUE_OPTION } from "../value-option.js";
import { SEND_OPTIONS, sendMessage } from "./send-message.js";

export const sendAccept: Command = {
  usage: "send-accept",
  summary: "Send one accept to the servers you name, and show what each answers",
  examples: [
    ["send-accept --id 7 --server-ids 1 2 --value test-val", "ask servers 1 and 2 to accept test-val under id 7"],
    ["send-accept --id 7 --server-ids 1 2 --value - < file", "the same with the content of a file"],
  ],
  options: { ...SEND_OPTIONS, ...VALUE_OPTION },
  run: async (args, terminal) => {
    const value = await readValue(args, terminal);
    const request = { id: args["id"] as number, instance: args["instance"] as number, value };
    return sendMessage(
      {
        phase: "accept",
        wanted: "accepts",
        value,
        send: (client, { interrupted }) => client.accept(request, { signal: interrupted }),
      },
      args,
      terminal,
    );
  },
};
