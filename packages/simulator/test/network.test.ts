import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Fault, parseFaults } from "../src/index.ts";
import { Network } from "../src/simulation/network.ts";
import { happenings, letter, letters, tell, type Way, waysIn } from "./obedient-system.ts";

const NODES = ["n1", "n2", "n3"];
const LINKS = NODES.flatMap((from) => NODES.filter((to) => to !== from).map((to) => [from, to] as const));
const MS = 1000;

const seeds = fc.nat(2 ** 40);

/** What becomes of letters that go over every link, one each millisecond. */
function traffic(faults: string | readonly Fault[], count: number, seed = 1): Way[] {
  return waysIn(
    happenings(
      LINKS.flatMap(([from, to]) => letters(from, to, count)),
      faults,
      { seed },
    ),
  );
}

function delays(ways: readonly Way[]): number[] {
  return ways.flatMap(({ sentUs, arrivedUs }) => arrivedUs.map((atUs) => atUs - sentUs));
}

function sentIn(ways: readonly Way[], fromMs: number, toMs: number): Way[] {
  return ways.filter(({ sentUs }) => sentUs >= fromMs * MS && sentUs < toMs * MS);
}

function over(link: string, ways: readonly Way[]): Way[] {
  return ways.filter((way) => way.link === link);
}

function isInOrder(ways: readonly Way[]): boolean {
  const times = ways.flatMap(({ arrivedUs }) => arrivedUs.slice(0, 1));
  return times.every((time, place) => place === 0 || time > (times[place - 1] ?? 0));
}

/** Each arrived once, in the order in which they left, after 1..10 ms. */
function expectUndisturbed(ways: readonly Way[]): void {
  expect(ways.length).toBeGreaterThan(0);
  expect(ways.filter(({ arrivedUs, lost }) => arrivedUs.length !== 1 || lost.length > 0)).toEqual([]);
  expect(Math.min(...delays(ways))).toBeGreaterThanOrEqual(1 * MS);
  expect(Math.max(...delays(ways))).toBeLessThanOrEqual(10 * MS);
  for (const [from, to] of LINKS) expect(isInOrder(over(`${from}>${to}`, ways))).toBe(true);
}

describe("a network without faults", () => {
  test("delivers every message once, within 1..10 ms, and keeps the order of each link", () => {
    fc.assert(
      fc.property(seeds, (seed) => expectUndisturbed(traffic("", 60, seed))),
      { numRuns: 30 },
    );
  });

  test("takes any time from 1 to 10 ms, both included, each as likely", () => {
    const network = new Network(7, NODES);
    const found = Array.from({ length: 60_000 }, (_, place) => {
      const nowUs = place * 20 * MS;
      const fate = network.fateOf("n1", "n2", nowUs);
      return typeof fate === "string" ? -1 : (fate[0] ?? -1) - nowUs;
    });
    expect([Math.min(...found), Math.max(...found)]).toEqual([1 * MS, 10 * MS]);
    expect(found.filter((delay) => delay < 5.5 * MS).length / found.length).toBeCloseTo(0.5, 1);
  });

  test("keeps the order also of what leaves in the same microsecond", () => {
    const network = new Network(7, NODES);
    const times = Array.from({ length: 100 }, () => network.fateOf("n1", "n2", 0)).map(([first]) => Number(first));
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(new Set(times).size).toBe(100);
  });

  test("has links that know nothing of each other: each draws times of its own", () => {
    const ways = traffic("", 60);
    const drawn = LINKS.map(([from, to]) => String(delays(over(`${from}>${to}`, ways))));
    expect(new Set(drawn).size).toBe(LINKS.length);
  });
});

