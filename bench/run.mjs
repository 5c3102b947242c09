/**
 * `npm run bench [chat] [client] [commands] [histories] [kv] [load] [prepares] [raft-failover] [simulator]`: those that are named; without
 * a name all but load and raft-failover, which take ten minutes and five.
 * `npm run bench -- kv --only puts64 --rounds 1` passes options on to kv, see kv/options.mjs;
 * `npm run bench -- raft-failover --kills 5` those of raft-failover.
 */
import { cpus } from "node:os";
import { benchChat } from "./chat.mjs";
import { benchClient } from "./client.mjs";
import { benchCommands } from "./commands.mjs";
import { benchHistories } from "./histories.mjs";
import { benchKeyValue } from "./kv.mjs";
import { benchLoad } from "./load.mjs";
import { benchPrepares } from "./prepares.mjs";
import { benchRaftFailover } from "./raft-failover.mjs";
import { benchSimulator } from "./simulator.mjs";

const benches = {
  chat: benchChat,
  client: benchClient,
  commands: benchCommands,
  histories: benchHistories,
  kv: benchKeyValue,
  load: benchLoad,
  prepares: benchPrepares,
  "raft-failover": benchRaftFailover,
  simulator: benchSimulator,
};
/** Only where they are named. */
const TAKE_LONG = ["load", "raft-failover"];
const words = process.argv.slice(2);
const optionsAt = words.findIndex((word) => word.startsWith("-"));
const names = optionsAt < 0 ? words : words.slice(0, optionsAt);
const options = optionsAt < 0 ? [] : words.slice(optionsAt);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0)
  misused(`no such measurement: ${unknown.join(", ")}. There are: ${Object.keys(benches).join(", ")}`);
const TAKE_OPTIONS = ["kv", "raft-failover"];
if (options.length > 0 && !TAKE_OPTIONS.includes(names.join()))
  misused("options belong to kv or raft-failover alone: npm run bench -- kv --rounds 1");

process.stdout.write(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model}), ${process.platform}\n`);
for (const [name, bench] of Object.entries(benches)) {
  if (names.length === 0 ? !TAKE_LONG.includes(name) : names.includes(name)) await bench(options);
}

function misused(text) {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}
