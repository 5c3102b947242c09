import { acceptorDown } from "../commands/acceptor-down.js";
import { acceptorReset } from "../commands/acceptor-reset.js";
import { acceptorRun } from "../commands/acceptor-run.js";
import { acceptorStatus } from "../commands/acceptor-status.js";
import { acceptorUp } from "../commands/acceptor-up.js";
import type { Command } from "../terminal/command.js";

/** What `synod acceptor` groups, as its help lists it. */
export const ACCEPTOR_COMMANDS: readonly Command[] = [
  acceptorUp,
  acceptorDown,
  acceptorStatus,
  acceptorReset,
  acceptorRun,
];
