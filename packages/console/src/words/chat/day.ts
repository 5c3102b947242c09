/** Midnight of the day of this moment, by the clock of whoever looks. */
function dayOf(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** `today`, `yesterday`, or the date, such as `2026-11-22`. @param time milliseconds since 1970 */
export function dayInWords(time: number, now: Date): string {
  const at = new Date(time);
  // A server's clock may say what no date is.
  if (Number.isNaN(at.getTime())) return "no date";
  // By midday, since a day may have 23 hours.
  const days = Math.round((dayOf(now) - dayOf(at)) / DAY_MS);
  if (days === 0) return "today";
  if (days === 1) return "yesterday";
  const two = (number: number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