describe("drop", () => {
  const ways = traffic("drop 30% n1>n2 at 1s for 1s", 3000);
  const during = sentIn(over("n1>n2", ways), 1000, 2000);

  test("loses so many of the messages that leave while it lasts, at once", () => {
    const lost = during.filter((way) => way.lost.length === 1 && way.lost[0]?.why === "drop");
    expect(lost.length / during.length).toBeGreaterThan(0.25);
    expect(lost.length / during.length).toBeLessThan(0.35);
    expect(lost.filter((way) => way.lost[0]?.atUs !== way.sentUs || way.arrivedUs.length > 0)).toEqual([]);
    expectUndisturbed(during.filter((way) => !lost.includes(way)));
  });

  test("leaves alone what leaves before and after, and every other link", () => {
    expectUndisturbed(ways.filter((way) => !during.includes(way)));
  });

  test("of 100% loses everything, and of 0% nothing", () => {
    expect(delays(traffic("drop 100%", 50))).toEqual([]);
    expectUndisturbed(traffic("drop 0%", 50));
  });
});

describe("duplicate", () => {
  const ways = traffic("duplicate 100% n1>n2 at 1s for 1s", 3000);
  const during = sentIn(over("n1>n2", ways), 1000, 2000);

  test("lets each message arrive twice while it lasts: once as ever, and once up to 100 ms late", () => {
    expect(during.filter(({ arrivedUs }) => arrivedUs.length !== 2)).toEqual([]);
    const later = during.map(({ sentUs, arrivedUs }) => Math.max(...arrivedUs) - sentUs);
    expect(Math.max(...later)).toBeGreaterThan(100 * MS);
    expect(Math.max(...later)).toBeLessThanOrEqual(110 * MS);
    const sooner = during.map(({ sentUs, arrivedUs }) => Math.min(...arrivedUs) - sentUs);
    expect([Math.min(...sooner) >= 1 * MS, Math.max(...sooner) <= 10 * MS]).toEqual([true, true]);
  });

  test("leaves alone what leaves before and after, and every other link", () => {
    expectUndisturbed(ways.filter((way) => !during.includes(way)));
  });

  test("repeats a share of the messages, and never loses one", () => {
    const some = over("n1>n2", traffic("duplicate 20% n1>n2", 1000));
    const twice = some.filter(({ arrivedUs }) => arrivedUs.length === 2);
    expect(some.filter(({ arrivedUs }) => arrivedUs.length === 0)).toEqual([]);
    expect(twice.length / some.length).toBeGreaterThan(0.15);
    expect(twice.length / some.length).toBeLessThan(0.25);
  });
});

describe("reorder", () => {
  const ways = traffic("reorder 20% n1>n2 at 1s for 1s", 3000);
  const during = sentIn(over("n1>n2", ways), 1000, 2000);

  test("holds so many back, for up to 100 ms, so that later ones overtake them", () => {
    expect(during.filter(({ arrivedUs }) => arrivedUs.length !== 1)).toEqual([]);
    const held = delays(during).filter((delay) => delay > 10 * MS);
    expect(held.length / during.length).toBeGreaterThan(0.13);
    expect(held.length / during.length).toBeLessThan(0.22);
    expect(Math.max(...held)).toBeGreaterThan(90 * MS);
    expect(Math.max(...held)).toBeLessThanOrEqual(110 * MS);
    expect(isInOrder(during)).toBe(false);
  });

  test("lets all others keep their order: they wait for none that is held back", () => {
    const notHeld = during.filter((way) => delays([way]).every((delay) => delay <= 10 * MS));
    expect(notHeld.length / during.length).toBeGreaterThan(0.78);
    const late = notHeld.filter((way, place) => (way.arrivedUs[0] ?? 0) < (notHeld[place - 1]?.arrivedUs[0] ?? 0));
    // Only one held back for less than 10 ms can still be among these: a tenth of a fifth.
    expect(late.length / during.length).toBeLessThan(0.02);
  });

  test("leaves alone what leaves before and after, and every other link", () => {
    expectUndisturbed(ways.filter((way) => !during.includes(way)));
  });
});

