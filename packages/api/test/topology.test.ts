import { describe, expect, test } from "vitest";
import { defaultAcceptorAddress, defaultAddress, formatAddress, MOST_SERVERS, ROLES, roleName } from "../src/index.ts";

describe("where the servers of a cluster listen when nobody says otherwise", () => {
  test("every role has a thousand ports of its own, and the gateway is where people look for it", () => {
    expect(ROLES.map((role) => formatAddress(defaultAddress(role, 1)))).toEqual([
      "127.0.0.1:5001",
      "127.0.0.1:6001",
      "127.0.0.1:7001",
      "127.0.0.1:9001",
      "127.0.0.1:8000",
    ]);
    const ports = ROLES.flatMap((role) => [1, 2, MOST_SERVERS].map((number) => defaultAddress(role, number).port));
    expect(new Set(ports).size).toBe(ports.length);
  });

  test("an acceptor of a cluster is where one of a pool is", () => {
    expect(defaultAddress("acceptor", 3)).toEqual(defaultAcceptorAddress(3));
  });
});

test("a role is called by what it is and its number", () => {
  expect(roleName("proposer", 2)).toBe("proposer2");
});
