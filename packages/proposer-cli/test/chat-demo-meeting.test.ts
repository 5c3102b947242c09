import { describe, expect, test } from "vitest";
import {
  begin,
  type Facts,
  hear,
  type MachineId,
  type Meeting,
  type Outcome,
  type Refusal,
  type Statement,
  say,
} from "../src/chat-demo/meeting.ts";
import { refusalText, remarkText } from "../src/chat-demo/meeting-words.ts";
import { statementIn, statementText } from "../src/chat-demo/statement-text.ts";

const ONE = "10.0.0.1";
const TWO = "10.0.0.2";

const makeId = (one: string, two: string) => `made-of-${one}-${two}`;

function facts(machine: MachineId, more: Partial<Facts> = {}): Facts {
  const [here, there] = machine === 1 ? [ONE, TWO] : [TWO, ONE];
  const shape = { engine: "raft", portOffset: 0, clears: true, kept: null };
  return { machine, run: `run${machine}`, here, there, ...shape, ...more };
}

/** One calls, the other one hears it and answers, and the first one hears that. */
function call(from: Meeting, to: Meeting): [Meeting, Meeting] {
  const asked = hear(to, { statement: say(from, from.other), isAnswer: false }, makeId);
  const answered = hear(from, { statement: say(asked, from.facts.run), isAnswer: true }, makeId);
  return [answered, asked];
}

/** Both call each other in turn, until nothing changes any more. */
function meet(
  one: Facts,
  two: Facts,
): { readonly one: Outcome | null; readonly two: Outcome | null; meetings: Meeting[] } {
  return goOn(begin(one), begin(two));
}

function goOn(first: Meeting, second: Meeting) {
  let [one, two] = [first, second];
  for (let turn = 0; turn < 4; turn++) {
    [one, two] = call(one, two);
    [two, one] = call(two, one);
  }
  return { one: one.outcome, two: two.outcome, meetings: [one, two] };
}

function refused(outcome: Outcome | null): Refusal["kind"] | null {
  return outcome?.kind === "refused" ? outcome.refusal.kind : null;
}

describe("two programs that meet", () => {
  test("and both clear are in a cluster made from what both drew, whatever was there before", () => {
    for (const [keptBy1, keptBy2] of [
      [null, null],
      ["old", "old"],
      ["old", "older"],
    ]) {
      const { one, two } = meet(facts(1, { kept: keptBy1 ?? null }), facts(2, { kept: keptBy2 ?? null }));
      expect(one).toEqual({ kind: "met", cluster: "made-of-run1-run2", how: "new" });
      expect(two).toEqual(one);
    }
  });

  test("and both keep the same cluster go on with it", () => {
    const { one, two } = meet(facts(1, { clears: false, kept: "old" }), facts(2, { clears: false, kept: "old" }));
    expect(one).toEqual({ kind: "met", cluster: "old", how: "again" });
    expect(two).toEqual(one);
  });

  test("and skip the clearing where there is nothing yet begin anew: nothing is lost by that", () => {
    for (const clears of [true, false]) {
      const { one, two } = meet(facts(1, { clears: false }), facts(2, { clears }));
      expect([one, two]).toEqual(Array(2).fill({ kind: "met", cluster: "made-of-run1-run2", how: "new" }));
    }
  });

  test("of which one clears and the other one keeps: the one that clears is refused, with the ways out that there are", () => {
    const keeps = facts(2, { clears: false, kept: "old" });
    const knowing = meet(facts(1, { kept: "old" }), keeps);
    expect(knowing.one).toMatchObject({ refusal: { kind: "older-cluster", runs: false, canKeep: true } });
    expect(refusalText(facts(1), refusalIn(knowing.one))).toMatch(
      /Nothing was cleared.*--skip-clear, so that it joins; or/s,
    );
    const ignorant = meet(facts(1, { kept: "other" }), keeps);
    expect(ignorant.one).toMatchObject({ refusal: { kind: "older-cluster", canKeep: false } });
    expect(refusalText(facts(1), refusalIn(ignorant.one))).toMatch(/Nothing was cleared. End both demos/);
    // The one that keeps waits for the other to be started again, and says so.
    expect(knowing.two).toBeNull();
    expect(knowing.meetings[1]?.remark).toEqual({ kind: "other-begins-anew" });
    expect(remarkText(keeps, { kind: "other-begins-anew" })).toContain("--skip-clear as well");
  });

  test("of which one keeps what the other one never had: that one is refused, and not made a voter that forgot", () => {
    const { one, two } = meet(facts(1, { clears: false }), facts(2, { clears: false, kept: "old" }));
    expect([refused(one), two]).toEqual(["nothing-kept", null]);
  });

  test("and keep two different clusters are both refused", () => {
    const { one, two } = meet(facts(1, { clears: false, kept: "a" }), facts(2, { clears: false, kept: "b" }));
    expect([refused(one), refused(two)]).toEqual(["other-cluster", "other-cluster"]);
  });
});

