import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { Finder, lastOf } from "../src/chat-demo/find-machine.ts";
import { idOfBoth, MeetingPlace } from "../src/chat-demo/hold-meeting.ts";
import { addressNamed, addressTowards } from "../src/chat-demo/machine-address.ts";
import type { Facts, MachineId } from "../src/chat-demo/meeting.ts";
import { MEETING_PATH } from "../src/chat-demo/meeting-server.ts";
import { meetingAddress, meetingPort } from "../src/chat-demo/ports.ts";
import { seal, unsealed } from "../src/chat-demo/sealed.ts";
import { copyAdvice } from "../src/chat-demo/secret-file.ts";
import { exchange } from "../src/http-exchange.ts";
import { freeOffset, LONG_MS, never } from "./chat-demo-stage.ts";
import { fakeServer } from "./fake-cluster.ts";
import { HOST } from "./process-stage.ts";

function facts(machine: MachineId, portOffset: number, more: Partial<Facts> = {}): Facts {
  const shape = { engine: "raft", portOffset, clears: true, kept: null };
  return { machine, run: `run${machine}`, here: HOST, there: HOST, ...shape, ...more };
}

/** A program's place at a meeting, and what it notes. */
async function place(own: Facts, secret?: string) {
  const notes: string[] = [];
  const noted = new AbortController();
  const note = (text: string) => {
    notes.push(text);
    noted.abort();
  };
  const opened = await MeetingPlace.open({ facts: own, secret, note });
  onTestFinished(() => opened.close());
  return { place: opened, notes, noted: noted.signal };
}

describe("a meeting over the network", () => {
  test("ends for both with the cluster that is made from what both drew, and one that comes again finds it", async () => {
    const offset = await freeOffset();
    const one = await place(facts(1, offset), "secret");
    const meeting = one.place.meet(LONG_MS, never);
    const two = await place(facts(2, offset), "secret");
    const cluster = idOfBoth("run1", "run2");
    const met = { kind: "met", cluster, how: "new" };
    expect(await Promise.all([meeting, two.place.meet(LONG_MS, never)])).toEqual([met, met]);
    await two.place.close();
    const again = await place(facts(2, offset, { run: "run2-again", clears: false, kept: cluster }), "secret");
    expect(await again.place.meet(LONG_MS, never)).toEqual({ ...met, how: "joins" });
    await again.place.close();
    const clearing = await place(facts(2, offset, { run: "run2-clears", kept: cluster }), "secret");
    await expect(clearing.place.meet(LONG_MS, never)).rejects.toMatchObject({ exitCode: 1, code: "older-cluster" });
    expect([...one.notes, ...two.notes]).toEqual([]);
  });

  test("that is refused is so for both, whoever notices first", async () => {
    const offset = await freeOffset();
    const one = await place(facts(1, offset));
    const waiting = one.place.meet(LONG_MS, never);
    const two = await place(facts(2, offset, { engine: "paxos" }));
    const [first, second] = await Promise.allSettled([waiting, two.place.meet(LONG_MS, never)]);
    for (const end of [first, second]) expect(end).toMatchObject({ reason: { code: "other-engine", exitCode: 1 } });
  });

  test("does not come about between two secrets, nor with somebody who has none: nothing is told, and it is said why", async () => {
    const offset = await freeOffset();
    const one = await place(facts(1, offset), "one");
    const two = await place(facts(2, offset), "other");
    await expect(two.place.meet(LONG_MS, never)).rejects.toMatchObject({ code: "other-secret" });
    expect(one.notes).toEqual([expect.stringContaining("does not know this demo's secret")]);
    const ask = async (body: unknown) => {
      const call = {
        method: "POST",
        path: MEETING_PATH,
        body,
        timeoutMs: LONG_MS,
        signal: never,
        secret: undefined,
      } as const;
      return exchange(meetingAddress(HOST, 1, offset), call);
    };
    const wrong = [
      undefined,
      null,
      {},
      { text: "{}", proof: "" },
      seal("{}", "meeting", "other"),
      seal("{}", "seek", "one"),
    ];
    for (const body of wrong) expect((await ask(body)).status, JSON.stringify(body)).toBe(401);
    expect((await ask(seal("{}", "meeting", "one"))).status).toBe(400);
    expect((await ask({ text: "x".repeat(20_000), proof: "" })).status).toBe(413);
    const other = { path: "/", timeoutMs: LONG_MS, signal: never, secret: undefined };
    expect((await exchange(meetingAddress(HOST, 1, offset), other)).status).toBe(404);
  });

  test("with nobody, or with another program, ends when the time is up: nothing is cleared", async () => {
    const offset = await freeOffset();
    const one = await place(facts(1, offset));
    await expect(one.place.meet(100, never)).rejects.toMatchObject({ exitCode: 3, code: "no-other-machine" });
    await fakeServer(() => ({ body: { text: "{}", proof: "a" } }), meetingPort(2, offset));
    await expect(one.place.meet(LONG_MS, one.noted)).rejects.toThrow("aborted");
    expect(one.notes).toEqual([expect.stringContaining("is none of this demo")]);
  });

  test("of one that heard the other, but not its word, ends without an agreement", async () => {
    const offset = await freeOffset();
    const one = await place(facts(1, offset, { clears: false, kept: "old" }));
    const two = await place(facts(2, offset));
    await expect(two.place.meet(LONG_MS, never)).rejects.toMatchObject({ code: "older-cluster" });
    await two.place.close();
    await expect(one.place.meet(100, never)).rejects.toMatchObject({ exitCode: 4, code: "not-agreed" });
    expect(one.notes).toEqual([expect.stringContaining("Start it with --skip-clear as well")]);
  });

  test("has room for one program of each machine at an address", async () => {
    const offset = await freeOffset();
    await place(facts(1, offset));
    await expect(place(facts(1, offset))).rejects.toMatchObject({ code: "cannot-listen" });
  });
});

