import type { Topology } from "@synod/api";
import type { Application } from "./application.js";
import { chat } from "./chat/chat.js";
import { keyValue } from "./key-value/key-value.js";
import { ledger } from "./ledger/ledger.js";

/** What runs on the log of this cluster, for one process. */
export function applicationOf(topology: Topology): Application {
  switch (topology.application) {
    case "key-value":
      return keyValue;
    case "ledger":
      return ledger(topology);
    case "chat":
      return chat();
  }
}
