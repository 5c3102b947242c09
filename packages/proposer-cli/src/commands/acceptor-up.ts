import { bringUp } from "../acceptor-process.js";
import {
  addressOf,
  idsUpTo,
  knownServerCount,
  POOL_ID_OPTION,
  POOL_OPTIONS,
  poolSettings,
  withFolder,
} from "../pool-settings.js";
import type { Command } from "../terminal/command.js";
import { duration } from "../terminal/option-values.js";
import { type Deed, forEach, IDS_POSITIONAL, idsGiven, urlOf } from "./acceptor-pool.js";

export const acceptorUp: Command = {
  usage: "acceptor up [ids..]",
  summary: "Start acceptors in the background and wait until they answer; those that are up stay as they are",
  examples: [
    ["synod acceptor up 1 2 3 --server-count 3", "a pool of three"],
    ["synod acceptor up 2", "one of the pool that was started here, with the state it had"],
  ],
  positionals: IDS_POSITIONAL,
  options: {
    within: {
      type: "string",
      default: "15s",
      describe: "How long a server may take to get ready",
      coerce: duration("--within"),
    },
    ...POOL_ID_OPTION,
    ...POOL_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = poolSettings(args, terminal);
    const { folder } = settings;
    const serverCount = knownServerCount(settings);
    const ids = idsGiven(args, serverCount);
    const addresses = idsUpTo(serverCount).map((id) => addressOf(settings, id));
    withFolder(() => folder.readOrCreate(serverCount, args["pool-id"] as string | undefined));
    const up = async (server: number): Promise<Deed> => {
      const withinMs = args["within"] as number;
      const acceptor = await bringUp(settings, serverCount, server, withinMs, terminal.interrupted);
      // Remembered once it works: where nobody could listen, no later command should look.
      withFolder(() => folder.rememberAddresses(addresses));
      const { wasUp, notes } = acceptor;
      for (const note of notes) terminal.note(`acceptor ${server}: ${note}`);
      const { pid } = acceptor.server;
      const [address, wanted] = [urlOf(acceptor.server.address), urlOf(addressOf(settings, server))];
      if (address !== wanted) {
        terminal.warn(`acceptor ${server} runs at ${address}, not at ${wanted}: take it down and up to move it`);
      }
      const words = `${wasUp ? "already up" : "up"} at ${address} (pid ${pid})`;
      return { server, done: wasUp ? "already-up" : "started", words, pid, address, notes };
    };
    return forEach(ids, up, terminal);
  },
};
