import { ringClient } from "../commands/ring-client.js";
import { ringNode } from "../commands/ring-node.js";
import { ringRun } from "../commands/ring-run.js";
import { ringStats } from "../commands/ring-stats.js";
import type { Command } from "../terminal/command.js";

/** What `synod ring` groups, as its help lists it. */
export const RING_COMMANDS: readonly Command[] = [ringRun, ringNode, ringClient, ringStats];
