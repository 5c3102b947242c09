import type { Outcome, Request } from "../../server/outcome.js";
import { refusalInWords, silenceInWords } from "../../words/chat/refusals.js";
import type { Send, Write, WriteOutcome } from "./numbered-writes.js";

/** Asks and writes in the name of whoever is logged in. */
export interface Caller {
  readonly user: string;
  /** Asks something that no person asked for. */
  readonly ask: Send;
  /** Asks something for a person, who sees it among the requests. */
  readonly request: Send;
  /** A write, to be carried out, and perhaps again. */
  write(path: string, body: Readonly<Record<string, unknown>>): Write;
  carryOut<Body>(write: Write): Promise<WriteOutcome<Body>>;
  /** Nobody will send this write again. */
  forget(write: Write): void;
}

/** A question. */
export function get(path: string, query: Readonly<Record<string, string | number | null>> = {}): Request {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) given.set(name, String(value));
  const text = given.toString();
  return { method: "GET", path: text === "" ? path : `${path}?${text}` };
}

/** Why an answer is not there, in words. */
export function whyNot(outcome: Exclude<Outcome<unknown>, { kind: "answered" }>): string {
  return outcome.kind === "refused" ? refusalInWords(outcome.problem) : silenceInWords(outcome.why);
}
