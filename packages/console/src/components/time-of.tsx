/** A time by a server's clock, which may say what no date is. @param text how the moment is written */
export function TimeOf({ time, text }: { readonly time: number; readonly text: (at: Date) => string }) {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return <>{time} ms</>;
  return <time dateTime={at.toISOString()}>{text(at)}</time>;
}