describe("a program that meets one which runs", () => {
  /** Two that met, and run in the cluster "old". */
  const [, running] = meet(facts(1, { clears: false, kept: "old" }), facts(2, { clears: false, kept: "old" })).meetings;
  const metAgain = (again: Partial<Facts>) =>
    goOn(begin(facts(1, { run: "run1-again", ...again })), running as Meeting);

  test("joins it with the data of its cluster", () => {
    const { one, two } = metAgain({ clears: false, kept: "old" });
    expect(one).toEqual({ kind: "met", cluster: "old", how: "joins" });
    expect(two).toMatchObject({ kind: "met", cluster: "old" });
  });

  test.each([
    [
      { clears: true, kept: "old" },
      { kind: "older-cluster", runs: true, canKeep: true },
    ],
    [
      { clears: true, kept: "other" },
      { kind: "older-cluster", runs: true, canKeep: false },
    ],
    [
      { clears: true, kept: null },
      { kind: "older-cluster", runs: true, canKeep: false },
    ],
    [
      { clears: false, kept: null },
      { kind: "nothing-kept", runs: true },
    ],
    [
      { clears: false, kept: "other" },
      { kind: "other-cluster", runs: true },
    ],
  ])("is refused if it %j, and the other one runs on", (again, refusal) => {
    const { one, two } = metAgain(again);
    expect(one).toEqual({ kind: "refused", refusal });
    expect(two).toMatchObject({ kind: "met", cluster: "old" });
  });
});

