import type { ServerIdentity } from "./replies.js";

/** The header in which every answer of a server says whose it is: `2/3 pool-id`. */
export const IDENTITY_HEADER = "synod-server";

export function formatIdentity({ serverId, serverCount, poolId }: ServerIdentity): string {
  return `${serverId}/${serverCount} ${poolId}`;
}

/** @returns null for anything else than what `formatIdentity` writes */
export function parseIdentity(text: unknown): ServerIdentity | null {
  const match = typeof text === "string" ? /^([1-9]\d{0,5})\/([1-9]\d{0,5}) (\S+)$/.exec(text) : null;
  return match ? { serverId: Number(match[1]), serverCount: Number(match[2]), poolId: String(match[3]) } : null;
}
