import { describeTraces, type TraceCommands } from "../golden-traces.js";
import { RingStage } from "./ring-stage.ts";

/** So that a silent node takes few lines. */
const FEW_REPEATS = { resendMs: 1_000, patienceMs: 2_000, gatherMs: 3_000, tellMs: 1_500 };

/** The ring of a scenario, which begins with how large it is. */
class TracedRing {
  stage = new RingStage();

  get transcript(): string[] {
    return this.stage.transcript;
  }
}

const COMMANDS: TraceCommands<TracedRing> = {
  ring: (traced, words) => {
    const [proposers = 1, acceptors = 1, learners = 1, clients = 1] = words.map(Number);
    traced.stage = new RingStage({ proposers, acceptors, learners, clients }, FEW_REPEATS);
  },
  start: ({ stage }, words) => stage.start(...words),
  crash: ({ stage }, [name = ""]) => stage.crash(name),
  lose: ({ stage }, [type]) => {
    stage.loses = ({ message }) => message.type === type;
  },
  set: ({ stage }, [client = "", value = ""]) => stage.set(client, value),
  run: ({ stage }, [forMs]) => stage.run(Number(forMs)),
};

describeTraces("golden traces of a ring", new URL("./traces/", import.meta.url), () => new TracedRing(), COMMANDS);