describe("programs that are not the two machines of one demo", () => {
  test.each<[string, Partial<Facts>, Refusal["kind"], Refusal["kind"] | null]>([
    ["with other engines", { engine: "paxos" }, "other-engine", "other-engine"],
    ["with other port offsets that meet by chance", { portOffset: 10 }, "other-ports", "other-ports"],
    ["that are the same machine twice", { machine: 1 }, "same-machine", "same-machine"],
    // It was asked at the address that the first one has for it, and is elsewhere.
    ["of which one is elsewhere", { here: "10.0.0.9" }, "other-address", null],
    ["of which one waits for a third", { there: "10.0.0.3" }, "other-peer", null],
  ])("%s are refused", (_what, more, one, two) => {
    const met = meet(facts(1), facts(2, more));
    expect(refused(met.one)).toBe(one);
    if (two !== null) expect(refused(met.two)).toBe(two);
    expect(met.two?.kind).not.toBe("met");
    expect(refusalText(facts(1), refusalIn(met.one))).toMatch(/--|End both/);
  });

  test("a third program neither stops two that meet nor takes the place of one of them", () => {
    const third = begin(facts(2, { run: "run3", here: "10.0.0.3", there: ONE }));
    let [one, two, three] = [begin(facts(1)), begin(facts(2)), third];
    [three, one] = call(three, one);
    [two, one] = call(two, one);
    [three, one] = call(three, one);
    expect(one.outcome).toBeNull();
    expect(refused(three.outcome)).toBe("other-peer");
    expect(one.remark).toEqual({ kind: "stranger", machine: 2, here: "10.0.0.3" });
    [one, two] = call(one, two);
    [two, one] = call(two, one);
    expect([one.outcome, two.outcome]).toEqual(
      Array(2).fill({ kind: "met", cluster: "made-of-run1-run2", how: "new" }),
    );
  });

  test("what was said to an earlier run, or by the program itself, brings nothing about", () => {
    const old = begin(facts(2, { clears: false, kept: "old" }));
    const waiting = begin(facts(1));
    const toAnother: Statement = { ...say(old, "run0"), stage: "agreed", cluster: "old" };
    expect(hear(waiting, { statement: toAnother, isAnswer: true }, makeId).outcome).toBeNull();
    const echo = { statement: { ...say(waiting, "run1"), to: "run1" }, isAnswer: true };
    expect(hear(waiting, echo, makeId)).toBe(waiting);
  });

  test("an agreement is with one run of the other: it says nothing of what the next one is in", () => {
    let [one, two] = [begin(facts(1)), begin(facts(2))];
    [two, one] = call(two, one);
    [two, one] = call(two, one);
    expect(one.agreed).toEqual({ run: "run2", cluster: "made-of-run1-run2" });
    const statement: Statement = { ...say(two, "run1"), run: "run2-again", stage: "met", cluster: "made-of-run1-run2" };
    expect(refused(hear({ ...one, outcome: null }, { statement, isAnswer: false }, makeId).outcome)).toBe(
      "older-cluster",
    );
  });

  test("a statement is read back as it was, and what is none is refused whole", () => {
    const statement = { ...say(begin(facts(1)), "run2"), here: "fe80::1" };
    expect(statementIn(statementText(statement))).toEqual(statement);
    const wrong = [
      { version: 2 },
      { machine: 3 },
      { run: "" },
      { run: "a b" },
      { to: 7 },
      { here: "not an address" },
      { engine: "x" },
      { portOffset: 0.5 },
      { keeps: "../x" },
      { stage: "met" },
      { cluster: "a" },
      { stage: "done", cluster: "a" },
    ];
    for (const field of wrong) {
      expect(statementIn(JSON.stringify({ version: 1, ...statement, ...field })), JSON.stringify(field)).toBeNull();
    }
    for (const text of ["", "null", "[]", "7", "{}"]) expect(statementIn(text)).toBeNull();
  });
});

function refusalIn(outcome: Outcome | null): Refusal {
  if (outcome?.kind !== "refused") throw new Error("nobody was refused");
  return outcome.refusal;
}

/** A machine with its disk, and the program that runs on it. */
interface Machine {
  readonly meeting: Meeting;
  /** The cluster whose data it has, and of which of its nodes forgot what they did in it. */
  readonly disk: string | null;
  readonly starts: number;
}

interface World {
  readonly machines: readonly [Machine, Machine];
  /** Clusters in which a machine's nodes ran, and of which they then lost their data. */
  readonly forgotten: readonly string[];
  /** For each new cluster, who had agreed to it when the first one made it. */
  readonly problems: readonly string[];
}

