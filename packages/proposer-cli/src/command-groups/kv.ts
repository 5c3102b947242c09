import { kvCas } from "../commands/kv-cas.js";
import { kvDelete } from "../commands/kv-delete.js";
import { kvGet } from "../commands/kv-get.js";
import { kvPut } from "../commands/kv-put.js";
import { kvStatus } from "../commands/kv-status.js";
import { kvWatch } from "../commands/kv-watch.js";
import type { Command } from "../terminal/command.js";

/** What `synod kv` groups, as its help lists it. */
export const KV_COMMANDS: readonly Command[] = [kvPut, kvGet, kvCas, kvDelete, kvWatch, kvStatus];
