import type { Problem } from "@synod/api";
import { type AcceptorClient, NoAnswer, type NoAnswerReason, ProblemAnswer } from "@synod/client";
import { legible } from "./terminal/legible.js";
import type { Terminal } from "./terminal/terminal.js";

/** What became of one request to one server. */
export type Answer<T> =
  | { readonly server: number; readonly reply: T }
  | { readonly server: number; readonly problem: Problem }
  | { readonly server: number; readonly noAnswer: { readonly reason: NoAnswerReason; readonly message: string } };

/** Waits for a call, and takes silence and refusal for what they are: answers too. */
export async function answerOf<T>(server: number, call: Promise<T>): Promise<Answer<T>> {
  try {
    return { server, reply: await call };
  } catch (error) {
    if (error instanceof ProblemAnswer) return { server, problem: error.problem };
    if (error instanceof NoAnswer) return { server, noAnswer: { reason: error.reason, message: error.message } };
    throw error;
  }
}

/**
 * Asks these servers at the same time and tells of each answer in their order, as soon as it and those before it are
 * known.
 */
export async function askInOrder<T>(
  clients: ReadonlyMap<number, AcceptorClient>,
  ask: (client: AcceptorClient) => Promise<T>,
  tell: (answer: Answer<T>) => void,
  { interrupted }: Terminal,
): Promise<Answer<T>[]> {
  const calls = [...clients].map(([id, client]) => answerOf(id, ask(client)));
  const answers: Answer<T>[] = [];
  for (const call of calls) {
    const answer = await call;
    interrupted.throwIfAborted();
    answers.push(answer);
    tell(answer);
  }
  return answers;
}

/** The line of an answer, as the original printed it. @param answer undefined for silence */
export function answerLine(phase: "prepare" | "accept", server: number, answer: Answer<unknown> | undefined): string {
  const said = `[${phase}] server ${server}:`;
  if (answer && "reply" in answer) return `${said} ${legible(JSON.stringify(answer.reply))}`;
  if (answer && "problem" in answer) return `${said} ${legible(JSON.stringify(answer.problem))}`;
  return `${said} no response`;
}

/** Says on stderr what a person needs to know of an answer beyond its line. */
export function noteTrouble(answer: Answer<unknown>, terminal: Terminal): void {
  if ("problem" in answer) terminal.note(`server ${answer.server} refused: ${legible(answer.problem.detail)}`);
  if (!("noAnswer" in answer)) return;
  const { reason, message } = answer.noAnswer;
  // That a server is down or slow is what its line says already.
  if (reason !== "refused" && reason !== "timeout") terminal.note(`server ${answer.server}: ${message}`);
}

/** `[1, 2]`: the form in which the original lists servers. */
export function listOf(servers: readonly (number | string)[]): string {
  return `[${servers.join(", ")}]`;
}

/** Whether the server said anything at all. */
export function isAnswered(answer: Answer<unknown>): boolean {
  return !("noAnswer" in answer);
}