describe("a text with a proof", () => {
  test("is taken from those who know the secret, as it is, and for what it was said", () => {
    const sealed = seal("text", "seek", "secret");
    expect(unsealed(sealed, "seek", "secret")).toBe("text");
    expect(unsealed({ ...sealed, text: "other" }, "seek", "secret")).toBeNull();
    expect(unsealed(sealed, "found", "secret")).toBeNull();
    expect(unsealed(sealed, "seek", undefined)).toBeNull();
  });
});

describe("two machines on one network", () => {
  async function finder(machine: MachineId, portOffset: number, secret: string): Promise<Finder> {
    const opened = await Finder.open({ machine, portOffset, secret });
    if (opened === null) throw new Error("the port is taken");
    onTestFinished(() => opened.close());
    return opened;
  }

  test("find each other, whoever calls", async () => {
    const offset = await freeOffset();
    const [one, two] = [await finder(1, offset, "secret"), await finder(2, offset, "secret")];
    const search = (which: Finder) => which.search(() => [HOST], LONG_MS, never);
    expect(await Promise.all([search(one), search(two)])).toEqual([[HOST], [HOST]]);
  });

  test("do not find each other with two secrets, nor by an answer that was recorded: the time is up instead", async () => {
    const offset = await freeOffset();
    const one = await finder(1, offset, "secret");
    await finder(2, offset + 1000, "other");
    const answering = createSocket("udp4");
    onTestFinished(() => void answering.close());
    answering.bind(meetingPort(2, offset), HOST);
    await once(answering, "listening");
    const recorded = JSON.stringify(seal(JSON.stringify({ machine: 2, drawn: "drawn before" }), "found", "secret"));
    answering.on("message", (_packet, from) => answering.send(recorded, from.port, from.address));
    expect(await one.search(() => [HOST], 300, never)).toEqual([]);
  });

  test("are named to scp in brackets where its own form would end at a colon", () => {
    expect(copyAdvice("s", "fd00::2")[1]?.trim()).toBe("scp -p s USER@[fd00::2]:");
    expect(copyAdvice("s", "10.0.0.2")[1]?.trim()).toBe("scp -p s USER@10.0.0.2:");
  });

  test("know the address that means all machines of a network", () => {
    expect(lastOf("10.9.1.7", "255.255.0.0")).toBe("10.9.255.255");
    expect(lastOf("192.168.1.7", "255.255.255.128")).toBe("192.168.1.127");
  });

  test("are named by address or by name, and know where the other one reaches them", async () => {
    expect(await addressNamed("::1")).toBe("::1");
    for (const one of ["0:0:0:0:0:0:0:1", "0::1"]) expect(await addressNamed(one)).toBe("::1");
    expect(await addressNamed("FD00::0:2")).toBe("fd00::2");
    expect(await addressNamed("::ffff:127.0.0.1")).toBe(HOST);
    expect(await addressNamed("localhost")).toBe(HOST);
    expect(await addressTowards(HOST)).toBe(HOST);
    await expect(addressNamed("fe80::1%eth0")).rejects.toThrow("without a zone");
    await expect(addressNamed("no-such-machine.invalid")).rejects.toThrow("give its IP address");
  });
});
