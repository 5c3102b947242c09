import type { ChatEvents, ChatLogin, ChatLoginEvent, ChatMessage } from "@synod/client";
import { expect, test } from "vitest";
import { LiveEvents } from "../src/chat/live-events.ts";
import { Seat } from "../src/chat/seat.ts";
import type { Prompt } from "../src/terminal/prompt.ts";
import { Terminal } from "../src/terminal/terminal.ts";

const message = (id: number, text: string): ChatMessage => ({
  ...{ id, from: "ann", to: "ben", text, time: Date.UTC(2026, 0, 1), read: false },
});

/** Somebody who is logged in at a prompt, and hears the events that a test hands over. */
async function hearing() {
  const told: string[] = [];
  const coming: ChatLoginEvent[] = [];
  let wake = () => {};
  const take = (event: ChatLoginEvent) => {
    coming.push(event);
    wake();
    // Until it was told, or kept back.
    return new Promise((resolve) => setImmediate(resolve));
  };
  async function* stream(): AsyncGenerator<ChatLoginEvent> {
    for (;;) {
      for (let event = coming.shift(); event !== undefined; event = coming.shift()) yield event;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  const events = Object.assign(stream(), { started: Promise.resolve() }) as unknown as ChatEvents;
  const login = { user: "ann", events: () => events, unread: async () => ({ unread: 0 }) } as unknown as ChatLogin;
  const prompt = { isInteractive: true, tell: (text: string) => void told.push(text), note: () => {} };
  const sink = { write: () => true };
  const never = new AbortController().signal;
  const surroundings = { stdout: sink, stderr: sink, env: {}, interrupted: never, outputClosed: never };
  const terminal = new Terminal({ ...surroundings, stdin: process.stdin }, { json: false, color: false });
  const seat = new Seat(() => {});
  seat.take(login);
  const live = new LiveEvents(prompt as unknown as Prompt, terminal, seat, 1000);
  await live.begin(login);
  return { live, told, take };
}

test("what was sent here is no news, also if its news come only while the next message is being sent", async () => {
  const { live, told, take } = await hearing();
  await live.whileSending(async () => message(1, "one"));
  await live.whileSending(async () => {
    await take({ type: "message", message: message(1, "one") });
    await take({ type: "message", message: message(2, "from elsewhere") });
    return message(3, "two");
  });
  await take({ type: "message", message: message(3, "two") });
  expect(told).toEqual([expect.stringContaining("from elsewhere")]);
  live.end();
});
