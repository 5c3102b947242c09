/** The time of day, with milliseconds: `14:05:09.123`. */
export function timeOfDay(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const seconds = `${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return `${two(at.getHours())}:${two(at.getMinutes())}:${seconds}`;
}
