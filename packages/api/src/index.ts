export * from "./addresses.js";
export * from "./errors.js";
export * from "./identity-header.js";
export type * from "./kv-replies.js";
export type * from "./ledger-replies.js";
export type * from "./node-replies.js";
export type * from "./replies.js";
export * from "./topology.js";
