export type { Json } from "./ledger/json.js";
export { connectLedger, type LedgerClient, type LedgerOptions } from "./ledger/ledger-client.js";
export type { LedgerAnswer } from "./ledger/ledger-operation.js";
