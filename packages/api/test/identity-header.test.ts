import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatIdentity,
  formatNodeIdentity,
  IDENTITY_HEADER,
  MOST_SERVERS,
  parseIdentity,
  parseNodeIdentity,
} from "../src/index.ts";

test("the header is written as it is documented", () => {
  expect(IDENTITY_HEADER).toBe("synod-server");
  expect(formatIdentity({ serverId: 2, serverCount: 3, poolId: "pool-id" })).toBe("2/3 pool-id");
});

test("every identity comes back as it was sent", () => {
  const number = fc.integer({ min: 1, max: MOST_SERVERS });
  const identity = fc.record({ serverId: number, serverCount: number, poolId: fc.uuid() });
  fc.assert(
    fc.property(identity, (sent) => {
      expect(parseIdentity(formatIdentity(sent))).toEqual(sent);
    }),
  );
});

test.each([
  undefined,
  null,
  7,
  ["2/3 pool"],
  "",
  "2/3",
  "2/3 ",
  "2 3 pool",
  "0/3 pool",
  "2/0 pool",
  "-2/3 pool",
  "02/3 pool",
  "2/3.5 pool",
  " 2/3 pool",
  "2/3  pool",
  "2/3 two words",
  "2/3 pool\n",
  "1234567/3 pool",
])("%j is no identity: who sent it is unknown", (text) => {
  expect(parseIdentity(text)).toBeNull();
});

describe("the header in which a role of a cluster says who it is", () => {
  test("tells role and cluster, and is read back as it was written", () => {
    const identity = { name: "learner12", clusterId: "0b6f-3" };
    expect(formatNodeIdentity(identity)).toBe("learner12 0b6f-3");
    expect(parseNodeIdentity(formatNodeIdentity(identity))).toEqual(identity);
  });

  test.each([undefined, ["learner1 x"], "", "learner1", "learner x", "learner0 x", "learner1 x y", "1 x", "2/3 pool"])(
    "%j is none",
    (text) => {
      expect(parseNodeIdentity(text)).toBeNull();
    },
  );
});
