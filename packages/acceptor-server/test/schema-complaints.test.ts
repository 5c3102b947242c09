import { Type } from "typebox";
import { expect, test } from "vitest";
import { nodeStage } from "./node-stage.ts";

const FIELDS = {
  consistency: Type.Optional(Type.Enum(["eventual", "session", "strong"])),
  pattern: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 2 })])),
  key: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  code: Type.Optional(Type.String({ pattern: "^[0-9]{2}$", description: "Two digits." })),
};

test.each([
  [{ consistency: "perfect" }, "body/consistency must be one of eventual, session, strong"],
  [{ key: "k".repeat(1025) }, "body/key has more than 1,024 characters"],
  [{ key: "" }, "body/key is empty"],
  [{ kye: "a" }, 'body has an unknown field "kye"'],
  [{ pattern: ["a", "b", "c"] }, "body/pattern must be string; body/pattern has more than 2 entries"],
  [{ pattern: [] }, "body/pattern must be string; body/pattern has no entry"],
  [{ key: 7 }, "body/key must be string"],
  [{ code: "7" }, "body/code is not what it must be: Two digits"],
])("a body %j is told which field is wrong, and what it may be", async (payload, detail) => {
  const { app } = await nodeStage();
  const body = Type.Object(FIELDS, { additionalProperties: false });
  app.route({ method: "POST", url: "/taken", schema: { body }, handler: async () => "ok" });
  const answer = await app.inject({ method: "POST", url: "/taken", payload });
  expect(answer.json()).toMatchObject({ status: 400, code: "bad-request", detail });
});

test("a query is told the same", async () => {
  const { app } = await nodeStage();
  const querystring = Type.Object(FIELDS, { additionalProperties: false });
  app.route({ method: "GET", url: "/asked", schema: { querystring }, handler: async () => "ok" });
  const answer = await app.inject("/asked?consistency=foo");
  expect(answer.json().detail).toBe("querystring/consistency must be one of eventual, session, strong");
});
