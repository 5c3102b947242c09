import { invariant } from "@synod/consensus";
import { asObject, hasMembers, isInteger, isText, type JsonObject, parseJson } from "../json-shape.js";
import type { Json } from "../state-machine.js";
import { canonicalText } from "./canonical.js";
import { hexDigestOf, isHexDigest } from "./digest.js";
import {
  type LedgerCommand,
  type LedgerOperation,
  MOST_PROPOSER_CHARACTERS,
  parseLedgerOperation,
} from "./operations.js";
import { MOST_REQUEST_ID_CHARACTERS } from "./request-id.js";

/** A block of the chain. All of it but `hash` is what `hash` is the digest of. */
export interface Block extends LedgerCommand {
  /** 1 for the first block, and one more for each. */
  readonly height: number;
  readonly operation: LedgerOperation;
  /** Names the request: no two blocks of a chain have one. */
  readonly requestId: string;
  /** The hash of the block before; null in the first. */
  readonly previousHash: string | null;
  /** SHA-256 of the canonical JSON (RFC 8785) of this block without this member, in hexadecimal. */
  readonly hash: string;
}

/** The last block of a chain, as far as the next one needs it. Height 0 and null before the first. */
export interface ChainHead {
  readonly height: number;
  readonly hash: string | null;
}

export const EMPTY_CHAIN: ChainHead = { height: 0, hash: null };

const MEMBERS = ["height", "operation", "requestId", "proposer", "time", "nonce", "previousHash", "hash"];

/** The block that this command becomes on top of a chain. */
export function blockAfter(
  head: ChainHead,
  { operation, nonce, proposer, time }: LedgerCommand,
  requestId: string,
): Block {
  const content = { height: head.height + 1, operation, requestId, proposer, time, nonce, previousHash: head.hash };
  return { ...content, hash: hashOf(content) };
}

/** The block as a record: one line of canonical JSON, without its line feed. */
export function blockRecord(block: Block): string {
  return textOf(block as unknown as Json);
}

/** What hash a block must have, whatever it says. */
export function hashOf({
  height,
  operation,
  requestId,
  proposer,
  time,
  nonce,
  previousHash,
}: Omit<Block, "hash">): string {
  const content = { height, operation, requestId, proposer, time, nonce, previousHash };
  return hexDigestOf(textOf(content as unknown as Json));
}

/**
 * The block that a record is, by its form alone: whether its hash and its work are right is not looked at.
 *
 * @returns null if it is no block in canonical JSON, to the byte
 */
export function parseBlockRecord(record: string): Block | null {
  const object = asObject(parseJson(record));
  return object !== null && isBlock(object) && canonicalText(object) === record ? (object as unknown as Block) : null;
}

/** What a block is made of has a canonical text: without one, all such blocks would have one hash. */
function textOf(content: Json): string {
  const text = canonicalText(content);
  invariant(text !== null, "a block has a canonical text");
  return text;
}

function isBlock(object: JsonObject): boolean {
  const { height, operation, requestId, proposer, time, nonce, previousHash, hash } = object;
  return (
    hasMembers(object, MEMBERS) &&
    isInteger(height, 1) &&
    parseLedgerOperation(operation ?? null) !== null &&
    isText(requestId, 1, MOST_REQUEST_ID_CHARACTERS) &&
    isText(proposer, 1, MOST_PROPOSER_CHARACTERS) &&
    isInteger(time, 0) &&
    isInteger(nonce, 0) &&
    (previousHash === null || isHexDigest(previousHash)) &&
    isHexDigest(hash)
  );
}
