/** What an answer cost, as the server tells it. */
export interface Cost {
  readonly messages: number;
  readonly sharedBy: number;
  readonly ms: number;
}

/** `6 messages between the nodes, shared by 3 requests, in 4.2 ms`. */
export function costInWords({ messages, sharedBy, ms }: Cost): string {
  const shared = sharedBy > 1 ? `, shared by ${sharedBy} requests` : "";
  return `${counted(messages, "message")} between the nodes${shared}, in ${millisecondsInWords(ms)}`;
}

/** `4.2 ms`, `42 ms`. */
export function millisecondsInWords(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** `1 slot`, `2 slots`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
