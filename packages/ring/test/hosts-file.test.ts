import { describe, expect, test } from "vitest";
import { hostOf, parseHosts } from "../src/hosts-file.ts";

const SIMPLEST = [
  "PROPOSERS 1",
  "ACCEPTORS 1",
  "LEARNERS 1",
  "localhost 10000 con",
  "localhost 10001 con",
  "localhost 10002 con",
  "localhost 10003 cli",
];

/** The file with this line in place of one, counted from 1. */
function withLine(line: number, text: string): string {
  return SIMPLEST.map((one, place) => (place === line - 1 ? text : one)).join("\n");
}

describe("a hosts file", () => {
  test("has counts, then nodes, then clients; the place of a line is its UID", () => {
    const { plan, hosts } = parseHosts(`${SIMPLEST.join("\n")}\n`);
    expect(plan).toEqual({ proposers: 1, acceptors: 1, learners: 1, clients: 1 });
    expect(hosts.map(({ uid, name, kind, line }) => [uid, name, kind, line])).toEqual([
      [0, "n0", "node", 4],
      [1, "n1", "node", 5],
      [2, "n2", "node", 6],
      [3, "c3", "client", 7],
    ]);
    expect(hosts[1]?.address).toEqual({ host: "localhost", port: 10001 });
  });

  test("may name other machines, by name or address, and have empty lines and remarks", () => {
    const text = `# a ring\n\n${withLine(4, "node-a.example.org 10000 con # far away").replace("localhost 10001", "::1 10000")}\r\n`;
    expect(parseHosts(text).hosts.map(({ address }) => address.host)).toEqual([
      ...["node-a.example.org", "::1", "localhost", "localhost"],
    ]);
  });

  test("that says the same has the same ring, however it is written; another one has another", () => {
    const { clusterId } = parseHosts(SIMPLEST.join("\n"));
    expect(parseHosts(`\n${SIMPLEST.join("\n\n")}`).clusterId).toBe(clusterId);
    expect(parseHosts(withLine(7, "localhost 10004 cli")).clusterId).not.toBe(clusterId);
  });

  test.each([
    [withLine(1, "PROPOSERS two"), "hosts.txt line 1: PROPOSERS is followed by a number 1..15"],
    [withLine(1, "PROPOSERS 16"), "hosts.txt line 1: PROPOSERS is followed by a number 1..15"],
    [withLine(2, "ACCEPTORS 1 2"), "hosts.txt line 2: ACCEPTORS is followed by a number"],
    [withLine(3, "LEARNERS 0"), "hosts.txt line 3: LEARNERS 0: there must be at least one"],
    [withLine(3, ""), "hosts.txt line 7: LEARNERS is missing"],
    [withLine(3, "PROPOSERS 1"), "hosts.txt line 3: PROPOSERS is there already, in line 1"],
    [withLine(7, "ACCEPTORS 1"), "hosts.txt line 7: ACCEPTORS stands before all hosts"],
    [withLine(2, "ACCEPTORS 2"), "hosts.txt line 3: 1 proposers, 2 acceptors and 1 learners are 4 nodes, but 3 lines"],
    [
      withLine(7, "localhost 10003 con"),
      "hosts.txt line 7: 1 proposers, 1 acceptors and 1 learners are 3 nodes, but 4",
    ],
    [withLine(5, "localhost 10000 con"), "hosts.txt line 5: localhost:10000 is the address of line 4, too"],
    [withLine(5, "127.0.0.1 10000 con"), "hosts.txt line 5: 127.0.0.1:10000 is the address of line 4, too"],
    [withLine(4, "localhost 10000 cli"), "hosts.txt line 5: nodes (con) come before clients (cli)"],
    [withLine(5, "localhost 99999 con"), 'hosts.txt line 5: "99999" is no port'],
    [withLine(5, "local/host 10001 con"), 'hosts.txt line 5: "local/host" is neither a host\'s name nor an address'],
    [withLine(5, "localhost 10001 both"), "hosts.txt line 5: this is no line of it"],
    ["", "hosts.txt line 1: PROPOSERS is missing"],
  ])("%j is refused with the line that is wrong", (text, message) => {
    expect(() => parseHosts(text)).toThrow(message);
  });

  test("tells who has a UID, and whose it is not", () => {
    const hosts = parseHosts(SIMPLEST.join("\n"));
    expect(hostOf(hosts, 3, "client").name).toBe("c3");
    expect(() => hostOf(hosts, 3, "node")).toThrow("3 is not the UID of a node: those have UIDs 0..2");
    expect(() => hostOf(hosts, 0, "client")).toThrow("those have UIDs 3..3");
  });
});
