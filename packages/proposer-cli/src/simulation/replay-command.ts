import type { Asked } from "./asked.js";
import { SETTING_FLAGS } from "./options.js";

/** The settings that have an option of their own. */
const FLAGS: ReadonlySet<string> = new Set(SETTING_FLAGS);

/**
 * The line that runs this seed again in the same world: what was chosen and is not the rule, and the seed.
 *
 * @param more options to add, in the form of words
 */
export function replayCommand(
  { protocol, mutation, experiment, faultsFile }: Pick<Asked, "protocol" | "mutation" | "experiment" | "faultsFile">,
  seed: number,
  more: readonly string[] = [],
): string {
  const usual = { ...mutation?.settings };
  const settings = Object.entries(experiment.settings).filter(
    ([name, value]) => value !== (usual[name] ?? protocol.settings[name]?.default),
  );
  const words = [
    ...asOption("--protocol", experiment.protocol),
    ...settings.flatMap(([name, value]) =>
      FLAGS.has(name) ? [`--${name}`, `${value}`] : ["--set", `${name}=${value}`],
    ),
    ...["--seeds", String(seed)],
    ...(mutation === null ? [] : ["--mutate", mutation.name]),
    ...(faultsFile === null ? [] : asOption("--faults", faultsFile)),
    ...(experiment.properties === null ? [] : ["--properties", experiment.properties.join(",")]),
    ...more,
  ];
  return ["synod", "simulate", ...words.map(quoted)].join(" ");
}

/** A value that begins like an option has to be tied to its own. */
function asOption(flag: string, value: string): string[] {
  return value.startsWith("-") && value !== "-" ? [`${flag}=${value}`] : [flag, value];
}

/** The word as a POSIX shell has to be given it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
