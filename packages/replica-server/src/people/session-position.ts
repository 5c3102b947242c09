import { RequestRefused } from "@synod/acceptor-server";
import { isSessionPosition, type SessionPosition } from "@synod/state-machines";

/** @throws {RequestRefused} if it acknowledges what comes after it */
export function checkedSession(session: SessionPosition | undefined): SessionPosition | null {
  if (session === undefined) return null;
  if (isSessionPosition({ ...session })) return session;
  throw new RequestRefused("bad-request", "body/session/firstUnacknowledged is at most its sequence");
}
