import { writeFileSync } from "node:fs";
import path from "node:path";
import { freePorts, type Stage, setStage } from "./process-stage.ts";

/** A stage with a hosts file for a ring of its own. */
export async function setRing(proposers: number, acceptors: number, learners: number, clients: number) {
  const stage = await setStage(0);
  const nodes = proposers + acceptors + learners;
  const ports = await freePorts(nodes + clients);
  const lines = ports.map((port, uid) => `localhost ${port} ${uid < nodes ? "con" : "cli"}`);
  const text = [`PROPOSERS ${proposers}`, `ACCEPTORS ${acceptors}`, `LEARNERS ${learners}`, ...lines, ""].join("\n");
  const hostsFile = path.join(stage.home, "hosts.txt");
  writeFileSync(hostsFile, text);
  const ring = (...words: string[]): ReturnType<Stage["synod"]> => stage.synod("ring", ...words);
  return { stage, ports, hostsFile, ring };
}
