import {
  type ElectionMessage,
  type ElectionWrite,
  type Input,
  memberName,
  nodeNames,
  type Participant,
  RING_TIMING,
  RingElection,
  type RingMessage,
} from "@synod/consensus";
import { hostOf } from "./hosts-file.js";
import { chanceOf, closeApp, listenAt, type MemberOptions, timerMs } from "./member.js";
import { buildRingApp } from "./ring-app.js";
import { RingHost } from "./ring-host.js";

/** No leader was found in time. */
export class NoLeader extends Error {
  override readonly name = "NoLeader";
}

export interface ElectLeaderOptions extends MemberOptions {
  /** How long to wait for a leader, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * Takes part in one election among the nodes of a hosts file, and in nothing else: no roles, no value, nothing kept. Every
 * node calls it.
 *
 * @returns the UID of the leader: the highest of those that live
 * @throws {NoLeader} if none was found in time
 * @throws {CannotStart} if it cannot listen
 */
export async function electLeader(options: ElectLeaderOptions): Promise<number> {
  const { hosts, uid, secret, logger, timeoutMs = 30_000 } = options;
  const line = hostOf(hosts, uid, "node");
  const ring = nodeNames(hosts.plan).map((name, id) => ({ id, name }));
  const timing = { ...RING_TIMING, ...options.timing };
  const own = memberName(hosts.plan, uid);
  const election = new RingElection({ ring, own, starts: true, timing, chance: chanceOf(options) });
  let settle: (leader: number) => void = () => {};
  let giveUp: (error: Error) => void = () => {};
  const elected = new Promise<number>((resolve, reject) => {
    settle = resolve;
    giveUp = reject;
  });
  // Its time may be up while it begins to listen, and nobody waits yet.
  elected.catch(() => {});
  const host = new RingHost<ElectionWrite, never, never>({
    participant: electionOnly(election),
    hosts,
    own,
    secret,
    store: null,
    onFailure: giveUp,
    onStep: () => {
      // Whoever knows the leader goes on until the next node knows it, too.
      const { leader, passing } = election.state;
      if (leader !== null && passing === null) settle(leader);
    },
  });
  const state = () => {
    const { election: number, leader } = election.state;
    return { name: own, election: number, leader, role: null, chosen: null };
  };
  const hear = (from: string, message: RingMessage) => host.hear(from, message);
  const app = await buildRingApp({ hosts, own, secret, logger, failure: () => host.failure, hear, state });
  const late = () => giveUp(new NoLeader(`no leader was found within ${timeoutMs} ms`));
  const timer = setTimeout(late, timerMs(timeoutMs));
  try {
    await listenAt(app, options, line);
    host.start();
    return await elected;
  } finally {
    clearTimeout(timer);
    await closeApp(app);
    await host.close();
  }
}

/** An election that hears what belongs to elections. */
function electionOnly(election: RingElection): Participant<RingMessage, ElectionWrite> {
  return {
    step: (input) => (isOfElection(input) ? election.step(input) : { ...NOTHING }),
    get state() {
      return election.state;
    },
  };
}

const NOTHING = { writes: [], messages: [], replies: [], timers: [], decided: [] } as const;

function isOfElection(input: Input<RingMessage>): input is Input<ElectionMessage> {
  return input.kind !== "message" || ["elect", "elected", "passed", "later-election"].includes(input.message.type);
}
