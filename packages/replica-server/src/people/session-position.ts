import { RequestRefused } from "@synod/acceptor-server";
import { isSessionPosition, type SessionPosition } from "@synod/state-machines";

/**
 * @param writes how many take the numbers from this one on
 * @throws {RequestRefused} if it acknowledges what comes after it, or there are not so many numbers
 */
export function checkedSession(session: SessionPosition | undefined, writes = 1): SessionPosition | null {
  if (session === undefined) return null;
  if (!Number.isSafeInteger(session.sequence + Math.max(writes - 1, 0))) {
    const detail = `a session has no numbers above ${Number.MAX_SAFE_INTEGER}, which these ${writes} writes would need`;
    throw new RequestRefused("bad-request", detail);
  }
  if (isSessionPosition({ ...session })) return session;
  throw new RequestRefused("bad-request", "body/session/firstUnacknowledged is at most its sequence");
}
