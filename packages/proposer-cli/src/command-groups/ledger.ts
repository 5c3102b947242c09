import { ledgerClient } from "../commands/ledger-client.js";
import { ledgerGet } from "../commands/ledger-get.js";
import { ledgerPut } from "../commands/ledger-put.js";
import { ledgerServer } from "../commands/ledger-server.js";
import { ledgerShow } from "../commands/ledger-show.js";
import { ledgerVerify } from "../commands/ledger-verify.js";
import type { Command } from "../terminal/command.js";

/** What `synod ledger` groups, as its help lists it. */
export const LEDGER_COMMANDS: readonly Command[] = [
  ledgerServer,
  ledgerClient,
  ledgerPut,
  ledgerGet,
  ledgerShow,
  ledgerVerify,
];
