import { type ChatClient, StoreError } from "@synod/client";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { type Completion, Prompt } from "../terminal/prompt.js";
import type { Terminal } from "../terminal/terminal.js";
import { hasLostBytes } from "../terminal/utf8-text.js";
import { ChatDeeds } from "./chat-deeds.js";
import { chatFailureAtPrompt } from "./chat-failure.js";
import { type ChatLine, chatLine, commandsFrom, isKept, toComplete } from "./chat-lines.js";
import { userText } from "./chat-text.js";
import { historyFile } from "./history-file.js";
import type { KeptLogin, KeptLogins } from "./kept-logins.js";
import { LiveEvents } from "./live-events.js";
import { Seat } from "./seat.js";

/** After so long somebody wonders, in milliseconds. */
const FIRST_NOTE_MS = 1000;

/** How long Tab may take to find names, in milliseconds. */
const NAMES_WITHIN_MS = 1000;

/** A line that is to be carried out, in its turn. */
interface Job {
  readonly text: string;
  carryOut(): Promise<void>;
}

/** A line whose secrets are being asked for. */
interface Asking {
  readonly line: ChatLine;
  readonly text: string;
  /** Questions without an answer. */
  readonly questions: string[];
  readonly answers: string[];
}

export interface ChatPromptOptions {
  /** Where lines are kept between runs. */
  readonly historyPath: string;
  /** How long a request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Makes the client. @param end ends it */
  connect(end: AbortSignal): ChatClient;
}

/** What a person at the chat sees and does; or what a file says, line by line. */
export class ChatPrompt {
  readonly #terminal: Terminal;
  readonly #prompt: Prompt;
  readonly #seat: Seat;
  readonly #live: LiveEvents;
  readonly #deeds: ChatDeeds;
  readonly #logins: KeptLogins;
  readonly #jobs: Job[] = [];
  #asking: Asking | null = null;
  /** The same as `#isOpen`, while something is under way. */
  #willBeOpen = false;
  /** What is being carried out, or was last. */
  #request = "";
  #working: Promise<void> | null = null;
  #firstFailure: ExitCode = ExitCode.done;

