import { describe, expect, test } from "vitest";
import { ChatGateway } from "../src/chat/chat-gateway.ts";
import { CHAT_SOMETIMES } from "../src/chat/chat-occurrences.ts";
import { CHAT } from "../src/chat/chat-protocol.ts";
import { ChatRules } from "../src/chat/chat-rules.ts";
import { CHAT_SERVICE } from "../src/chat/chat-service.ts";
import { CHAT_MUTATIONS } from "../src/chat/mutations.ts";
import { WatchedChat } from "../src/chat/watched-chat.ts";
import {
  neverHappened,
  runSeed,
  runSeeds,
  type Settings,
  type System,
  settingsFor,
  TraceDigest,
  type WorldEvent,
} from "../src/index.ts";
import { clusterSettings, MULTIPAXOS } from "../src/multipaxos/multipaxos-protocol.ts";
import { multiPaxosSystem } from "../src/multipaxos/multipaxos-system.ts";
import { type ClusterParts, REAL_CLUSTER } from "../src/multipaxos/parts.ts";
import type { RaftKinds } from "../src/raft/raft-kinds.ts";
import { RAFT } from "../src/raft/raft-protocol.ts";
import { watchedFirst } from "../src/world/beside.ts";
import { CAUGHT_IN_THE_CHAT, SEEN_IN_THE_CHAT } from "./chat-flaws.ts";

function systemOf(given: Settings = {}, flaw: string | null = null): System<RaftKinds> {
  const mutation = CHAT_MUTATIONS.find(({ name }) => name === flaw) ?? null;
  return CHAT.system(settingsFor(CHAT, given, mutation), flaw) as System<RaftKinds>;
}

describe("the chat, whatever the network, the disks, the crashes and operators do", () => {
  test("breaks no property in seeds 1 to 8, and all that people do in a chat happens", () => {
    const system = systemOf();
    const summary = runSeeds(system, 1, 8, {}, true);
    expect(summary.broken).toEqual([]);
    // What happens to Raft is seen in its own simulation.
    const never = new Set(neverHappened(system, summary).map(({ name }) => name));
    expect(CHAT_SOMETIMES.filter(({ name }) => never.has(name))).toEqual([]);
  });

  test.each<[settings: Settings, last: number]>([
    [{ servers: 5, clients: 3, operations: 300 }, 2],
    [{ sessions: 1, "sequences-ahead": 2, "snapshot-characters": 1, operations: 200 }, 3],
  ])("breaks no property with %j, in seeds 1 to %i", (settings, last) => {
    expect(runSeeds(systemOf(settings), 1, last, {}, true).broken).toEqual([]);
  });

  test("breaks no property on Multi-Paxos, its other engine", () => {
    const parts: ClusterParts = {
      ...REAL_CLUSTER,
      application: (limits) => new WatchedChat(limits),
      gateway: (options) => new ChatGateway(REAL_CLUSTER.gateway(options)),
    };
    const settings = clusterSettings(settingsFor(MULTIPAXOS, {}, null));
    const log = multiPaxosSystem(settings, parts, CHAT_SERVICE) as unknown as System<RaftKinds>;
    const system = { ...log, watch: () => watchedFirst(new ChatRules(settings), log.watch()) };
    expect(runSeeds(system, 1, 4, {}, true).broken).toEqual([]);
  });

  test("gives the same run for a seed, to the byte", () => {
    const digestOf = () => {
      const digest = new TraceDigest();
      const observe = (event: WorldEvent, nowUs: number) => digest.add(event, nowUs);
      runSeed(systemOf({ operations: 100 }) as unknown as System, 7, { observe });
      return digest.text;
    };
    expect(digestOf()).toBe(digestOf());
  });
});

describe("a flaw planted in the chat is found by what people are told alone", () => {
  test.each(CAUGHT_IN_THE_CHAT)("%s, in seeds %i to %i, as %s", (name, from, to, property) => {
    const [caught] = runSeeds(systemOf({}, name), from, to, { properties: SEEN_IN_THE_CHAT }, false).broken;
    expect(caught?.property).toBe(property);
  });

  test("whichever it is: there is none that is not in this table, and each property finds one", () => {
    expect(CHAT_MUTATIONS.map(({ name }) => name)).toEqual(CAUGHT_IN_THE_CHAT.map(([name]) => name));
    expect(new Set(CAUGHT_IN_THE_CHAT.map(([, , , property]) => property))).toEqual(new Set(SEEN_IN_THE_CHAT));
  });
});

describe("what a chat's simulation tells", () => {
  test("is in words about people and messages", () => {
    const system = systemOf({ operations: 200 });
    const words = new Set<string>();
    runSeed<RaftKinds>(system, 3, {
      observe: (event: WorldEvent<RaftKinds>) => {
        if (event.kind === "request") words.add(`request: ${system.commandInWords(event.command)}`);
        if (event.kind === "apply") words.add(`apply: ${system.commandInWords(event.command)}`);
        if (event.kind === "reply") words.add(`reply: ${system.replyInWords(event.reply)}`);
      },
    });
    for (const word of words) expect(word).not.toMatch(/undefined|\[object|NaN/);
    for (const one of [
      /^request: (ann|bob|cid)\/\d sends "m\d+" to (ann|bob|cid)$/,
      /^request: (ann|bob|cid)\/\d logs in as (ann|bob|cid)$/,
      /^apply: (ann|bob|cid)\/\d logs in as (ann|bob|cid) with the password of slot \d+$/,
      /^apply: make the account (ann|bob|cid)$/,
      /^request: (ann|bob|cid)\/\d deletes \d+/,
      /^request: (ann|bob|cid)\/\d has read \d+/,
      /^request: (ann|bob|cid)\/\d asks for conversation \{"with":"(ann|bob|cid)".*\}, (strong|session|eventual)$/,
      /^reply: "m\d+" of (ann|bob|cid) to (ann|bob|cid) is message \d+, in slot \d+$/,
      /^reply: not-logged-in, in slot \d+$/,
      /^reply: logged in as (ann|bob|cid), \d+ are unread, in slot \d+$/,
    ]) {
      expect(
        [...words].some((word) => one.test(word)),
        `${one}`,
      ).toBe(true);
    }
  });

  test("is asked for by its name, and has the settings of Raft", () => {
    expect(CHAT.settings).toEqual(RAFT.settings);
    expect(() => CHAT.system({}, "nonsense")).toThrow(new RangeError("there is no mutation nonsense"));
    expect(() => CHAT.modelSettings({})).toThrow("chat is simulated only");
  });
});
