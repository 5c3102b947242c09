import { CannotStart, isLost, markMade, type NotServed } from "@synod/acceptor-server";
import type { Address } from "@synod/api";
import {
  type NodeId,
  RING_TIMING,
  type RingMessage,
  RingNode,
  type RingNodeState,
  type RingRole,
  type RingWrite,
} from "@synod/consensus";
import { hostOf } from "./hosts-file.js";
import { chanceOf, closeApp, listenAt, type MemberOptions } from "./member.js";
import { buildRingApp } from "./ring-app.js";
import { RingHost } from "./ring-host.js";
import { RingStore } from "./ring-store.js";
import { tell } from "./tell.js";

export interface ConsensusNodeOptions extends MemberOptions {
  /** Where its state is kept: each node has a folder of its own, and goes on from it when it starts again. */
  readonly folder: string;
  /** Hears who was elected, each time that somebody is. */
  readonly onElected?: ((leader: number) => void) | undefined;
  /** Hears this node's role, once START has come. */
  readonly onRole?: ((role: RingRole) => void) | undefined;
  /** Hears of each message before the node does. */
  readonly onMessage?: ((from: NodeId, message: RingMessage) => void) | undefined;
  /** Hears why the node answers nothing any more. */
  readonly onFailure?: ((failure: NotServed) => void) | undefined;
}

/** A node of a ring: it begins equal to all others, gets its role from whoever is elected, and runs it. */
export class ConsensusNode {
  /** Where it listens. */
  readonly address: Address;
  readonly #node: RingNode;
  readonly #host: RingHost<RingWrite, string, never>;
  readonly #close: () => Promise<void>;
  readonly #listeners: Set<(value: string) => void>;
  readonly #allDone: Promise<void>;
  #closing: Promise<void> | null = null;

  private constructor(
    address: Address,
    node: RingNode,
    host: RingHost<RingWrite, string, never>,
    listeners: Set<(value: string) => void>,
    allDone: Promise<void>,
    close: () => Promise<void>,
  ) {
    this.address = address;
    this.#node = node;
    this.#host = host;
    this.#listeners = listeners;
    this.#allDone = allDone;
    this.#close = close;
  }

  /**
   * Starts a node: opens its store, listens, and stands for election.
   *
   * @throws {CannotStart | JournalError | StoreRefused} having let go of everything again
   * @throws {RangeError} if the UID is not a node's
   */
  static async start(options: ConsensusNodeOptions): Promise<ConsensusNode> {
    const { hosts, uid, folder, secret, logger } = options;
    const line = hostOf(hosts, uid, "node");
    const mark = `${folder}.made`;
    refuseLost(folder, mark, line.name);
    const { store, writes } = await RingStore.onDisk(folder, { clusterId: hosts.clusterId, name: line.name });
    const listeners = new Set<(value: string) => void>();
    const timing = { ...RING_TIMING, ...options.timing };
    const node = new RingNode({ plan: hosts.plan, uid, timing, chance: chanceOf(options) }, writes);
    let tellAllDone = () => {};
    const allDone = new Promise<void>((resolve) => {
      tellAllDone = resolve;
    });
    const watch = watchState(node, options, hosts.plan.clients, tellAllDone);
    const host = new RingHost<RingWrite, string, never>({
      participant: node,
      hosts,
      own: line.name,
      secret,
      store,
      onStep: watch,
      onFailure: (failure) => tell(options.onFailure, failure),
      onDecided: (value) => {
        for (const listener of listeners) tell(listener, value);
      },
    });
    try {
      markMade(mark);
      const hear = (from: NodeId, message: RingMessage) => {
        options.onMessage?.(from, message);
        host.hear(from, message);
      };
      const state = () => {
        const { election, role, chosen } = node.state;
        return { name: line.name, election: election.election, leader: election.leader, role, chosen };
      };
      const app = await buildRingApp({
        hosts,
        own: line.name,
        secret,
        logger,
        failure: () => host.failure,
        hear,
        state,
      });
      const address = await listenAt(app, options, line);
      host.start();
      const close = async () => {
        await closeApp(app);
        await host.close();
      };
      return new ConsensusNode(address, node, host, listeners, allDone, close);
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  /** What can be seen of it: election, leader, role, and of a learner the chosen value. */
  get state(): RingNodeState {
    return this.#node.state;
  }

  /** Why it answers nothing any more; null while all is well. */
  get failure(): NotServed | null {
    return this.#host.failure;
  }

  /** Resolves when every client of the hosts file has said that it is done; never if there is none. */
  get clientsDone(): Promise<void> {
    return this.#allDone;
  }

  /**
   * Registers somebody who hears what this node learns to be chosen. Only learners learn; a learner that knows the value
   * already tells it at once.
   *
   * @returns takes the registration back
   */
  onDecision(listener: (value: string) => void): () => void {
    const { chosen } = this.state;
    if (chosen !== null) listener(chosen);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Finishes what is under way, then lets go of port and folder. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }
}

/** An acceptor that forgot what it promised breaks agreement. */
function refuseLost(folder: string, mark: string, name: string): void {
  if (!isLost(mark, folder)) return;
  throw new CannotStart(
    `${folder} is gone, and with it what ${name} promised and accepted: started afresh, it could break agreement. Restore ` +
      `the folder, or begin anew with another home for all nodes (--home). (${mark} tells that there was a journal.)`,
  );
}

/** Tells what has changed since the last step. */
function watchState(
  node: RingNode,
  { onElected, onRole }: ConsensusNodeOptions,
  clients: number,
  allDone: () => void,
): () => void {
  let known: { election: number; leader: number | null; role: RingRole | null } = {
    election: 0,
    leader: null,
    role: null,
  };
  return () => {
    const { election, role, clientsDone } = node.state;
    const now = { election: election.election, leader: election.leader, role };
    const isNews = now.leader !== null && (now.leader !== known.leader || now.election !== known.election);
    if (isNews && now.leader !== null) tell(onElected, now.leader);
    if (role !== null && known.role === null) tell(onRole, role);
    if (clients > 0 && clientsDone.length === clients) allDone();
    known = now;
  };
}
