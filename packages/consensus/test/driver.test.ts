import { describe, expect, test } from "vitest";
import { Driver } from "../src/core/driver.js";
import { InvariantViolation } from "../src/core/invariant.js";
import { type Input, type Ready, ready } from "../src/core/participant.js";
import { Acceptor } from "../src/paxos/acceptor.js";
import type { AcceptorReply, AcceptorRequest } from "../src/paxos/messages.js";
import { accept, prepare } from "./recorded-acceptor.js";

type Script = Partial<Ready<string, string, string, string>>;

/** A participant that does in each step what the message says, and a host that notes what reaches it, in order. */
function scripted(onSend: (message: string, play: (script: Script) => void) => void = () => {}) {
  const log: string[] = [];
  const scripts = new Map<string, Script>();
  const participant = {
    state: null,
    step: (input: Input<string, string>) =>
      ready<string, string, string, string>(
        input.kind === "message"
          ? (scripts.get(input.message) ?? {})
          : input.kind === "durable"
            ? { replies: [{ requestId: "mark", reply: `durable ${input.mark}` }] }
            : {},
      ),
  };
  const driver: Driver<string, string, string, string> = new Driver(participant, {
    send: (to, message) => {
      log.push(`send ${message} to ${to}`);
      onSend(message, play);
    },
    reply: (requestId, reply) => log.push(`reply ${reply} to ${requestId}`),
    setTimer: (timer, afterMs) => log.push(`timer ${timer} ${afterMs}`),
    apply: (slot, command) => log.push(`apply ${command} in ${slot}`),
  });
  let count = 0;
  function play(script: Script): void {
    const message = `${count++}`;
    scripts.set(message, script);
    driver.step({ kind: "message", from: "someone", message });
  }
  const flush = () => {
    const taken = driver.takeWrites();
    if (taken === null) throw new Error("nothing to flush");
    driver.durable(taken.upTo);
    return taken.writes;
  };
  return { log, driver, play, flush };
}

const send = (message: string, beforeWrites?: true) => ({
  messages: [beforeWrites ? { to: "peer", message, beforeWrites } : { to: "peer", message }],
});
const reply = (text: string) => ({ replies: [{ requestId: "r", reply: text }] });
const decide = (slot: number) => ({ decided: [{ slot, command: `c${slot}` }] });

describe("what waits for the disk", () => {
  test("a message does not leave before the write of its step is durable, since a crash could still undo it", () => {
    const { log, driver, play } = scripted();
    play({ writes: ["w"], ...send("m") });
    const taken = driver.takeWrites();
    expect(log).toEqual([]);
    driver.durable(taken?.upTo ?? 0);
    expect(log).toEqual(["send m to peer"]);
  });

  test("what writes nothing leaves at once when nothing is waiting", () => {
    const { log, play } = scripted();
    play({ ...send("m"), ...reply("read") });
    expect(log).toEqual(["send m to peer", "reply read to r"]);
  });

  test("a step that comes to nothing waits for nothing, and is nothing that waits", () => {
    const { driver, play } = scripted();
    play({ writes: ["w"] });
    play({});
    expect(driver.waiting.outputs).toHaveLength(1);
  });

  test("a read or a refusal waits for every write stepped before it, because it tells of state not yet durable", () => {
    const { log, play, flush } = scripted();
    play({ writes: ["w"] });
    play({ ...send("refusal"), ...reply("read") });
    expect(log).toEqual([]);
    flush();
    expect(log).toEqual(["send refusal to peer", "reply read to r"]);
  });

  test("an acceptor's refusal that names promise 9 waits until promise 9 is durable", () => {
    const sent: string[] = [];
    const driver = new Driver<AcceptorRequest | AcceptorReply, unknown>(new Acceptor(), {
      send: (to, { type }) => sent.push(`${type} to ${to}`),
      reply: () => {},
      setTimer: () => {},
      apply: () => {},
    });
    driver.step({ kind: "message", from: "A", message: prepare(9) });
    driver.step({ kind: "message", from: "B", message: accept(8, "x") });
    driver.step({ kind: "message", from: "C", message: { type: "read-state", instance: 1 } });
    expect(sent).toEqual([]);
    driver.durable(driver.takeWrites()?.upTo ?? 0);
    expect(sent).toEqual(["promise to A", "accept-ignored to B", "state to C"]);
  });

  test("a participant is told of its mark when every write up to that step is durable, and what it says then leaves", () => {
    const { log, play, flush } = scripted();
    play({ writes: ["w"], mark: 7 });
    expect(log).toEqual([]);
    flush();
    expect(log).toEqual(["reply durable 7 to mark"]);
  });

  test("a mark of a step that writes nothing waits for the writes before it", () => {
    const { log, driver, play } = scripted();
    play({ writes: ["w"] });
    play({ mark: 8, ...send("later") });
    expect(log).toEqual([]);
    driver.durable(driver.takeWrites()?.upTo ?? 0);
    expect(log).toEqual(["send later to peer", "reply durable 8 to mark"]);
  });

  test("it does not wait for writes stepped after it", () => {
    const { log, driver, play } = scripted();
    play({ writes: ["w1"], ...send("first") });
    const first = driver.takeWrites();
    play({ writes: ["w2"], ...send("second") });
    driver.durable(first?.upTo ?? 0);
    expect(log).toEqual(["send first to peer"]);
  });

  test("a message marked beforeWrites leaves at once, once, and past what waits", () => {
    const { log, play, flush } = scripted();
    play({ writes: ["w"], ...send("waits") });
    play({ writes: ["w"], ...send("early", true) });
    expect(log).toEqual(["send early to peer"]);
    flush();
    expect(log).toEqual(["send early to peer", "send waits to peer"]);
  });

  test("timers are set at once, so that a slow disk does not stretch them", () => {
    const { log, play } = scripted();
    play({
      writes: ["w"],
      timers: [
        { timer: "phase", afterMs: 5 },
        { timer: "old", afterMs: null },
      ],
    });
    expect(log).toEqual(["timer phase 5", "timer old null"]);
  });
});

