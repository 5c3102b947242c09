import { type FakeGateway, fakeGateway } from "./fake-gateway.ts";

/** A gateway that also removes what it is asked to remove. */
export async function gatewayToMeasure(): Promise<FakeGateway> {
  const gateway = await fakeGateway();
  const usual = gateway.answering;
  gateway.answering = (asked) => {
    if (asked.path !== "/kv/batch") return usual(asked);
    const { operations } = asked.body as { operations: { type: string; key: string }[] };
    for (const { key } of operations) gateway.store.delete(key);
    return { body: { results: operations, untried: 0 } };
  };
  return gateway;
}
