import { LogAcceptBody } from "@synod/api/schemas";
import type { AcceptLog } from "@synod/consensus";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { RequestRefused } from "../node/refusals.js";
import { acceptLog } from "./log.js";

const AcceptMessage = Compile(
  Type.Object({ type: Type.Literal("accept-log"), ...LogAcceptBody.properties }, { additionalProperties: false }),
);

/**
 * Phase 2 as it comes on a stream of messages, from a node of this cluster.
 *
 * @throws {RequestRefused} if it is something else
 */
export function acceptLogIn(message: unknown): AcceptLog {
  if (!AcceptMessage.Check(message)) {
    throw new RequestRefused(
      "bad-request",
      "on a stream an acceptor takes accept-log, of the form of POST /log/accept",
    );
  }
  return acceptLog(message as Static<typeof LogAcceptBody>);
}
