import { computed, effect, signal, untracked } from "@preact/signals";
import type { ChatEvent, ChatMessageReply, ChatUserReply } from "@synod/api";
import { EventStream } from "../../server/event-stream.js";
import { firstLine } from "../../words/chat/message-text.js";
import { counted } from "../../words/cost.js";
import { cluster } from "../cluster.js";
import type { Deed } from "../deeds.js";
import { Conversations } from "./conversations.js";
import { type Login, LoginCaller } from "./login-caller.js";
import type { WriteOutcome } from "./numbered-writes.js";
import { OpenThread } from "./open-thread.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";

const ENDED = "Not logged in. This login has ended: log in again.";

/** How often a tab that nobody sees asks what came, in milliseconds. */
const GLANCE_EVERY_MS = 15_000;
/** Texts that were begun and not sent, at most. */
const MOST_DRAFTS = 50;

/** The chat as one login sees it. */
export class Room {
  readonly login: Login;
  readonly #caller: LoginCaller;
  readonly #onEnd: (words: string) => void;
  readonly #stream = new EventStream(({ event, data }) => this.#hear(event, data));
  readonly streamState = this.#stream.state;
  readonly conversations: Conversations;
  readonly outbox: Outbox;
  readonly people: People;
  /** The conversation that is open; null while none is. */
  readonly open = signal<OpenThread | null>(null);
  readonly areSettingsOpen = signal(false);
  /** What was done last, in words. */
  readonly said = signal<Deed | null>(null);
  /** The last message that came, for those who hear the page. */
  readonly heard = signal("");
  /** Messages that this user has not read. */
  readonly unread = computed(() => this.conversations.list.value?.unread ?? 0);
  /** Texts that were begun and not sent, by whom they are for. */
  readonly #drafts = new Map<string, string>();
  /** Whether the stream has begun, so that nothing is missed from there on. */
  #isFollowing = false;
  /** Whether one asked for the end of the login, and waits for the answer. */
  #isEnding = false;
  /** Whether the servers do not know the login any more. */
  #hasEnded = false;
  /** Ends what goes on with each look at the cluster. */
  #endLooking: (() => void) | null = null;

