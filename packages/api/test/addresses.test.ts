import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  defaultAcceptorAddress,
  formatAddress,
  isLoopback,
  MOST_SERVERS,
  parseAddress,
  parseServers,
} from "../src/index.ts";

describe("an address", () => {
  test.each([
    ["127.0.0.1:5001", "127.0.0.1", 5001],
    ["localhost:1", "localhost", 1],
    ["node-1.example.org:65535", "node-1.example.org", 65535],
    ["http://127.0.0.1:5001", "127.0.0.1", 5001],
    ["http://127.0.0.1:5001/", "127.0.0.1", 5001],
    ["[::1]:5001", "::1", 5001],
    ["http://[fe80::1]:80", "fe80::1", 80],
    ["  127.0.0.1:5001 ", "127.0.0.1", 5001],
  ])("%j is read", (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  test.each([
    "",
    "127.0.0.1",
    ":5001",
    "5001",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.1:123456",
    "127.0.0.1:-1",
    "127.0.0.1:5001x",
    "127.0.0.1:50 01",
    "::1:5001",
    "[::1]",
    "[::1:5001",
    "[]:5001",
    "[name]:5001",
    "https://127.0.0.1:5001",
    "http://127.0.0.1:5001/state",
    "user@127.0.0.1:5001",
    "a b:1",
    "a/b:1",
    "a\r\nb:1",
    "127.0.0.1:5001,127.0.0.1:5002",
  ])("%j is none, and the message shows one", (text) => {
    expect(() => parseAddress(text)).toThrow(
      `"${text}" is not an address: write host:port, for example 127.0.0.1:5001`,
    );
  });

  test("comes back as it was written", () => {
    const host = fc.oneof(fc.ipV4(), fc.domain(), fc.constantFrom("::1", "fe80::1", "::ffff:127.0.0.1"));
    const address = fc.record({ host, port: fc.integer({ min: 1, max: 65535 }) });
    fc.assert(
      fc.property(address, (sent) => {
        expect(parseAddress(formatAddress(sent))).toEqual(sent);
      }),
    );
  });

  test("of acceptor i is port 5000 + i of this machine where nobody says otherwise", () => {
    expect(defaultAcceptorAddress(1)).toEqual({ host: "127.0.0.1", port: 5001 });
    expect(defaultAcceptorAddress(MOST_SERVERS)).toEqual({ host: "127.0.0.1", port: 5999 });
  });
});

describe("a list of servers", () => {
  test("gives the addresses in their order, which is that of the ids", () => {
    expect(parseServers("b:2, a:1,http://[::1]:3")).toEqual([
      { host: "b", port: 2 },
      { host: "a", port: 1 },
      { host: "::1", port: 3 },
    ]);
  });

  test.each(["a:1,b:2,a:1", "a:1,http://a:1/", "a:1, a:1"])(
    "%j names one server twice, which would count one vote as two",
    (text) => {
      expect(() => parseServers(text)).toThrow("a:1 is named twice");
    },
  );

  test.each(["", ",", "a:1,", ",a:1", "a:1;b:2", "a:1,b"])("%j is none", (text) => {
    expect(() => parseServers(text)).toThrow("is not an address");
  });

  test("has 999 servers at most, so that every default port is one", () => {
    const list = (count: number) => Array.from({ length: count }, (_, position) => `a:${position + 1}`).join(",");
    expect(parseServers(list(MOST_SERVERS))).toHaveLength(999);
    expect(() => parseServers(list(MOST_SERVERS + 1))).toThrow("at most 999 servers");
  });
});

describe("only this machine can reach", () => {
  test.each(["localhost", "::1", "127.0.0.1", "127.1.2.3"])("%s", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each([
    "0.0.0.0",
    "::",
    "",
    "192.168.0.1",
    "128.0.0.1",
    "127.0.0.1.example.org",
    "localhost.example.org",
    "x127.0.0.1",
  ])("not %j", (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
