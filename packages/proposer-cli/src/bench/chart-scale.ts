/** Where values stand on an axis, and which of them are written beside it. */
export interface Scale {
  /** @returns a distance along the axis, between its two ends */
  at(value: number): number;
  readonly ticks: readonly { readonly value: number; readonly label: string; readonly isMajor: boolean }[];
}

/** Times on a logarithmic axis, from a round number below the least to one above the greatest. */
export function timeScale(leastMs: number, mostMs: number, begin: number, end: number): Scale {
  const [from, to] = [roundDown(leastMs), roundUp(Math.max(mostMs, leastMs * 1.01))];
  const [low, high] = [Math.log10(from), Math.log10(to)];
  const decades = high - low;
  const ticks = [];
  for (let exponent = Math.floor(low); exponent <= Math.ceil(high); exponent++) {
    for (const factor of decades > 3 ? [1] : [1, 2, 5]) {
      const value = factor * 10 ** exponent;
      if (value >= from * 0.999 && value <= to * 1.001)
        ticks.push({ value, label: timeLabel(value), isMajor: factor === 1 });
    }
  }
  return { at: (value) => begin + ((Math.log10(value) - low) / decades) * (end - begin), ticks };
}

/** Percentages that come closer to 100 by a factor of ten at each step: 0, 90, 99, 99.9, ... */
export function percentScale(mostRequests: number, begin: number, end: number): Scale {
  const steps = Math.max(1, Math.log10(Math.max(mostRequests, 10)));
  const place = (percent: number) => Math.min(steps, -Math.log10(Math.max(10 ** -steps, 1 - percent / 100)));
  const known = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999];
  const ticks = known
    .filter((value) => -Math.log10(1 - value / 100) <= steps)
    .map((value) => ({ value, label: `${value} %`, isMajor: value !== 50 }));
  return { at: (percent) => begin + (place(percent) / steps) * (end - begin), ticks };
}

/** Counts on an axis that begins at nothing. */
export function countScale(most: number, begin: number, end: number): Scale {
  const step = niceStep(most / 4);
  const top = Math.max(step, Math.ceil(most / step) * step);
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, place) => ({
    value: place * step,
    label: (place * step).toLocaleString("en-US"),
    isMajor: place === 0,
  }));
  return { at: (value) => begin + (value / top) * (end - begin), ticks };
}

function niceStep(roughly: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(roughly, 1)));
  return ([1, 2, 2.5, 5].find((factor) => factor * magnitude >= roughly && factor * magnitude >= 1) ?? 10) * magnitude;
}

function roundDown(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return ([5, 2].find((factor) => factor * magnitude <= value) ?? 1) * magnitude;
}

function roundUp(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * magnitude >= value * 0.999) ?? 10) * magnitude;
}

function timeLabel(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : ms >= 1 ? `${ms} ms` : `${Math.round(ms * 1000)} µs`;
}
