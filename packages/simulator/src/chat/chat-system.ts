import type { RaftKinds } from "../raft/raft-kinds.js";
import { type RaftSystemSettings, raftSystem } from "../raft/raft-system.js";
import { watchedFirst } from "../world/beside.js";
import type { System } from "../world/system.js";
import { ChatGateway } from "./chat-gateway.js";
import { CHAT_SOMETIMES, ChatOccurrences } from "./chat-occurrences.js";
import { ChatRules } from "./chat-rules.js";
import { CHAT_SERVICE } from "./chat-service.js";
import { type ChatParts, REAL_CHAT } from "./parts.js";
import { CHAT_ALWAYS } from "./properties.js";
import { commandInWords, replyInWords } from "./words.js";

/** The chat on Raft as it is simulated: the cluster of the replicated store, with another machine behind its log. */
export function chatSystem(settings: RaftSystemSettings, parts: ChatParts = REAL_CHAT): System<RaftKinds> {
  const { server, gateway, chat } = parts;
  const cluster = {
    server,
    application: chat,
    gateway: (options: Parameters<typeof gateway>[0]) => new ChatGateway(gateway(options)),
  };
  const log = raftSystem(settings, cluster, CHAT_SERVICE);
  const limits = { sessions: settings.sessions, sequencesAhead: settings.sequencesAhead };
  return {
    ...log,
    commandInWords,
    replyInWords,
    always: [...CHAT_ALWAYS, ...log.always],
    watch: () => watchedFirst(new ChatRules(limits), log.watch()),
    sometimes: [...log.sometimes, ...CHAT_SOMETIMES],
    occurrences: (calmUs) => new ChatOccurrences(log.occurrences(calmUs)),
    liveness: log.liveness && {
      ...log.liveness,
      sentence:
        "once faults stop, one server leads, each gateway sends and reads strongly, and all members have one chat, within 20 s",
    },
  };
}
