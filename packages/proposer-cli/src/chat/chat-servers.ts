import { defaultChatAddress } from "@synod/api";
import type { Options } from "yargs";
import { type ApplicationPlace, type ApplicationServers, applicationServers } from "../cluster/application-servers.js";
import { CLUSTER_OPTIONS } from "../cluster/settings.js";
import type { Arguments } from "../terminal/command.js";
import { duration, name, servers } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** The options that say which chat a command speaks to. */
export const CHAT_OPTIONS = {
  servers: {
    type: "string",
    describe:
      "Addresses of the chat's nodes as host:port,host:port,... (SYNOD_CHAT; default: those of the chat in this home, " +
      "else 127.0.0.1:50051 and on)",
    coerce: servers("--servers"),
  },
  timeout: {
    type: "string",
    default: "10s",
    describe: "How long a request may take, whichever nodes it takes: 500ms, 2s (a bare number is milliseconds)",
    coerce: duration("--timeout"),
  },
  ...CLUSTER_OPTIONS,
} as const satisfies Record<string, Options>;

/** The same for what is done in somebody's name. */
export const LOGIN_OPTIONS = {
  as: {
    type: "string",
    describe: "In whose name, where several are logged in here",
    coerce: name("--as"),
  },
  ...CHAT_OPTIONS,
} as const satisfies Record<string, Options>;

/** Where the nodes of a chat are. */
export const CHAT_PLACE: ApplicationPlace = {
  application: "chat",
  variable: "SYNOD_CHAT",
  usualServers: 5,
  usualAddress: (number) => defaultChatAddress("gateway", number),
};

/** The nodes of a chat that a command speaks to. */
export type ChatServers = ApplicationServers;

/** Finds out which nodes are meant. @throws {UsageError} if that is not clear */
export function chatServers(args: Arguments, terminal: Terminal): ChatServers {
  return applicationServers(CHAT_PLACE, args, terminal);
}
