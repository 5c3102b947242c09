import { legible } from "../terminal/legible.js";
import { table } from "../terminal/table.js";
import type { SourceVerdict } from "./verify-source.js";

/** Of a hash in a table. */
const SHORT = 12;

/** Whether nothing is wrong with this chain, and it is no other than those before it. */
export function isAllRight({ problemCount, difference }: SourceVerdict): boolean {
  return problemCount === 0 && difference === null;
}

/** What was found, for people: a line a server, then everything that is wrong, then whether they agree. */
export function verdictLines(verdicts: readonly SourceVerdict[]): string[] {
  const rows = verdicts.map((one) => [
    one.name,
    String(one.height),
    one.hash?.slice(0, SHORT) ?? "-",
    String(one.keys),
    one.isMapCompared ? "compared" : one.isMapThere ? "not compared" : "none there",
    isAllRight(one) ? "all right" : "WRONG",
  ]);
  return [
    ...table(["server", "blocks", "last hash", "keys", "map", "verdict"], rows),
    ...verdicts.flatMap(problemLines),
    ...agreementLines(verdicts),
  ].map(legible);
}

function problemLines({ name, problems, problemCount }: SourceVerdict): string[] {
  const lines = problems.map(({ height, what }) => `${name}${height === null ? "" : `, block ${height}`}: ${what}`);
  const more = problemCount - problems.length;
  return more > 0 ? [...lines, `${name}: and ${more.toLocaleString("en-US")} more problems`] : lines;
}

function agreementLines(verdicts: readonly SourceVerdict[]): string[] {
  const differences = verdicts.flatMap(({ name, difference }) =>
    difference === null
      ? []
      : [
          `${difference.other} and ${name} agree on ${difference.height - 1} blocks, and differ from block ${difference.height} on: ` +
            `${difference.other} has the hash ${difference.otherHash}, ${name} has ${difference.hash}`,
        ],
  );
  if (differences.length > 0 || verdicts.length === 1) return differences;
  const heights = verdicts.map(({ height }) => height);
  const [least, most] = [Math.min(...heights), Math.max(...heights)];
  // A block that is damaged may still give the hash that it had.
  const who = verdicts.every(isAllRight) ? "The servers" : "By the hashes that their blocks give, the servers";
  if (least === most) return [`${who} agree on all ${most} blocks.`];
  return [`${who} agree as far as each of them goes: from ${least} to ${most} blocks.`];
}
