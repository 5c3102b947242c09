import type { Admission, App, NodeMetrics, NotServed } from "@synod/acceptor-server";
import type { LearnerStatusReply } from "@synod/api";
import type { LogApplication } from "@synod/consensus";
import type { TouchedBy } from "@synod/state-machines";
import type { GatewayHost } from "../people/log-calls.js";
import type { RoleContext } from "../roles/role-context.js";

/**
 * What runs on the log of a cluster. The roles know nothing of what values mean, nor of what people ask: they get that
 * from here. There is one of it in a process, so that its parts can find each other. Which engine decides the log's
 * values is not its affair.
 */
export interface Application {
  /** What a learner that starts needs of it. */
  learner(context: LearnerContext): LearnerApplication;
  /** What a gateway that starts needs of it. @param host asks the cluster */
  gateway(context: RoleContext, host: GatewayHost): GatewayApplication;
  /** For a machine whose operations may share a slot. Absent: each has a slot of its own. */
  readonly touches?: TouchedBy;
}

export interface LearnerContext extends RoleContext {
  /** The folder of the learner's state. */
  readonly folder: string;
}

/** How far a server is that applies the log. */
export interface Progress {
  readonly appliedThrough: number;
  /** The highest slot that it knows to be decided. */
  readonly decidedThrough: number;
}

/** What people's routes at a learner stand on. */
export interface LearnerStand {
  /** Asks the cluster, with reads from this learner alone. */
  readonly host: GatewayHost;
  /** What bounds the reads and writes that are under way. */
  readonly admission: Admission;
  readonly progress: () => Progress;
  /**
   * What this server's log has beyond what it knows to be decided, in the order of the slots: it may come to nothing.
   *
   * @param most how many values at most
   * @throws {NotServed} if nothing in this process has it
   */
  readonly tentative: (most: number) => Promise<readonly TentativeValue[]>;
}

/** A value in a slot that is not known to be decided. */
export interface TentativeValue {
  readonly slot: number;
  /** The proposal id under which it was accepted; under Raft the term of its leader. */
  readonly id: number;
  /** Null if nothing is said of it. */
  readonly value: string | null;
}

/** An application at a learner. */
export interface LearnerApplication {
  /** What decided values are applied to. */
  readonly state: LogApplication & {
    /** Sessions that live. */
    readonly sessions: number;
    /** Values that were no command, since this process applies. */
    readonly notCommands: number;
  };
  /**
   * Called once, when the state is that of the learner's own last snapshot, and before anything else is applied.
   *
   * @param fail to be told when it cannot go on: then the role answers nothing any more
   * @throws {StoreRefused} if what it keeps beside the snapshot does not fit it
   */
  open?(fail: (failure: NotServed) => void): Promise<void>;
  /**
   * Resolves once all that a snapshot of its state counts on is durable; only then the snapshot is kept.
   *
   * @param pieces as the state gave or took them
   * @throws {Error} if that will not be
   */
  settled?(pieces: readonly string[]): Promise<void>;
  addRoutes(app: App, stand: LearnerStand): void;
  addGauges(metrics: NodeMetrics): void;
  /** What it adds to the learner's status. */
  status(): ApplicationStatus;
  /** Lets go of everything. What waits for `settled` is rejected. */
  close(): Promise<void>;
}

export type ApplicationStatus = Pick<
  LearnerStatusReply,
  "keys" | "accounts" | "messages" | "compacted_through" | "subscriptions" | "height" | "hash"
>;

/** An application at a gateway. */
export interface GatewayApplication {
  addRoutes(app: App, admission: Admission): void;
  /** Streams of changes that are open. */
  readonly subscriptions: number;
  /** Ends what would keep the server from closing. */
  stop(): void;
  /** Lets go of everything, once the server is closed. */
  close(): Promise<void>;
}
