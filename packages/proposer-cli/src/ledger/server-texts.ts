import type { BlocksReply, LedgerMapReply, RequestsReply, TentativeReply } from "@synod/api";
import type { Json } from "@synod/client";
import { legible } from "../terminal/legible.js";
import { literalText } from "./literal-text.js";

/** What a server's prompt prints. */

/** Characters of a hash that tell blocks apart for people. */
const SHORT_HASH = 12;

/** The blocks as they are decided, then what is accepted and not known to be chosen. */
export function chainLines({ blocks, height }: BlocksReply, { entries }: TentativeReply): string[] {
  const [first] = blocks;
  const before = first === undefined ? 0 : first.height - 1;
  const hidden = before > 0 ? [`blocks 1 to ${before} are not shown: synod ledger show --from 1`] : [];
  const decided = blocks.map((block) => {
    const { requestId, proposer, nonce, previousHash, hash } = block;
    const links = `previous ${shortHash(previousHash)}, hash ${shortHash(hash)}`;
    return `block ${block.height}: ${operationText(block.operation)} (${legible(requestId)}, by ${legible(proposer)}, nonce ${nonce}, ${links})`;
  });
  const tentative = entries.map(({ slot, proposalId, operation, proposer }) => {
    const what =
      operation === null ? "no put or get, such as the opening of a session" : operationText(operation as Operation);
    const by = proposer === null ? "" : `, by ${legible(proposer)}`;
    return `tentative: ${what} (slot ${slot}, proposal ${proposalId}${by}); not known to be chosen`;
  });
  if (height === 0 && tentative.length === 0) return ["The block chain is empty"];
  return [...hidden, ...decided, ...tentative];
}

/** A key of the map, its value, and the block that put it there, a line. */
export function mapLines({ entries, next }: LedgerMapReply): string[] {
  if (entries.length === 0) return ["The key-value store is empty"];
  const lines = entries.map(({ key, value, height }) => `${literal(key)}: ${literal(value)} (block ${height})`);
  return next === null ? lines : [...lines, `the first ${entries.length}; GET /ledger/map has the others`];
}

/** What the server was asked and has not answered, a line each. */
export function requestLines({ requests }: RequestsReply): string[] {
  if (requests.length === 0) return ["The request queue is empty"];
  return requests.map(({ operation, client, waitedMs }) => {
    const by = client === null ? "" : `${legible(client)}, `;
    return `${operationText(operation as Operation)} (${by}waiting for ${Math.round(waitedMs)} ms)`;
  });
}

/** A message that one role sends another, as `GET /events` tells of it. */
export interface MessageSeen {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly id?: number;
  readonly slots?: readonly [first: number, last: number];
  readonly count?: number;
}

export function messageText({ from, to, type, id, slots }: MessageSeen): string {
  const about = [
    ...(id === undefined ? [] : [`proposal ${id}`]),
    ...(slots === undefined ? [] : [slots[0] === slots[1] ? `slot ${slots[0]}` : `slots ${slots[0]}-${slots[1]}`]),
  ];
  return legible(`${from} -> ${to}: ${type}${about.length === 0 ? "" : ` (${about.join(", ")})`}`);
}

interface Operation {
  readonly type: string;
  readonly key: unknown;
  readonly value?: unknown;
}

function operationText({ type, key, value }: Operation): string {
  return type === "put" ? `put ${literal(key)} ${literal(value ?? null)}` : `${type} ${literal(key)}`;
}

/** What came from a server is JSON. */
function literal(value: unknown): string {
  return literalText(value as Json);
}

function shortHash(hash: string | null): string {
  return hash === null ? "none" : hash.slice(0, SHORT_HASH);
}
