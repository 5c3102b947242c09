import { computed, signal } from "@preact/signals";
import { EventStream } from "../server/event-stream.js";
import { isIdle, isLost, isShown, type LostMessages, type Message, messageIn } from "../words/message.js";

/** Messages that are kept at most, and those of them that are shown. */
export const MOST_MESSAGES = 500;
export const MOST_SHOWN = 200;
/** Names and types that can be chosen from at most: a cluster has few. */
const MOST_NAMES = 100;
/** How often what came is shown, in milliseconds: a busy cluster sends thousands a second. */
const SHOW_EVERY_MS = 200;

export const serverFilter = signal("");
export const typeFilter = signal("");
export const textFilter = signal("");
/** Whether messages that carry nothing are not even kept, so that those that do stay for longer. */
export const leavesOutIdle = signal(true);
export const isPaused = signal(false);
/** Messages that came since it is paused. */
export const missed = signal(0);

/** The last messages, the oldest first. */
const kept = signal<readonly (Message | LostMessages)[]>([]);
/** What came and is not shown yet. */
let arrived: (Message | LostMessages)[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let lastNumber = 0;

/** Who sends and hears messages, and the types of those that came, to choose from. */
export const serverNames = signal<readonly string[]>([]);
export const messageTypes = signal<readonly string[]>([]);

const stream = new EventStream(({ event, data }) => {
  const message = messageIn(event, data, ++lastNumber);
  if (leavesOutIdle.value && isIdle(message)) return;
  arrived.push(message);
  if (arrived.length > MOST_MESSAGES) arrived = arrived.slice(-MOST_MESSAGES);
  if (isPaused.value) missed.value++;
  else timer ??= setTimeout(show, SHOW_EVERY_MS);
});

export const messageStream = stream.state;

/** The messages that pass the filter, the latest first. */
export const shownMessages = computed(() => {
  const filter = { server: serverFilter.value, type: typeFilter.value, text: textFilter.value };
  const passing = kept.value.filter((message) => isShown(message, filter));
  return { shown: passing.slice(-MOST_SHOWN).reverse(), passing: passing.length, kept: kept.value.length };
});

/** Asks for what is sent from now on. */
export function watchMessages(): void {
  stream.start("/events");
}

/** Asks for nothing more; what came stays. */
export function endMessages(): void {
  stream.stop();
}

/** Shows nothing more, but keeps what comes. */
export function pause(): void {
  isPaused.value = true;
}

/** Shows what came meanwhile, and goes on. */
export function goOn(): void {
  isPaused.value = false;
  missed.value = 0;
  show();
}

/** Forgets all that came. */
export function clearMessages(): void {
  arrived = [];
  kept.value = [];
  missed.value = 0;
}

function show(): void {
  clearTimeout(timer);
  timer = undefined;
  if (arrived.length === 0) return;
  const fresh = arrived.filter((message) => !isLost(message)) as Message[];
  serverNames.value = withMore(
    serverNames.value,
    fresh.flatMap(({ from, to }) => [from, to]),
  );
  messageTypes.value = withMore(
    messageTypes.value,
    fresh.map(({ type }) => type),
  );
  kept.value = [...kept.value, ...arrived].slice(-MOST_MESSAGES);
  arrived = [];
}

function withMore(names: readonly string[], more: readonly string[]): readonly string[] {
  const fresh = [...new Set(more)].filter((name) => !names.includes(name));
  return fresh.length === 0 ? names : [...names, ...fresh].sort().slice(0, MOST_NAMES);
}
