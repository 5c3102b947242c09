import { RequestRefused } from "@synod/acceptor-server";
import type { CompareResult, GetAnswer, VersionedValue } from "@synod/state-machines";
import type { Answered, Written } from "../../people/log-calls.js";

/** A comparison that held. */
export type Compared = CompareResult & { readonly succeeded: true };

/** @throws {RequestRefused} `compare-failed`, with what is there as `current` */
export function compared(key: string, { result, slot, token, cost }: Written<CompareResult>): Compared {
  if (result.succeeded) return result;
  const { current } = result;
  const there = current === null ? "is absent" : `has revision ${current.revision}`;
  throw new RequestRefused("compare-failed", `nothing was written: the key ${there}; see current`, {
    members: { key, current, slot, token, cost },
  });
}

/** @throws {RequestRefused} `key-not-found`, with the slot at which it is absent */
export function found(key: string, { answer, slot, token, cost, learner }: Answered<GetAnswer>): VersionedValue {
  if (answer.entry) return { value: answer.entry.value, revision: answer.entry.revision };
  throw new RequestRefused("key-not-found", `there is no such key as of slot ${slot}`, {
    members: { key, slot, token, learner, cost },
  });
}
