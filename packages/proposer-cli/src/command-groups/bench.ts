import { benchKv } from "../commands/bench-kv.js";
import type { Command } from "../terminal/command.js";

/** What `synod bench` groups, as its help lists it. */
export const BENCH_COMMANDS: readonly Command[] = [benchKv];
