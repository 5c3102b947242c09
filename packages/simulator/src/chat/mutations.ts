import type { Mutation } from "../campaign/protocol.js";
import { refusingWhatIsUnknown, renumbering } from "../multipaxos/flawed-gateways.js";
import {
  believingAnyCredential,
  deletingAnybodys,
  forgettingUnread,
  keepingPages,
  losingOldest,
  markingWhatIsTold,
  onlySaying,
  orderingOtherwise,
  reusingIds,
  stampingWhenApplied,
  trustingNames,
} from "./flawed-chats.js";
import { keepingChanges, tellingAgain, watchingNames } from "./flawed-watching.js";
import type { ChatParts } from "./parts.js";
import type { ChatMachine, WatchedChatParts } from "./watched-chat.js";

/** A flaw to plant in a chat. Those of the log under it are the ones of the replicated store on Raft. */
export type ChatMutation = Mutation<ChatParts>;

export const CHAT_MUTATIONS: readonly ChatMutation[] = [
  {
    name: "loses-oldest",
    sentence: "A snapshot is restored without its oldest message.",
    plant: (parts) => withMachine(parts, losingOldest),
  },
  {
    name: "sends-as-another",
    sentence: "A gateway that sends a request again gives it another number.",
    plant: (parts) => ({ ...parts, gateway: (options) => renumbering(parts.gateway(options)) }),
  },
  {
    name: "reuses-ids",
    sentence: "Behind a snapshot, the ids of deleted messages are given out again.",
    plant: (parts) => withMachine(parts, reusingIds),
  },
  {
    name: "stamps-when-applied",
    sentence: "Each server puts the time into a message at which it carries the operation out.",
    plant: (parts) => withMachine(parts, stampingWhenApplied),
  },
  {
    name: "orders-by-text",
    sentence: "A conversation is told in another order than that of the log.",
    plant: (parts) => withMachine(parts, orderingOtherwise),
  },
  {
    name: "forgets-unread",
    sentence: "A snapshot is restored with everything read.",
    plant: (parts) => withMachine(parts, forgettingUnread),
  },
  {
    name: "marks-what-is-told",
    sentence: "The server that tells somebody what is unread takes it for read, and no other server does.",
    plant: (parts) => withMachine(parts, markingWhatIsTold),
  },
  {
    name: "keeps-ended-logins",
    sentence: "Who logs out stays logged in.",
    plant: (parts) => withMachine(parts, () => onlySaying("log-out")),
  },
  {
    name: "keeps-passwords",
    sentence: "A change of the password is acknowledged and not made: all other logins stay.",
    plant: (parts) => withMachine(parts, () => onlySaying("set-password")),
  },
  {
    name: "believes-any-credential",
    sentence: "Who looked at an old password logs in.",
    plant: (parts) => withMachine(parts, believingAnyCredential),
  },
  {
    name: "trusts-names",
    sentence: "A login that has ended is taken for any other one of its user.",
    plant: (parts) => withMachine(parts, trustingNames),
  },
  {
    name: "deletes-anybodys",
    sentence: "Messages are deleted, whosoever they are.",
    plant: (parts) => withMachine(parts, deletingAnybodys),
  },
  {
    name: "keeps-pages",
    sentence: "A server goes on telling what it has told of a conversation before.",
    plant: (parts) => withMachine(parts, keepingPages),
  },
  {
    name: "unknown-is-refused",
    sentence: "A server says that a request was refused where nobody knows what became of it.",
    plant: (parts) => ({ ...parts, gateway: (options) => refusingWhatIsUnknown(parts.gateway(options)) }),
  },
  {
    name: "keeps-changes",
    sentence: "A server that took over a snapshot tells the changes from before it, as if none were missing between.",
    plant: (parts) => withWatching(parts, keepingChanges),
  },
  {
    name: "watches-names",
    sentence: "Who takes the name of a deleted account is told what is new for that one.",
    plant: (parts) => withWatching(parts, watchingNames),
  },
  {
    name: "tells-again",
    sentence: "Who goes on watching behind a change is told that change again.",
    plant: (parts) => withWatching(parts, tellingAgain),
  },
];

function withMachine(parts: ChatParts, machine: () => ChatMachine): ChatParts {
  return withWatching(parts, () => ({ machine: machine() }));
}

function withWatching(parts: ChatParts, watching: () => WatchedChatParts): ChatParts {
  return { ...parts, chat: (limits) => parts.chat(limits, watching()) };
}
