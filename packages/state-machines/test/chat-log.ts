import {
  Chat,
  type ChatChange,
  type ChatLimits,
  type ChatOperation,
  type ChatQuery,
  type ChatResult,
  type Json,
  type PasswordRecord,
} from "../src/index.ts";

/** A number as the digest of a token. */
export const token = (number: number): string => number.toString(16).padStart(64, "0");

/** A password as a log has it; all that counts is which one. */
export function password(number = 0): PasswordRecord {
  const hash = number.toString(16).padStart(64, "0");
  return { salt: "5a".repeat(16), hash, cost: 2, blockSize: 1, parallelization: 1 };
}

/** A chat whose operations take the next slot, and all that it told of. */
export function chatLog(limits: Partial<ChatLimits> = {}) {
  const chat = new Chat(limits);
  const changes: ChatChange[] = [];
  let slot = 0;
  const apply = (operation: ChatOperation): ChatResult => {
    const parsed = chat.parseOperation(JSON.parse(JSON.stringify(operation)));
    if (parsed === null) throw new Error(`this is no operation: ${JSON.stringify(operation)}`);
    const outcome = chat.apply(++slot, parsed);
    changes.push(...outcome.changes);
    return outcome.result;
  };
  const read = (query: ChatQuery): Json => chat.read(query as unknown as Json);
  /** Makes an account. @returns its credential */
  const create = (user: string): number => {
    apply({ type: "create-account", user, password: password(), time: 1 });
    return slot;
  };
  const logIn = (user: string, credential: number, number: number) =>
    apply({ type: "log-in", user, credential, token: token(number) });
  const send = (number: number, to: string, text: string) =>
    apply({ type: "send", token: token(number), to, text, time: 1000 + slot });
  return { chat, changes, apply, read, create, logIn, send, slot: () => slot };
}

/** `ann` with the token 1, and `bob` with the token 2, both logged in. */
export function annAndBob(limits: Partial<ChatLimits> = {}) {
  const log = chatLog(limits);
  const [ann, bob] = [log.create("ann"), log.create("bob")];
  log.logIn("ann", ann, 1);
  log.logIn("bob", bob, 2);
  return { ...log, credentials: { ann, bob } };
}