describe("group commit", () => {
  test("writes stepped during a flush form the next one, and one flush is under way at most", () => {
    const { log, driver, play, flush } = scripted();
    play({ writes: ["w1"], ...send("m1") });
    const first = driver.takeWrites();
    play({ writes: ["w2", "w3"], ...send("m2") });
    play({ writes: ["w4"], ...send("m3") });
    expect(driver.hasWritesToTake).toBe(false);
    expect(driver.takeWrites()).toBeNull();
    driver.durable(first?.upTo ?? 0);
    expect(driver.hasWritesToTake).toBe(true);
    expect(flush()).toEqual(["w2", "w3", "w4"]);
    expect(log).toEqual(["send m1 to peer", "send m2 to peer", "send m3 to peer"]);
  });

  test("there is nothing to take when nothing was written", () => {
    const { driver, play } = scripted();
    play(send("m"));
    expect([driver.hasWritesToTake, driver.takeWrites()]).toEqual([false, null]);
  });

  test("a flush reported twice, for another one or before it is taken is a broken host, and stops the node", () => {
    const { log, driver, play } = scripted();
    play({ writes: ["w1"], ...send("m") });
    expect(() => driver.durable(1)).toThrow(InvariantViolation);
    const { upTo = 0 } = driver.takeWrites() ?? {};
    expect(() => driver.durable(upTo + 1)).toThrow(InvariantViolation);
    expect(() => driver.durable(upTo - 1)).toThrow(InvariantViolation);
    expect(log).toEqual([]);
    driver.durable(upTo);
    expect(() => driver.durable(upTo)).toThrow(InvariantViolation);
    expect(log).toEqual(["send m to peer"]);
  });
});

describe("order", () => {
  test("of one step's outputs messages leave first, then replies, then commands are applied", () => {
    const { log, play, flush } = scripted();
    play({ ...decide(1), ...reply("done"), ...send("m"), writes: ["w"] });
    flush();
    expect(log).toEqual(["send m to peer", "reply done to r", "apply c1 in 1"]);
  });

  test("commands are applied in the order of their slots, also across steps", () => {
    const { log, play, flush } = scripted();
    play({ writes: ["w"], ...decide(1) });
    play(decide(2));
    flush();
    play(decide(7));
    expect(log).toEqual(["apply c1 in 1", "apply c2 in 2", "apply c7 in 7"]);
  });

  test.each([[3], [2]])(
    "a command in slot %i after slot 3 violates an invariant: it would be applied twice or late",
    (slot) => {
      const { play } = scripted();
      play(decide(3));
      expect(() => play(decide(slot))).toThrow(InvariantViolation);
    },
  );
});

describe("a host that steps again from inside a send", () => {
  test("what the inner step puts out follows the whole of the outer one", () => {
    const { log, play } = scripted((message, inner) => {
      if (message === "outer") inner({ ...send("inner"), ...decide(2) });
    });
    play({ ...send("outer"), ...reply("outer"), ...decide(1) });
    expect(log).toEqual([
      "send outer to peer",
      "reply outer to r",
      "apply c1 in 1",
      "send inner to peer",
      "apply c2 in 2",
    ]);
  });

  test("what the inner step writes holds back only the inner step", () => {
    const { log, play, flush } = scripted((message, inner) => {
      if (message === "outer") inner({ writes: ["w"], ...send("inner") });
    });
    play({ ...send("outer"), ...reply("outer") });
    expect(log).toEqual(["send outer to peer", "reply outer to r"]);
    expect(flush()).toEqual(["w"]);
    expect(log.at(-1)).toBe("send inner to peer");
  });

  test("also from inside a message that leaves before the writes, commands are applied in the order of the steps", () => {
    const { log, play } = scripted((message, inner) => {
      if (message === "early") inner(decide(2));
    });
    play({ ...send("early", true), ...decide(1) });
    expect(log).toEqual(["send early to peer", "apply c1 in 1", "apply c2 in 2"]);
  });

  test("also then, the outer step does not wait for what the inner step writes", () => {
    const { log, driver, play } = scripted((message, inner) => {
      if (message === "early") inner({ writes: ["w"], ...send("inner") });
    });
    play({ ...send("early", true), ...reply("outer") });
    expect(log).toEqual(["send early to peer", "reply outer to r"]);
    expect(driver.hasWritesToTake).toBe(true);
  });
});