describe("a meeting that breaks off anywhere", () => {
  test("in every order of calls, losses and restarts: who clears has the other's word, and nobody serves who forgot", () => {
    const first: World[] = [];
    for (const disks of [
      [null, null],
      ["old", "old"],
      ["old", null],
    ] as const) {
      for (const clears of [0, 1, 2, 3]) {
        const machine = (id: MachineId): Machine => {
          const disk = disks[id - 1] ?? null;
          return { meeting: begin(facts(id, { clears: (clears & id) > 0, kept: disk })), disk, starts: 0 };
        };
        first.push({ machines: [machine(1), machine(2)], forgotten: [], problems: [] });
      }
    }
    const seen = new Set(first.map((world) => JSON.stringify(world)));
    const reached = { met: 0, brokenOff: 0, joined: 0 };
    const queue = [...first];
    for (let world = queue.pop(); world; world = queue.pop()) {
      expect(world.problems).toEqual([]);
      const outcomes = world.machines.map(({ meeting }) => meeting.outcome);
      if (outcomes.every((outcome) => outcome?.kind === "met")) reached.met++;
      if (outcomes.some((outcome) => outcome?.kind === "met") && outcomes.includes(null)) reached.brokenOff++;
      if (outcomes.some((outcome) => outcome?.kind === "met" && outcome.how === "joins")) reached.joined++;
      for (const next of nexts(world)) {
        const key = JSON.stringify(next);
        if (seen.has(key)) continue;
        seen.add(key);
        queue.push(next);
      }
    }
    for (const [what, count] of Object.entries(reached)) expect(count, what).toBeGreaterThan(0);
    expect(seen.size).toBeGreaterThan(1000);
  });

  /** Every next state: a call that gets there or not, whose answer gets back or not, or a restart with either option. */
  function nexts(world: World): World[] {
    const steps: World[] = [];
    for (const from of [0, 1] as const) {
      const [caller, called] = [world.machines[from], world.machines[1 - from]] as [Machine, Machine];
      const asked = after(called, { statement: say(caller.meeting, caller.meeting.other), isAnswer: false });
      const answer = { statement: say(asked.meeting, caller.meeting.facts.run), isAnswer: true };
      steps.push(withMachines(world, from, caller, asked), withMachines(world, from, after(caller, answer), asked));
      if (caller.starts === 1) continue;
      for (const clears of [true, false]) {
        const { facts: was } = caller.meeting;
        const run = `${was.run}'`;
        const again = begin({ ...was, run, clears, kept: caller.disk });
        steps.push(withMachines(world, from, { ...caller, meeting: again, starts: caller.starts + 1 }, called));
      }
    }
    return steps;
  }

  /** What a machine is after its program heard this; one that has met clears, and has the new cluster's data. */
  function after(machine: Machine, heard: Parameters<typeof hear>[1]): Machine {
    const meeting = hear(machine.meeting, heard, makeId);
    const isMetNow = meeting.outcome?.kind === "met" && machine.meeting.outcome === null;
    return {
      ...machine,
      meeting,
      disk: isMetNow && meeting.outcome?.kind === "met" ? meeting.outcome.cluster : machine.disk,
    };
  }

  function withMachines(world: World, from: 0 | 1, caller: Machine, called: Machine): World {
    const machines = (from === 0 ? [caller, called] : [called, caller]) as [Machine, Machine];
    const problems: string[] = [];
    const forgotten = [...world.forgotten];
    for (const [place, { meeting, disk }] of machines.entries()) {
      const before = world.machines[place] as Machine;
      const { outcome, facts: own } = meeting;
      if (outcome?.kind !== "met" || before.meeting.outcome !== null) continue;
      const other = machines[1 - place] as Machine;
      const isInIt = [other.meeting.agreed?.cluster, other.disk].includes(outcome.cluster);
      if (!isInIt) problems.push(`machine ${own.machine} acts on ${outcome.cluster}, and the other one never agreed`);
      const isCleared = own.clears || before.disk === null;
      if (isCleared && outcome.how !== "new") problems.push(`machine ${own.machine} begins anew in a cluster that was`);
      if (!isCleared && before.disk !== outcome.cluster) problems.push(`machine ${own.machine} has other data`);
      if (isCleared && forgotten.includes(`${own.machine} ${outcome.cluster}`))
        problems.push(`${disk} is served by who forgot it`);
      if (before.disk !== null && isCleared) forgotten.push(`${own.machine} ${before.disk}`);
    }
    return { machines, forgotten: forgotten.sort(), problems };
  }
});
