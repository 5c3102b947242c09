import { isPreset, PRESETS, printTopology } from "@synod/replica-server/topology";
import { PRESET_OPTIONS, presetFor, refuseToMove, refuseToReshape } from "../cluster/preset-options.js";
import { CLUSTER_OPTIONS, clusterIfAny } from "../cluster/settings.js";
import type { Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { noSuchName } from "../terminal/suggestion.js";

export const clusterTopology: Command = {
  usage: "cluster topology [preset]",
  summary: "Print a topology as a file to edit: that of a preset, or of the cluster that was started here",
  examples: [
    ["synod cluster topology kv > mine.yaml", "then edit it, and: synod cluster start mine.yaml"],
    ["synod cluster topology kv --engine raft --nodes 3", "the same store on three servers of Raft"],
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
  options: { ...PRESET_OPTIONS, ...CLUSTER_OPTIONS },
  run: async (args, terminal) => {
    const asked = args["preset"] as string | undefined;
    if (asked !== undefined && !isPreset(asked))
      throw new UsageError(noSuchName("preset", asked, Object.keys(PRESETS)));
    const known = asked === undefined ? clusterIfAny(args, terminal) : null;
    if (known) {
      refuseToMove(known, args);
      refuseToReshape(known, args);
    }
    const topology = known?.topology ?? presetFor(asked ?? "kv", args);
    if (!terminal.json) terminal.data(printTopology(topology));
    return { exitCode: ExitCode.done, document: topology };
  },
};
