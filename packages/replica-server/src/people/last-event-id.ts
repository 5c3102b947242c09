import type { IncomingHttpHeaders } from "node:http";
import { RequestRefused, wholeNumber } from "@synod/acceptor-server";

/** After which event a stream goes on; null: there was none. @throws {RequestRefused} `bad-request` if it is no event's id */
export function lastEventId(headers: IncomingHttpHeaders): number | null {
  const text = headers["last-event-id"];
  if (text === undefined || text === "") return null;
  if (typeof text === "string" && /^(0|[1-9]\d{0,15})$/.test(text)) return wholeNumber("last-event-id", text, 0);
  throw new RequestRefused("bad-request", "the header last-event-id is the id of an event: a whole number");
}
