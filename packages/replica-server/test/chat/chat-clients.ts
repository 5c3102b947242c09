import { randomUUID } from "node:crypto";
import { LOGIN_HEADER } from "@synod/api";
import { ChangeReader } from "../change-reader.ts";
import { until } from "../cluster-stage.ts";

/** How long one request may take before another node is asked, in milliseconds. */
const PATIENCE_MS = 3000;

/** A client of a chat as a person has one: it speaks to one node, and turns to the next when that one does not do. */
class Client {
  readonly #urls: readonly string[];
  #turn: number;

  /** @param first the node that it turns to at first */
  constructor(urls: readonly string[], first: number) {
    this.#urls = urls;
    this.#turn = first;
  }

  get url(): string {
    return this.#urls[this.#turn % this.#urls.length] ?? "";
  }

  turnToNext(): void {
    this.#turn++;
  }

  /** Asks until it is done: whatever is asked here may be asked again. */
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what the tests look at
  async post(path: string, body: object, token?: string): Promise<any> {
    const login = token === undefined ? {} : { [LOGIN_HEADER]: token };
    const headers = { "content-type": "application/json", ...login };
    for (;;) {
      const answer = await this.#asked(path, { method: "POST", headers, body: JSON.stringify(body) });
      if (answer?.status === 200) return answer.body;
      if (answer && answer.status < 500) throw new Error(JSON.stringify(answer.body));
      this.turnToNext();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #asked(path: string, request: RequestInit) {
    try {
      const answer = await fetch(this.url + path, { ...request, signal: AbortSignal.timeout(PATIENCE_MS) });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return null;
    }
  }
}

/** Logs in, with a token that it draws itself, so that it may ask again. */
async function logIn(client: Client, user: string, password: string): Promise<string> {
  const token = randomUUID().replaceAll("-", "").padEnd(43, "0");
  return (await client.post("/chat/logins", { user, password, token })).token;
}

/** Sends one message after the other, the numbers 1, 2, 3, ...: each until it is acknowledged, under its number in a session. */
class Sender {
  /** How many are acknowledged. */
  acknowledged = 0;
  #isOver = false;
  readonly #work: Promise<void>;

  private constructor(work: (sender: Sender) => Promise<void>) {
    this.#work = work(this);
  }

  /** @param first the node, by its place among all, that it speaks to at first */
  static async begun(
    urls: readonly string[],
    user: string,
    password: string,
    to: string,
    first: number,
  ): Promise<Sender> {
    const client = new Client(urls, first);
    const token = await logIn(client, user, password);
    const name = randomUUID();
    const { openedAt, firstSequence } = await client.post("/chat/sessions", { client: name });
    return new Sender(async (sender) => {
      for (let sequence = firstSequence; !sender.#isOver; sequence++) {
        const session = { client: name, openedAt, sequence, firstUnacknowledged: sequence };
        const text = String(sender.acknowledged + 1);
        await client.post("/chat/messages", { to, text, session, timeout_ms: 2000 }, token);
        sender.acknowledged++;
      }
    });
  }

  /** The texts that were acknowledged, in their order. */
  get texts(): string[] {
    return Array.from({ length: this.acknowledged }, (_, index) => String(index + 1));
  }

  /** Sends no more, once the one under way is acknowledged. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }
}

/** Follows what is new to somebody, at one node after the other: each time from where the last stream ended. */
class Follower {
  /** Of all messages that it was told, in the order in which it was. */
  readonly texts: string[] = [];
  /** How many streams it has read. */
  streams = 0;
  #isOver = false;
  #reader: ChangeReader | null = null;
  readonly #work: Promise<void>;

  private constructor(work: (follower: Follower) => Promise<void>) {
    this.#work = work(this);
  }

  /** @param first the node, by its place among all, that it follows at first */
  static async begun(urls: readonly string[], user: string, password: string, first: number): Promise<Follower> {
    const client = new Client(urls, first);
    const headers = { [LOGIN_HEADER]: await logIn(client, user, password) };
    return new Follower(async (follower) => {
      for (let lastId: string | undefined; !follower.#isOver; ) {
        try {
          const reader = await ChangeReader.open(`${client.url}/chat/events?timeout_ms=2000`, lastId, headers);
          follower.#reader = reader;
          if (follower.#isOver) reader.close();
          await reader.ended;
          follower.streams++;
          for (const { data } of reader.events) follower.texts.push((data["message"] as { text: string }).text);
          lastId = reader.lastId ?? reader.startedAfter ?? lastId;
        } catch {
          // That node does not do.
        }
        client.turnToNext();
      }
    });
  }

  /** How many messages it was told. */
  get told(): number {
    return this.texts.length + (this.#reader?.events.length ?? 0);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#reader?.close();
    await this.#work;
  }
}

/** Of a conversation in which something failed. */
export interface Conversation {
  /** What was acknowledged to one side, in its order. */
  readonly acknowledged: readonly string[];
  /** What the other side was told, in its order. */
  readonly told: readonly string[];
  /** How many streams told it. */
  readonly streams: number;
}

/**
 * One sends messages and the other follows them, both at first at the node that is to fail; both go on at others.
 *
 * @param place of that node among all
 * @param count messages before it fails, and as many after
 */
export async function conversationDuring(
  fail: () => Promise<void> | void,
  { urls, place, count }: { readonly urls: readonly string[]; readonly place: number; readonly count: number },
  { from, to, password }: { readonly from: string; readonly to: string; readonly password: string },
): Promise<Conversation> {
  const follower = await Follower.begun(urls, to, password, place);
  const sender = await Sender.begun(urls, from, password, to, place);
  await until("it is under way", () => sender.acknowledged >= count && follower.told >= count);
  await fail();
  const before = sender.acknowledged;
  await until("it goes on", () => sender.acknowledged >= before + count);
  await sender.end();
  await until("all is told", () => follower.told >= sender.acknowledged);
  await follower.end();
  return { acknowledged: sender.texts, told: follower.texts, streams: follower.streams };
}