  constructor(terminal: Terminal, logins: KeptLogins, { historyPath, timeoutMs, connect }: ChatPromptOptions) {
    this.#terminal = terminal;
    this.#logins = logins;
    this.#prompt = new Prompt(terminal, {
      name: "chat> ",
      complete: (typed) => this.#complete(typed),
      history: historyFile(historyPath, isKept),
    });
    this.#seat = new Seat(() => this.#prompt.rename(this.#name()));
    this.#live = new LiveEvents(this.#prompt, terminal, this.#seat, timeoutMs);
    this.client = connect(this.#prompt.interrupted);
    const { colors } = terminal;
    const say = (lines: readonly string[], document: object) => this.#say(lines, document);
    this.#deeds = new ChatDeeds({ client: this.client, logins }, { seat: this.#seat, live: this.#live, colors, say });
  }

  /** Ends with the prompt. */
  readonly client: ChatClient;

  /** Takes lines until there are no more. @param kept the login to begin with @returns what to end with */
  async run(kept: KeptLogin | null): Promise<ExitCode> {
    const { interrupted, isInteractive } = this.#prompt;
    if (isInteractive) this.#prompt.note("create, login, list, send, read, open, help, exit; Tab completes");
    if (kept !== null) this.#add(`login ${kept.user}`, () => this.#resume(kept));
    await this.#prompt.read((line) => this.#take(line));
    if (!isInteractive && this.#asking !== null) this.#refuseUnanswered(this.#asking);
    const ended = new Promise<void>((resolve) =>
      interrupted.addEventListener("abort", () => resolve(), { once: true }),
    );
    if (!interrupted.aborted) await Promise.race([this.#working, ended]);
    this.#live.end();
    if (interrupted.aborted) return this.#leave();
    return isInteractive ? ExitCode.done : this.#firstFailure;
  }

  close(): void {
    this.#prompt.close();
  }

  #leave(): ExitCode {
    const words =
      this.#working === null ? "interrupted" : `interrupted: ${this.#request} was under way, and may have happened`;
    this.#prompt.note(words);
    return ExitCode.interrupted;
  }

  async #resume({ user, token }: KeptLogin): Promise<void> {
    try {
      await this.#deeds.resume(token);
    } catch (error) {
      if (error instanceof StoreError && error.code === "not-logged-in") this.#logins.forget(user);
      throw error;
    }
  }

  // --- Lines, and what they ask for ----------------------------------------------------------------------------------

  #take(text: string): void {
    if (this.#asking !== null) {
      this.#answer(this.#asking, text);
      return;
    }
    let line: ChatLine | null;
    try {
      line = chatLine(text, this.#isOpen);
    } catch (error) {
      // In its turn, as what came of the lines before it.
      this.#add(text.trim(), () => Promise.reject(error));
      return;
    }
    if (line === null) return;
    this.#foresee(line);
    this.#ask({ line, text: text.trim(), questions: this.#questionsOf(line), answers: [] });
  }

  /** Whether a conversation is open when it is the turn of the line that is typed now. */
  get #isOpen(): boolean {
    return this.#working === null ? this.#seat.openWith !== null : this.#willBeOpen;
  }

  #foresee({ command }: ChatLine): void {
    const closes = command === "close" || command === "login" || command === "logout" || command === "delete-account";
    this.#willBeOpen = command === "open" || (this.#isOpen && !closes);
  }

  /** What must be asked for, unseen; whoever types a new password does so twice. */
  #questionsOf({ command, words }: ChatLine): string[] {
    const again = this.#prompt.isInteractive ? ["Once more: "] : [];
    if (command === "create") return [`A password for ${words[0]}: `, ...again];
    if (command === "login") return [`Password of ${words[0]}: `];
    return command === "password" ? ["Your password: ", "The new password: ", ...again] : [];
  }

  #ask(asking: Asking): void {
    const [question = null] = asking.questions;
    this.#asking = question === null ? null : asking;
    this.#prompt.askSecret(question);
    if (question === null) this.#asked(asking);
  }

  #answer(asking: Asking, answer: string): void {
    const [, ...questions] = asking.questions;
    const { line, text, answers } = asking;
    this.#ask({ line, text, questions, answers: [...answers, answer] });
  }

  /** There are no more lines. */
  #refuseUnanswered({ text }: Asking): void {
    const refusal = new UsageError("the password is missing: stdin has no line for it; nothing was done");
    this.#add(text, () => Promise.reject(refusal));
  }

  /** All that a line needs is there. */
  #asked({ line, text, answers }: Asking): void {
    if (line.command === "exit") {
      this.#prompt.close();
      return;
    }
    const isTwice = this.#prompt.isInteractive && (line.command === "create" || line.command === "password");
    const refusal = refusalOf(answers, isTwice);
    this.#add(text, () => {
      // Nobody looks at the prompt's name: what follows a log-in that fails must not be done in the name of who was before.
      if (line.command === "login" && !this.#prompt.isInteractive) this.#seat.take(null);
      return refusal ? Promise.reject(refusal) : this.#deeds.do(line, answers);
    });
  }

  #add(text: string, carryOut: () => Promise<void>): void {
    this.#jobs.push({ text, carryOut });
    this.#working ??= this.#work();
  }

  // --- One after the other -------------------------------------------------------------------------------------------

  async #work(): Promise<void> {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      this.#request = job.text;
      const slow = setTimeout(() => this.#prompt.note("no answer yet; still trying"), FIRST_NOTE_MS);
      try {
        await job.carryOut();
      } catch (error) {
        if (this.#prompt.interrupted.aborted) return;
        this.#tellFailure(error);
      } finally {
        clearTimeout(slow);
      }
    }
    this.#working = null;
  }

  #say(lines: readonly string[], document: object): void {
    if (this.#terminal.json) this.#prompt.tell(JSON.stringify({ request: this.#request, ...document }));
    else for (const line of lines) this.#prompt.tell(line);
  }

  #tellFailure(error: unknown): void {
    const failure = error instanceof StoreError ? this.#refusal(error) : error;
    if (!(failure instanceof CommandFailure)) throw error;
    const { code, message, exitCode } = failure;
    const document = { request: this.#request, error: { code, message, exitCode } };
    if (this.#terminal.json) this.#prompt.tell(JSON.stringify(document));
    this.#prompt.note(message);
    if (this.#firstFailure === ExitCode.done) this.#firstFailure = exitCode;
  }

  /** A login that has ended elsewhere is none any more. */
  #refusal(error: StoreError): CommandFailure {
    const { login } = this.#seat;
    if (error.code === "not-logged-in" && login !== null) {
      this.#logins.forget(login.user);
      this.#live.end();
      this.#seat.take(null);
    }
    return chatFailureAtPrompt(error);
  }

  // --- What stands before the line, and what Tab makes of it ---------------------------------------------------------

  #name(): string {
    const { login, openWith, unread } = this.#seat;
    if (login === null) return "chat> ";
    const { colors } = this.#terminal;
    const count = unread > 0 ? colors.bold(` (${unread})`) : "";
    const to = openWith === null ? "" : ` to ${userText(openWith, colors)}`;
    return `${userText(login.user, colors)}${to}${count}> `;
  }

  async #complete(typed: string): Promise<Completion> {
    const wanted = toComplete(typed, this.#isOpen);
    if (wanted === null) return { part: typed, becomes: [] };
    const { part, of } = wanted;
    return { part, becomes: of === "command" ? commandsFrom(part) : await this.#namesFrom(part) };
  }

  /** Names of accounts that begin so; none if nobody says in time. */
  async #namesFrom(part: string): Promise<string[]> {
    if (!/^[a-z0-9_.-]*$/.test(part)) return [];
    try {
      const page = await this.#seat.login?.accounts({ pattern: `${part}*`, timeoutMs: NAMES_WITHIN_MS });
      return page?.users.map((user) => `${user} `) ?? [];
    } catch (error) {
      if (error instanceof StoreError) return [];
      throw error;
    }
  }
}

/** What is wrong with passwords before anybody is asked of them; null if nothing is. */
function refusalOf(answers: readonly string[], isTwice: boolean): UsageError | null {
  if (answers.some(hasLostBytes)) return new UsageError("the password is not text in UTF-8: nothing was done");
  return isTwice && answers.at(-1) !== answers.at(-2) ? new UsageError("they differ: nothing was done") : null;
}
