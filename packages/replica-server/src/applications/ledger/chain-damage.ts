import { dirname } from "node:path";
import { RequestRefused, StoreRefused } from "@synod/acceptor-server";
import { type Block, type ChainHead, hashOf, parseBlockRecord } from "@synod/state-machines";
import type { ChainFile } from "./chain-file.js";

/** The block that this record of the file is. @throws {RequestRefused} `chain-damaged` if it is not the one of this height */
export function checkedBlock(file: ChainFile, record: string, height: number): Block {
  const block = parseBlockRecord(record);
  if (block === null) throw damaged(file, height, "its record is not a block in canonical JSON");
  if (block.height !== height) throw damaged(file, height, `in its place is block ${block.height}`);
  if (hashOf(block) !== block.hash) throw damaged(file, height, "its hash is not the digest of the rest of it");
  return block;
}

/** For whoever asks for a block that is damaged. @param what is wrong with it, for people */
export function damaged({ path }: ChainFile, height: number, what: string): RequestRefused {
  const detail = `block ${height} of ${path} is not what it was: ${what}. ${waysOut(path)}`;
  return new RequestRefused("chain-damaged", detail, { members: { height } });
}

/** @throws {StoreRefused} if the file has not the chain that leads to this block */
export async function refuseOtherChain(file: ChainFile, { height, hash }: ChainHead): Promise<void> {
  if (height === 0) return;
  const found = file.count < height ? null : await recordAt(file, height);
  const block = found === null ? null : parseBlockRecord(found);
  if (block?.height === height && block.hash === hash && hashOf(block) === hash) return;
  const what =
    found === null
      ? `has ${file.count} whole records, and the snapshot beside it counts on ${height}`
      : `is damaged: its record ${height} is not block ${height}, which the snapshot beside it names by its hash`;
  throw new StoreRefused(`${file.path} ${what}. ${waysOut(file.path)}`);
}

async function recordAt(file: ChainFile, height: number): Promise<string> {
  let found = "";
  for await (const records of file.read(height, height)) found = records.at(-1)?.toString("utf8") ?? found;
  return found;
}

/** What a person can do about a chain's file that is damaged. */
function waysOut(file: string): string {
  const learner = dirname(dirname(file));
  return (
    `To see all that is wrong: synod ledger verify --data ${dirname(learner)}. If the other servers are up to date: stop ` +
    `this one and remove ${learner}; it then learns everything anew from them`
  );
}
