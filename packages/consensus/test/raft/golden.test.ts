import { describeTraces, type TraceCommands } from "../golden-traces.js";
import { RaftTraceStage } from "./trace-stage.js";

const COMMANDS: TraceCommands<RaftTraceStage> = {
  term: (stage, [term, ...words]) => stage.logs(Number(term), logsOf(words)),
  down: (stage, words) => words.forEach((name) => void stage.down(name)),
  up: (stage, words) => words.forEach((name) => void stage.up(name)),
  "lose-entries-of": (stage, [term]) => stage.loseEntriesOf(Number(term)),
  "lose-nothing": (stage) => stage.loseEntriesOf(null),
  stand: (stage, [name = ""]) => stage.stand(name),
  beat: (stage, [name = ""]) => stage.beat(name),
  deliver: (stage, [number]) => stage.deliver(Number(number)),
  run: (stage) => stage.run(),
  state: (stage) => stage.state(),
};

describeTraces("golden traces of Raft", new URL("./traces/", import.meta.url), () => new RaftTraceStage(), COMMANDS);

/** "a=1,1,4 b=1": the terms of each server's entries. */
function logsOf(words: readonly string[]): ReadonlyMap<string, readonly number[]> {
  return new Map(
    words.map((word) => {
      const [name = "", terms = ""] = word.split("=");
      return [name, terms.split(",").map(Number)] as const;
    }),
  );
}
