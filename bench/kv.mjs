/** The replicated store: the race with etcd, what each level costs, and that disks and restarts stay bounded. */
import { benchGrowth } from "./kv/growth.mjs";
import { benchLevels } from "./kv/levels.mjs";
import { readOptions, USAGE } from "./kv/options.mjs";
import { race } from "./kv/race.mjs";

const parts = { race, levels: benchLevels, growth: benchGrowth };

/** @param words the options, see kv/options.mjs */
export async function benchKeyValue(words = []) {
  const options = optionsOrEnd(words);
  for (const part of options.parts) await parts[part](options);
}

function optionsOrEnd(words) {
  try {
    const options = readOptions(words);
    if (options) return options;
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
