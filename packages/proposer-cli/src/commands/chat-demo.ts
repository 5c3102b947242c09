import { DemoProgram } from "../chat-demo/demo-program.js";
import { CHAT_DEMO_OPTIONS } from "../chat-demo/demo-settings.js";
import { EndingSignals } from "../chat-demo/ending-signals.js";
import type { Command } from "../terminal/command.js";

export const chatDemo: Command = {
  usage: "chat demo",
  summary:
    "Run a chat of five nodes on two machines, and break it: a program on each, with a prompt; without a terminal it reads " +
    "commands from stdin, and runs on when those are at their end",
  examples: [
    [
      "synod chat demo --machine-id 1 --peer-ip 127.0.0.1",
      "and --machine-id 2 in a second terminal; then: status, test",
    ],
    [
      "synod chat demo --machine-id 1 --peer-ip 192.168.1.12 --secret-file chat.secret",
      "on two machines: the file is made, and is copied to the other one",
    ],
    [
      "synod chat demo --machine-id 2 --secret-file chat.secret",
      "the other machine is looked for on the local network",
    ],
    ["synod chat demo --machine-id 1 --peer-ip 127.0.0.1 --skip-clear", "go on with the data from before"],
  ],
  options: CHAT_DEMO_OPTIONS,
  run: async (args, terminal) => {
    const ending = new EndingSignals(terminal.interrupted);
    try {
      return await new DemoProgram(args, terminal, ending).run();
    } finally {
      ending.close();
    }
  },
};
