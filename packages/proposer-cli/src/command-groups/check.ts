import { checkHistoryCommand } from "../commands/check-history.js";
import { checkModelCommand } from "../commands/check-model.js";
import type { Command } from "../terminal/command.js";

/** What `synod check` groups, as its help lists it. */
export const CHECK_COMMANDS: readonly Command[] = [checkModelCommand, checkHistoryCommand];
