export {
  CHANGE_LOG_LIMITS,
  ChangeLog,
  type ChangeLogLimits,
  type ChangesOfSlot,
  type ChangesSince,
} from "./changes/change-log.js";
export { Chat } from "./chat/chat.js";
export {
  areIds,
  CHAT_LIMITS,
  type ChatLimits,
  isMessageText,
  isUserName,
  MOST_IDS,
  MOST_TEXT_CHARACTERS,
  USER_NAME_RULE,
} from "./chat/limits.js";
export { type ChatNews, newsFor } from "./chat/news.js";
export {
  type ChatChange,
  type ChatMessage,
  type ChatOperation,
  type ChatRefusal,
  type ChatResult,
  charactersOfChatChange,
  type PasswordRecord,
} from "./chat/operations.js";
export {
  type AccountAnswer,
  type AccountsAnswer,
  type ChatAnswer,
  type ChatCounts,
  type ChatQuery,
  type ConversationAnswer,
  type ConversationSummary,
  type ConversationsAnswer,
  type CredentialAnswer,
  type LoginAnswer,
  MOST_CHAT_PAGE,
  type UnreadAnswer,
  USUAL_CHAT_PAGE,
} from "./chat/queries.js";
export type { TouchedBy } from "./gateway/command-groups.js";
export { Gateway, type GatewayOptions } from "./gateway/gateway.js";
export type { GatewayReply, GatewayRequest, ReadLevel } from "./gateway/gateway-messages.js";
export { KeyValueStore, RANGE_PAGE_CHARACTERS } from "./key-value/key-value-store.js";
export {
  type CompareOperation,
  type CompareResult,
  charactersOfKeyValueChange,
  type DeleteOperation,
  type DeleteResult,
  isKey,
  isStorableValue,
  type KeyValueChange,
  type KeyValueOperation,
  keyTouched,
  MOST_KEY_CHARACTERS,
  MOST_VALUE_CHARACTERS,
  type PutOperation,
  type PutResult,
  type VersionedValue,
} from "./key-value/operations.js";
export { KeyPatterns, MOST_PATTERN_CHARACTERS, MOST_PATTERNS } from "./key-value/patterns.js";
export {
  type CountAnswer,
  type CountQuery,
  type GetAnswer,
  type GetQuery,
  type KeyValueEntry,
  type KeyValueQuery,
  MOST_RANGE_LIMIT,
  type QueryError,
  type RangeAnswer,
  type RangeQuery,
  USUAL_RANGE_LIMIT,
} from "./key-value/queries.js";
export { type Block, blockRecord, type ChainHead, EMPTY_CHAIN, hashOf, parseBlockRecord } from "./ledger/block.js";
export { canonicalText } from "./ledger/canonical.js";
export { type BlockProblem, ChainCheck, type SpelledEntry } from "./ledger/chain-check.js";
export { Ledger, type LedgerResult, ledgerOf } from "./ledger/ledger.js";
export {
  type LedgerCommand,
  type LedgerOperation,
  ledgerCommandJson,
  MOST_LEDGER_KEY_CHARACTERS,
  MOST_LEDGER_VALUE_CHARACTERS,
  operationComplaint,
  parseLedgerCommand,
  parseLedgerOperation,
  type UnderstoodCommand,
} from "./ledger/operations.js";
export { findNonce, isProof, nonceFinder } from "./ledger/proof-of-work.js";
export {
  type HeadQuery,
  type LedgerEntry,
  type LedgerHeadAnswer,
  type LedgerMapPage,
  type LedgerQuery,
  type MapQuery,
  MOST_MAP_LIMIT,
  USUAL_MAP_LIMIT,
} from "./ledger/queries.js";
export { requestIdOf } from "./ledger/request-id.js";
export { NotASnapshot, PIECE_CHARACTERS, packRows, unpackRows } from "./pieces.js";
export type { AppliedResult } from "./sessions/applied-result.js";
export {
  type Command,
  type Envelope,
  encodeCommand,
  encodeCommands,
  encodeOpenSession,
  isClient,
  isSessionPosition,
  MOST_CLIENT_CHARACTERS,
  parseEnvelope,
  type SessionPosition,
} from "./sessions/envelope.js";
export {
  ReplicatedState,
  type ReplicatedStateObserver,
  type ReplicatedStateOptions,
} from "./sessions/replicated-state.js";
export { FIRST_COMMAND } from "./sessions/session.js";
export { SESSION_LIMITS, type SessionLimits } from "./sessions/session-limits.js";
export type { Json, StateMachine } from "./state-machine.js";
