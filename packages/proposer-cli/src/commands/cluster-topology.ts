import { isPreset, PRESETS, preset, printTopology } from "@synod/replica-server/topology";
import { CLUSTER_OPTIONS, clusterIfAny } from "../cluster/settings.js";
import type { Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { noSuchName } from "../terminal/suggestion.js";

export const clusterTopology: Command = {
  usage: "cluster topology [preset]",
  summary: "Print a topology as a file to edit: that of a preset, or of the cluster that was started here",
  examples: [
    ["synod cluster topology kv > mine.yaml", "then edit it, and: synod cluster start mine.yaml"],
    ["synod cluster topology", "that of the cluster that was started here; if there is none, the preset kv"],
  ],
  positionals: {
    preset: {
      type: "string",
      describe: Object.entries(PRESETS)
        .map(([name, what]) => `${name}: ${what}`)
        .join("; "),
    },
  },
  options: CLUSTER_OPTIONS,
  run: async (args, terminal) => {
    const asked = args["preset"] as string | undefined;
    if (asked !== undefined && !isPreset(asked))
      throw new UsageError(noSuchName("preset", asked, Object.keys(PRESETS)));
    const topology = asked === undefined ? (clusterIfAny(args, terminal)?.topology ?? preset("kv")) : preset(asked);
    if (!terminal.json) terminal.data(printTopology(topology));
    return { exitCode: ExitCode.done, document: topology };
  },
};