describe("delay", () => {
  const ways = traffic("delay n1>n2 by 50ms..200ms at 1s for 1s", 3000);
  const during = sentIn(over("n1>n2", ways), 1000, 2000);

  test("makes each message take so much longer while it lasts, and keeps the order", () => {
    expect(during.filter(({ arrivedUs }) => arrivedUs.length !== 1)).toEqual([]);
    expect(Math.min(...delays(during))).toBeGreaterThanOrEqual(51 * MS);
    expect(Math.max(...delays(during))).toBeLessThanOrEqual(210 * MS);
    expect(isInOrder(over("n1>n2", ways))).toBe(true);
  });

  test("leaves alone every other link, and what leaves when what was delayed is through", () => {
    expectUndisturbed(ways.filter(({ link }) => link !== "n1>n2"));
    expectUndisturbed(sentIn(over("n1>n2", ways), 0, 1000));
    expectUndisturbed(sentIn(over("n1>n2", ways), 2220, 3000));
  });

  test("is drawn evenly from its range, both ends included", () => {
    const network = new Network(3, NODES);
    apply(network, "delay n1>n2 by 20us..22us", true);
    const plain = new Network(3, NODES);
    const far = Array.from({ length: 9000 }, (_, place) => place * 50 * MS);
    const found = far.map((nowUs) => Number(network.fateOf("n1", "n2", nowUs)[0]) - nowUs);
    expect([Math.min(...found) >= 1020, Math.max(...found) <= 10_022]).toEqual([true, true]);
    apply(plain, "delay n1>n2 by 30s", true);
    const fixed = far.map((nowUs) => Number(plain.fateOf("n1", "n2", nowUs * 1000)[0]) - nowUs * 1000);
    expect([Math.min(...fixed) >= 30_001 * MS, Math.max(...fixed) <= 30_010 * MS]).toEqual([true, true]);
  });
});

describe("cut", () => {
  test("lets nothing through in its direction while it lasts, and everything in the other", () => {
    const ways = traffic("cut n1>n2 at 300ms for 300ms", 900);
    const during = sentIn(over("n1>n2", ways), 300, 600);
    expect(during.filter(({ sentUs, lost }) => lost[0]?.why !== "cut" || lost[0].atUs !== sentUs)).toEqual([]);
    expect(delays(during)).toEqual([]);
    expectUndisturbed(ways.filter(({ link }) => link !== "n1>n2"));
    expectUndisturbed(sentIn(over("n1>n2", ways), 0, 289));
    expectUndisturbed(sentIn(over("n1>n2", ways), 600, 900));
  });

  test("of both ways lets nothing through in either direction", () => {
    const ways = traffic("cut n1<>n2", 40);
    expect(delays([...over("n1>n2", ways), ...over("n2>n1", ways)])).toEqual([]);
    expectUndisturbed(ways.filter(({ link }) => !["n1>n2", "n2>n1"].includes(link)));
  });

  test("of a node from all others takes no other link with it", () => {
    const ways = traffic("cut n1<>*", 40);
    expect(new Set(ways.filter(({ arrivedUs }) => arrivedUs.length > 0).map(({ link }) => link))).toEqual(
      new Set(["n2>n3", "n3>n2"]),
    );
  });

  test("takes along what is on its way, if the link is still cut when it would arrive", () => {
    const once = (faults: string) => waysIn(happenings([tell(1, "n1", letter("n2", "hello"))], faults));
    const [undisturbed] = once("");
    const arrivesUs = undisturbed?.arrivedUs[0] ?? 0;
    expect(once(`cut n1>n2 at ${arrivesUs - 100}us for 1ms`)[0]).toMatchObject({
      arrivedUs: [],
      lost: [{ why: "cut", atUs: arrivesUs }],
    });
    expect(once(`cut n1>n2 at ${arrivesUs - 100}us for 50us`)).toEqual([undisturbed]);
    expect(once(`cut n2>n1 at ${arrivesUs - 100}us for 1ms`)).toEqual([undisturbed]);
  });

  test("does not reach what arrived before it and waits at a paused node, nor spares what came during it", () => {
    const sent = [tell(0, "n1", letter("n2", "before")), tell(30, "n1", letter("n2", "meanwhile"))];
    const late = "pause n2 at 0 for 100ms; delay n1>n2 by 15ms at 20ms for 20ms;";
    const [before, meanwhile] = waysIn(happenings(sent, `${late} cut n1>n2 at 40ms for 30ms`));
    expect(before).toMatchObject({ arrivedUs: [100 * MS], lost: [] });
    expect(meanwhile).toMatchObject({ arrivedUs: [], lost: [{ why: "cut" }] });
    const [still] = waysIn(happenings(sent.slice(0, 1), "pause n2 at 0 for 100ms; cut n1>n2 at 40ms"));
    expect(still).toMatchObject({ arrivedUs: [100 * MS], lost: [] });
  });
});

