import { NoAnswer, type ProblemAnswer } from "@synod/client";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";

/** A server whose chain could not be had, or not to its end. */
export interface Silent {
  /** `http://host:port`. */
  readonly place: string;
  readonly error: NoAnswer | ProblemAnswer;
}

/** Why there is no chain to look at: nobody answers, or whoever does has none to give. */
export function noChain(silent: readonly Silent[]): CommandFailure {
  const whys = silent.map(({ place, error: { message } }) =>
    message.includes(place.replace("http://", "")) ? message : `${place}: ${message}`,
  );
  const isSilence = silent.every(({ error }) => error instanceof NoAnswer);
  const message = isSilence
    ? `no server of a ledger answers: ${whys.join("; ")}. To start a ledger here: synod cluster start ledger`
    : `no server of the ledger gives its chain: ${whys.join("; ")}`;
  return new CommandFailure(ExitCode.nobodyReachable, "nobody-reachable", message);
}
