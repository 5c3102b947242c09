import type { Random } from "@synod/consensus";
import type { Json } from "@synod/state-machines";
import { type Asking, oneOf } from "../multipaxos/service.js";

/** Whoever they are, they know of each other. */
export const USERS: readonly string[] = ["ann", "bob", "cid"];
/** Logins of one person, one after the other or side by side. */
const TOKENS_OF_USER = 3;
/** Ids of messages, and slots, are guessed below these numbers: somewhat more than there are in most runs. */
const IDS_GUESSED = 30;
const SLOTS_GUESSED = 400;
const MOST_IDS_GUESSED = 15;

/** In the place of the credential that an operation names: a server looks it up, as whoever asks cannot know it. */
export const CREDENTIAL_UNKNOWN = 0;

/** The logins of a person, as operations name them. */
export function tokensOf(user: string): readonly string[] {
  return Array.from({ length: TOKENS_OF_USER }, (_, place) => tokenOf(user, place));
}

/** The n-th of them. */
function tokenOf(user: string, place: number): string {
  return `${place.toString(16).padStart(2, "0")}${USERS.indexOf(user)}`.padEnd(64, "0");
}

/** Whose login this is, if it is one at all. */
export function userOfToken(token: string): string {
  return USERS[Number(token[2])] ?? "";
}

/** What people do in a chat, from all of their devices. */
export class ChatAsking implements Asking {
  readonly #random: Random;
  /** Makes each text and each salt another one. */
  #asked = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  write(): Json {
    const random = this.#random;
    const die = random.below(100);
    const user = oneOf(random, USERS);
    const token = this.#token(user);
    if (die < 36) return this.put();
    if (die < 68) return { type: "log-in", user, credential: CREDENTIAL_UNKNOWN, token };
    if (die < 82) return { type: "mark-read", token, ids: this.#someIds() };
    if (die < 88) return { type: "delete-messages", token, ids: this.#someIds() };
    if (die < 97) return { type: "create-account", user, password: this.#password(), time: ++this.#asked };
    if (die < 98) return { type: "log-out", token };
    if (die < 99) return { type: "set-password", token, credential: CREDENTIAL_UNKNOWN, password: this.#password() };
    return { type: "delete-account", token };
  }

  put(): Json {
    const number = ++this.#asked;
    const token = this.#token(oneOf(this.#random, USERS));
    return { type: "send", token, to: oneOf(this.#random, USERS), text: `m${number}`, time: number };
  }

  query(): Json {
    const random = this.#random;
    const user = oneOf(random, USERS);
    const token = this.#token(user);
    const [before, limit] = [1 + random.below(IDS_GUESSED), 1 + random.below(20)];
    switch (random.below(7)) {
      case 0:
        return { type: "login", token };
      case 1:
        return { type: "accounts", token };
      case 2:
        return { type: "conversations", token };
      case 3:
        return { type: "unread", token, ...(random.below(3) === 0 ? { after: before, limit } : {}) };
      case 4:
        return { type: "news", token, after: random.below(SLOTS_GUESSED) };
      default: {
        const page = random.below(3) === 0 ? { before, limit } : {};
        return { type: "conversation", token, with: oneOf(random, USERS), ...page };
      }
    }
  }

  again(operation: Json): Json {
    return operation;
  }

  #token(user: string): string {
    return tokenOf(user, this.#random.below(TOKENS_OF_USER));
  }

  /** Of which some may be there, and some of those may be one's own. */
  #someIds(): number[] {
    const first = 1 + this.#random.below(IDS_GUESSED);
    return Array.from({ length: 1 + this.#random.below(MOST_IDS_GUESSED) }, (_, place) => first + place);
  }

  #password(): Json {
    const salt = (++this.#asked).toString(16).padStart(32, "0");
    return { salt, hash: salt.repeat(2), cost: 2, blockSize: 1, parallelization: 1 };
  }
}