  /** @param onEnd the login has ended, for the reason that is given */
  constructor(login: Login, onEnd: (words: string) => void) {
    this.login = login;
    this.#onEnd = onEnd;
    this.#caller = new LoginCaller(login, () => this.#ended());
    this.conversations = new Conversations(this.#caller);
    this.outbox = new Outbox(this.#caller, (message) => this.#takeSent(message));
    this.people = new People(this.#caller);
  }

  get user(): string {
    return this.login.user;
  }

  /** Listens to what happens. */
  enter(): void {
    this.#stream.start("/chat/events", this.login.token);
    void this.conversations.refresh();
    const endRefusals = effect(() => {
      const state = this.streamState.value;
      if (state.kind === "refused" && state.problem.code === "not-logged-in") untracked(() => this.#ended());
    });
    const endLooks = effect(() => {
      if (cluster.value) untracked(() => this.#tryAgain());
    });
    // A tab that nobody sees has no stream, and still says in its title that something came.
    const glances = setInterval(() => {
      if (document.hidden) void this.conversations.refresh();
    }, GLANCE_EVERY_MS);
    this.#endLooking = () => {
      endRefusals();
      endLooks();
      clearInterval(glances);
    };
  }

  /** Listens to nothing more. */
  leave(): void {
    this.#endLooking?.();
    this.#endLooking = null;
    this.#stream.stop();
    this.outbox.discardAll();
  }

  /** Opens the conversation with this user. */
  openWith(peer: string): void {
    this.areSettingsOpen.value = false;
    if (this.open.value?.peer === peer) return;
    const thread = new OpenThread(this.#caller, peer);
    this.open.value = thread;
    void thread.load();
  }

  closeThread(): void {
    this.open.value = null;
  }

  draftFor(peer: string): string {
    return this.#drafts.get(peer) ?? "";
  }

  keepDraft(peer: string, text: string): void {
    this.#drafts.delete(peer);
    if (text !== "") this.#drafts.set(peer, text);
    const [oldest] = this.#drafts.keys();
    if (this.#drafts.size > MOST_DRAFTS && oldest !== undefined) this.#drafts.delete(oldest);
  }

  /** Sends a text to whom the open conversation is with. */
  async send(text: string): Promise<void> {
    const thread = this.open.value;
    if (thread) await this.outbox.send(thread.peer, text, thread.thread.value.messages.at(-1)?.id ?? 0);
  }

  /** Deletes the messages that are chosen, for both sides. */
  async deleteChosen(): Promise<void> {
    const outcome = await this.open.value?.deleteChosen();
    if (outcome) this.#say(outcome, ({ count }) => `Deleted ${counted(count, "message")}.`);
  }

  /** @returns whether the password is the new one now */
  async changePassword(password: string, newPassword: string): Promise<boolean> {
    const outcome = await this.#once<ChatUserReply>("/chat/password", { password, new_password: newPassword });
    this.#say(outcome, () => "The password is changed. All other logins of this account have ended.");
    return outcome.kind === "done";
  }

  /** The login ends here in any case. */
  async logOut(): Promise<void> {
    const outcome = await this.#endingOnce<ChatUserReply>("/chat/logout");
    const words =
      outcome.kind === "done"
        ? `User '${this.user}' logged out.`
        : `User '${this.user}' logged out of this tab, which has forgotten the login. The servers may still know it. ${outcome.why}`;
    this.#onEnd(words);
  }

  /** Deletes the account with its conversations, for both sides. */
  async deleteAccount(): Promise<void> {
    const outcome = await this.#endingOnce<ChatUserReply>("/chat/account/delete");
    if (outcome.kind === "done") this.#onEnd(`Account '${this.user}' deleted.`);
    else if (this.#hasEnded) this.#onEnd(ENDED);
    else this.#say(outcome, () => "");
  }

  /** A write that nobody sends again. */
  async #once<Body>(path: string, body: Readonly<Record<string, unknown>>): Promise<WriteOutcome<Body>> {
    const write = this.#caller.write(path, body);
    const outcome = await this.#caller.carryOut<Body>(write);
    this.#caller.forget(write);
    return outcome;
  }

  /** The same for what ends the login, of which the stream must not tell first. */
  async #endingOnce<Body>(path: string): Promise<WriteOutcome<Body>> {
    this.#isEnding = true;
    const outcome = await this.#once<Body>(path, {});
    this.#isEnding = false;
    return outcome;
  }

  #ended(): void {
    this.#hasEnded = true;
    if (!this.#isEnding) this.#onEnd(ENDED);
  }

  #say<Body>(outcome: WriteOutcome<Body>, words: (body: Body) => string): void {
    if (outcome.kind === "done") {
      this.said.value = { words: words(outcome.body), isBad: false };
      return;
    }
    const doubt = outcome.mayHaveHappened ? " It may have happened all the same." : "";
    this.said.value = { words: `${outcome.why}${doubt}`, isBad: true };
  }

  #takeSent(message: ChatMessageReply): void {
    this.said.value = { words: `Message sent to '${message.to}': ${firstLine(message.text)}`, isBad: false };
    if (this.open.value?.peer === message.to) this.open.value.takeSent(message);
    void this.conversations.refresh();
  }

  /** What did not work when it should have. */
  #tryAgain(): void {
    if (this.conversations.trouble.value !== null) void this.conversations.refresh();
    const thread = this.open.value;
    if (thread === null) return;
    if (!thread.isLoaded.value && thread.trouble.value !== null && !thread.thread.value.isGone) void thread.load();
    void thread.markSeen();
  }

  #readAnew(): void {
    void this.conversations.refresh();
    void this.open.value?.load();
  }

  #hear(type: string | undefined, data: string): void {
    const event = { ...(JSON.parse(data) as object), type } as ChatEvent;
    switch (event.type) {
      case "started":
        if (this.#isFollowing) void this.conversations.refresh();
        else this.#readAnew();
        this.#isFollowing = true;
        return;
      case "resync":
        this.#readAnew();
        return;
      case "logged-out":
        this.#ended();
        return;
      case "progress":
        return;
      case "message":
      case "deleted":
      case "read":
      case "account-deleted":
        this.open.value?.take(event);
        this.#tell(event);
        void this.conversations.refresh();
    }
  }

  #tell(event: ChatEvent): void {
    if (event.type === "message" && event.message.from !== this.user) {
      this.heard.value = `${event.message.from}: ${event.message.text}`;
    }
    if (event.type === "account-deleted") {
      this.said.value = { words: `Account '${event.user}' deleted, and the conversation with it.`, isBad: false };
    }
  }
}
