import type { AcceptReply, PrepareReply } from "@synod/api";
import type { Accept, AcceptAnswer, Acceptance, NoResponse, Prepare, PrepareAnswer } from "@synod/consensus";
import type { Answer } from "../asking.js";

/** What a server answered over HTTP, in the words of the core. */

export function prepareAnswer(request: Prepare, answer: Answer<PrepareReply>): PrepareAnswer {
  const { id, instance } = request;
  if (!("reply" in answer)) return noResponse(request);
  const { reply } = answer;
  if ("truncated" in reply) {
    const { truncatedThrough, promisedId } = reply;
    return { type: "truncated", instance, truncatedThrough, promisedId };
  }
  const accepted = acceptanceIn(reply);
  if (!reply.ignored) return { type: "promise", id, instance, accepted };
  return { type: "prepare-ignored", id, instance, promisedId: reply.promisedId, accepted };
}

export function acceptAnswer(request: Accept, answer: Answer<AcceptReply>): AcceptAnswer {
  const { id, instance, value } = request;
  if ("problem" in answer && answer.problem.code === "value-conflict") {
    return { type: "refused", id, instance, reason: "value-conflict", accepted: null };
  }
  if (!("reply" in answer)) return noResponse(request);
  const { reply } = answer;
  if (reply.ignored) return { type: "accept-ignored", id, instance, promisedId: reply.promisedId };
  return { type: "accepted", id, instance, value };
}

/** Silence and every other error: whether the request had its effect is not known. */
function noResponse({ type: request, id, instance }: Prepare | Accept): NoResponse {
  return { type: "no-response", request, id, instance };
}

function acceptanceIn(reply: object): Acceptance | null {
  if (!("acceptedId" in reply && "acceptedValue" in reply)) return null;
  const { acceptedId, acceptedValue } = reply as Acceptance;
  return { acceptedId, acceptedValue };
}
