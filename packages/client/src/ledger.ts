export type { Json } from "./ledger/json.js";
export type { LedgerAnswer } from "./ledger/ledger-call.js";
export { connectLedger, type LedgerClient, type LedgerOptions } from "./ledger/ledger-client.js";