function apply(network: Network, text: string, begins: boolean): void {
  for (const fault of parseFaults(text)) if ("links" in fault) network.apply(fault, begins);
}

describe("faults of one kind that overlap", () => {
  test("keep a link cut until the last of them is over", () => {
    const ways = over("n1>n2", traffic("cut n1>n2 at 100ms for 300ms; cut n1>* at 200ms for 300ms", 700));
    expect(delays(sentIn(ways, 100, 500))).toEqual([]);
    expectUndisturbed(sentIn(ways, 500, 700));
  });

  test.each(["drop", "duplicate", "reorder"])("add up their percentages, and end one by one: %s", (kind) => {
    const faults = `${kind} 60% n1>n2 at 1s for 2s; ${kind} 40% at 2s for 2s`;
    const ways = waysIn(happenings(letters("n1", "n2", 5000), faults));
    const isHit = ({ arrivedUs, sentUs }: Way) =>
      kind === "reorder" ? (arrivedUs[0] ?? 0) - sentUs > 10 * MS : arrivedUs.length !== 1;
    const share = (fromMs: number) => {
      const some = sentIn(ways, fromMs, fromMs + 1000);
      return some.filter(isHit).length / some.length;
    };
    // A message held back for a moment only looks like one that was not.
    const [least, whole] = kind === "reorder" ? [0.85, 0.9] : [0.9, 1];
    expect([0, 4000].map(share)).toEqual([0, 0]);
    for (const [fromMs, expected] of [[1000, 0.6] as const, [3000, 0.4] as const]) {
      expect(share(fromMs)).toBeGreaterThan(expected * least);
      expect(share(fromMs)).toBeLessThan(expected * 1.1);
    }
    expect(share(2000)).toBeGreaterThanOrEqual(whole);
  });

  test("add up their delays, and end one by one", () => {
    const network = new Network(1, NODES);
    let beginUs = 0;
    const shortest = () => {
      const far = Array.from({ length: 300 }, () => (beginUs += 1_000_000));
      const found = far.map((nowUs) => Number(network.fateOf("n1", "n2", nowUs)[0]) - nowUs);
      return [Math.floor(Math.min(...found) / (10 * MS)), Math.floor(Math.max(...found) / (10 * MS))];
    };
    apply(network, "delay n1>n2 by 100ms", true);
    expect(shortest()).toEqual([10, 10]);
    apply(network, "delay by 200ms..300ms", true);
    expect(shortest()).toEqual([30, 40]);
    apply(network, "delay n1>n2 by 100ms", false);
    expect(shortest()).toEqual([20, 30]);
    apply(network, "delay by 200ms..300ms", false);
    expect(shortest()).toEqual([0, 0]);
  });
});

describe("what one link draws", () => {
  const share = fc.integer({ min: 0, max: 100 });
  const span = fc.tuple(fc.nat(60), fc.nat(60)).map(([at, long]) => `at ${at}ms for ${long}ms`);
  const line = fc.oneof(
    fc.tuple(fc.constantFrom("drop", "duplicate", "reorder"), share, span).map(([k, p, s]) => `${k} ${p}% n1>n2 ${s}`),
    fc.tuple(fc.nat(99), span).map(([ms, s]) => `delay n1>n2 by ${ms}ms..${ms + 9}ms ${s}`),
    span.map((s) => `cut n1>n2 ${s}`),
    span.map((s) => `slow-disk * by 9ms ${s}`),
  );

  test("changes nothing of what the others draw, so that a run with one fault less is the same elsewhere", () => {
    fc.assert(
      fc.property(seeds, fc.array(line, { minLength: 1, maxLength: 4 }), (seed, lines) => {
        const elsewhere = (faults: string) => traffic(faults, 60, seed).filter(({ link }) => link !== "n1>n2");
        expect(elsewhere(lines.join("\n"))).toEqual(elsewhere(""));
      }),
      { numRuns: 60 },
    );
  });
});
