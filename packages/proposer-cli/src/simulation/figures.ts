import type { Microseconds } from "@synod/simulator";

/** 1,234,567. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** So many of something: "1 crash", "2 crashes". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

const [SECOND, MINUTE, HOUR, DAY] = [1e6, 60e6, 3600e6, 86_400e6];

/** A span of time, in the unit that suits it: "12.5 ms", "1 min 40 s". */
export function spanInWords(us: Microseconds): string {
  if (us < SECOND) return `${us / 1000} ms`;
  if (us < MINUTE) return `${(us / SECOND).toFixed(1)} s`;
  if (us < HOUR) return inTwoUnits(us, MINUTE, "min", SECOND, "s");
  if (us < DAY) return inTwoUnits(us, HOUR, "h", MINUTE, "min");
  return inTwoUnits(us, DAY, "d", HOUR, "h");
}

function inTwoUnits(us: Microseconds, large: number, largeName: string, small: number, smallName: string): string {
  return `${grouped(Math.floor(us / large))} ${largeName} ${Math.floor((us % large) / small)} ${smallName}`;
}
