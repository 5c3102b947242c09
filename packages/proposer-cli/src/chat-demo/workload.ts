import { type ChatClient, type ChatLogin, StoreError } from "@synod/client";
import { CommandFailure, ExitCode } from "../terminal/exit-code.js";

/** The two whom the test has: whoever likes can log in as them, and see what they wrote. */
const TEST_ACCOUNTS = { alice: "alice-demo", bob: "bob-demo" } as const;

type TestAccount = keyof typeof TEST_ACCOUNTS;

/**
 * Makes the accounts alice and bob, if they are not there; alice sends a message to bob, and bob reads it. Each step is a
 * command of the log, or a read that a majority confirms: there is none that succeeds without a quorum.
 *
 * @param text of the message
 * @param tell hears of each step
 * @throws {StoreError | CommandFailure} if a step fails
 */
export async function workload(chat: ChatClient, text: string, tell: (sentence: string) => void): Promise<void> {
  for (const user of ["alice", "bob"] as const) tell(await createUnlessThere(chat, user));
  const alice = await logIn(chat, "alice", tell);
  const sent = await alice.send("bob", text);
  tell(`Message sent to 'bob': ${text}`);
  const bob = await logIn(chat, "bob", tell);
  const { messages } = await bob.conversation("alice");
  const read = messages.find(({ id }) => id === sent.id);
  if (read?.text !== text || read.from !== "alice") {
    const found = read ? JSON.stringify(read.text) : "nothing";
    throw new CommandFailure(
      ExitCode.failure,
      "not-read",
      `bob reads ${found}, and not what alice sent: message ${sent.id}`,
    );
  }
  await bob.markRead([sent.id]);
  tell(`Message read by 'bob': ${read.text}`);
  for (const login of [alice, bob]) {
    await login.logOut();
    tell(`User '${login.user}' logged out.`);
  }
}

async function createUnlessThere(chat: ChatClient, user: TestAccount): Promise<string> {
  if (await chat.isTaken(user)) return `Username already exists: '${user}'.`;
  try {
    await chat.createAccount(user, TEST_ACCOUNTS[user]);
    return `New account '${user}' created.`;
  } catch (error) {
    // The other machine may be testing, too.
    if (error instanceof StoreError && error.code === "username-taken") return `Username already exists: '${user}'.`;
    throw error;
  }
}

async function logIn(chat: ChatClient, user: TestAccount, tell: (sentence: string) => void): Promise<ChatLogin> {
  try {
    const login = await chat.logIn(user, TEST_ACCOUNTS[user]);
    tell(`Logged in as '${user}'. Unread messages: ${login.unreadAtFirst}.`);
    return login;
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "incorrect-password") throw error;
    const why = `Incorrect password. The account '${user}' is somebody's own: the test needs ${TEST_ACCOUNTS[user]}`;
    throw new CommandFailure(ExitCode.failure, error.code, why, { cause: error });
  }
}
