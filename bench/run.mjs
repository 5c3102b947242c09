/** `npm run bench [commands] [histories] [kv] [prepares] [simulator]`: all measurements, or those that are named. */
import { cpus } from "node:os";
import { benchCommands } from "./commands.mjs";
import { benchHistories } from "./histories.mjs";
import { benchKeyValue } from "./kv.mjs";
import { benchPrepares } from "./prepares.mjs";
import { benchSimulator } from "./simulator.mjs";

const benches = {
  commands: benchCommands,
  histories: benchHistories,
  kv: benchKeyValue,
  prepares: benchPrepares,
  simulator: benchSimulator,
};
const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`no such measurement: ${unknown.join(", ")}. There are: ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}
process.stdout.write(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model}), ${process.platform}\n`);
for (const [name, bench] of Object.entries(benches)) {
  if (names.length === 0 || names.includes(name)) await bench();
}
