/**
 * Two people write to each other, and one of them hears it as it happens. It needs a chat: `synod cluster start chat`.
 *
 *     node examples/chat.mjs [server ...]
 */
import { randomUUID } from "node:crypto";
import { connectChat, StoreError } from "@synod/client";

const named = process.argv.slice(2);
const servers = named.length > 0 ? named : [1, 2, 3, 4, 5].map((node) => `http://127.0.0.1:${50050 + node}`);
const chat = connectChat({ servers });

// Names that nobody else has.
const [alice, bob] = ["alice", "bob"].map((name) => `${name}-${randomUUID().slice(0, 8)}`);
for (const user of [alice, bob]) await chat.createAccount(user, "correct horse battery");
console.log("taken:", await chat.isTaken(alice), await chat.isTaken(`${alice}.`));

const asAlice = await chat.logIn(alice, "correct horse battery");
const asBob = await chat.logIn(bob, "correct horse battery");

// From now on, which is when `started` resolves, Bob hears of everything, from whichever node.
const events = asBob.events();
await events.started;

for (const text of ["hello", "are you there?"]) await asAlice.send(bob, text);
const [, second] = (await asBob.read()).messages;
await asBob.send(alice, "yes");
await asAlice.deleteMessages([second.id]);

for await (const event of events) {
  if (event.type === "message") console.log("message:", event.message.text);
  if (event.type === "read") console.log("read:", event.conversations[0].ids.length);
  if (event.type === "deleted") break;
}

const { messages } = await asAlice.conversation(bob);
console.log(messages.map(({ text, read }) => `${text} (${read ? "read" : "unread"})`).join(", "));

try {
  await chat.logIn(alice, "a guess");
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  console.log(error.code, error.definite);
}

for (const login of [asAlice, asBob]) await login.deleteAccount();
await chat.close();
