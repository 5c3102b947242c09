import type { Address } from "@synod/api";
import type { HistoryRecorder } from "./history-recorder.js";
import { type Heard, HttpCaller, httpText } from "./http-caller.js";
import type { Level } from "./options.js";
import { type Outcome, requestFor, type StoreProtocol } from "./store-protocol.js";
import type { Asked } from "./workload.js";

/** A store under load: what speaks to it needs no more. */
export interface LoadedStore {
  readonly protocol: StoreProtocol;
  /** Where connections go, in turn. */
  readonly addresses: readonly Address[];
  readonly secret: string | undefined;
  readonly level: Level;
  readonly timeoutMs: number;
  readonly recorder: HistoryRecorder | null;
}

/** One client: a connection with an operation under way at most, and its lines of the history. */
export class LoadConnection {
  readonly #store: LoadedStore;
  readonly #process: string;
  readonly #address: Address;
  readonly #caller: HttpCaller;

  /** @param process what the history calls it: a name that it alone has; @param place which of many it is, from 0 on */
  constructor(store: LoadedStore, process: string, place: number) {
    this.#store = store;
    this.#process = process;
    this.#address = store.addresses[place % store.addresses.length] as Address;
    this.#caller = new HttpCaller(this.#address, store.timeoutMs);
  }

  /** Does an operation. @param tells is called when its outcome is known, unless this connection is closed before */
  ask(asked: Asked, tells: (outcome: Outcome) => void): void {
    const { protocol, level, secret, recorder } = this.#store;
    const request = requestFor(protocol, asked.operation, asked.key, asked.value, level);
    recorder?.invoke(this.#process, protocol.name, asked);
    this.#caller.call(httpText(request, this.#address, secret), (heard) => {
      const outcome = outcomeOf(heard, protocol);
      recorder?.close(this.#process, protocol.name, asked, this.#endingOf(asked, outcome, heard));
      tells(outcome);
    });
  }

  close(): void {
    this.#caller.close();
  }

  #endingOf({ operation }: Asked, outcome: Outcome, heard: Heard) {
    if (outcome.kind === "failed") return { type: outcome.definite ? "fail" : "info" } as const;
    const value = operation === "get" && "body" in heard ? this.#store.protocol.valueIn(heard.body) : null;
    return { type: "ok", value } as const;
  }
}

function outcomeOf(heard: Heard, protocol: StoreProtocol): Outcome {
  if ("kind" in heard) return heard;
  const isFine = heard.status >= 200 && heard.status < 300;
  return isFine ? { kind: "done" } : protocol.outcomeOf(heard.status, heard.body);
}
