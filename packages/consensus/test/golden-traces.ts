import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

// A scenario is a title ("# "), prose, and commands ("> "), each followed by what it leads to, indented. After a change
// that is meant, UPDATE_TRACES=1 writes what happens now into the files; read the difference before you keep it.

const UPDATE = process.env["UPDATE_TRACES"] === "1";

/** Where a scenario is played. */
interface TraceStage {
  /** What happened since somebody last took it away. */
  readonly transcript: string[];
}

/** The commands of scenarios by their first word; each is given the words after that. */
export type TraceCommands<Stage> = Readonly<Record<string, (stage: Stage, words: readonly string[]) => void>>;

/** Plays the scenarios of a folder, a test each, and compares what happens with what they say. */
export function describeTraces<Stage extends TraceStage>(
  title: string,
  folder: URL,
  begin: () => Stage,
  commands: TraceCommands<Stage>,
): void {
  describe(title, () => {
    for (const file of readdirSync(folder).sort()) {
      const text = readFileSync(new URL(file, folder), "utf8");
      const name = /^# (.+)/.exec(text)?.[1];
      test(`${file}: ${name}`, () => {
        expect(name, "the first line is the title").toBeDefined();
        const now = played(text, begin(), commands);
        if (UPDATE) writeFileSync(new URL(file, folder), now);
        else expect(now).toBe(text);
      });
    }
  });
}

/** The scenario with what happens now in place of the transcripts it has. */
export function played<Stage extends TraceStage>(text: string, stage: Stage, commands: TraceCommands<Stage>): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("  ")) continue;
    lines.push(line);
    if (!line.startsWith("> ")) continue;
    const [verb = "", ...words] = line.slice(2).split(" ");
    const obey = commands[verb];
    if (!obey) throw new Error(`unknown command: ${line.slice(2)}`);
    obey(stage, words);
    lines.push(...stage.transcript.splice(0).map((said) => `  ${said}`));
  }
  return lines.join("\n");
}
