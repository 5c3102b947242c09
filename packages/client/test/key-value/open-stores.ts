import { onTestFinished } from "vitest";
import { connectStore, type Store, type StoreOptions } from "../../src/index.ts";
import { StandInGateway } from "./stand-in-gateway.ts";

const PATIENT = { timeoutMs: 30_000, serverTimeoutMs: 30_000 };

/**
 * A store over these gateways, which is ended with the test, whatever is under way. It is patient: what a test holds back is
 * not asked for again before the test lets go of it, however busy the machine is.
 */
export function storeOf(gateways: readonly StandInGateway[], options: Partial<StoreOptions> = {}): Store {
  const ending = new AbortController();
  const store = connectStore({
    servers: gateways.map(({ url }) => url),
    ...PATIENT,
    signal: ending.signal,
    ...options,
  });
  onTestFinished(async () => {
    ending.abort();
    await store.close();
  });
  return store;
}

/** A gateway, and a store over it. */
export async function oneStore(options: Partial<StoreOptions> = {}) {
  const gateway = await StandInGateway.started();
  return { gateway, store: storeOf([gateway], options) };
}

/** What a call failed with; null if it did not. */
export function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  );
}
