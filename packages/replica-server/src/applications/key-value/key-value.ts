import type { Admission, App, NodeMetrics } from "@synod/acceptor-server";
import {
  charactersOfKeyValueChange,
  type KeyValueChange,
  type KeyValueOperation,
  KeyValueStore,
  keyTouched,
} from "@synod/state-machines";
import type { GatewayHost } from "../../people/log-calls.js";
import { writesElsewhere } from "../../people/takes-writes.js";
import type { RoleContext } from "../../roles/role-context.js";
import type {
  Application,
  ApplicationStatus,
  GatewayApplication,
  LearnerApplication,
  LearnerContext,
  LearnerStand,
} from "../application.js";
import { ChangeFeed } from "../change-feed.js";
import { ReplicatedMachine } from "../replicated-machine.js";
import { KeyValueService } from "./key-value-service.js";
import type { OpenSubscriptions } from "./open-subscriptions.js";
import { addPeoplesRoutes } from "./peoples-routes.js";
import { RelayedChanges } from "./relayed-changes.js";
import { EndSpreader } from "./spread-end.js";
import { watchingHere } from "./watching-here.js";

/** A store of keys and values, with subscriptions to what changes. */
export const keyValue: Application = {
  learner: (context) => new KeyValueLearner(context),
  gateway: (context, host) => new KeyValueGateway(context, host),
  touches: keyTouched,
};

class KeyValueLearner implements LearnerApplication {
  readonly state: ReplicatedMachine<KeyValueStore, KeyValueOperation, KeyValueChange>;
  readonly #context: LearnerContext;
  readonly #changes: ChangeFeed<KeyValueChange>;
  readonly #spreader: EndSpreader;
  #subscriptions: OpenSubscriptions | null = null;

  constructor(context: LearnerContext) {
    const { faults, logger, tuning } = context;
    this.#context = context;
    this.#changes = new ChangeFeed({
      charactersOf: charactersOfKeyValueChange,
      limits: tuning.changes,
      whilePaused: () => faults?.whilePaused() ?? null,
    });
    this.state = new ReplicatedMachine({
      machine: () => new KeyValueStore(),
      applied: (slot, changes) => this.#changes.push(slot, changes),
      restored: (_store, through) => this.#changes.restart(through),
      logger,
    });
    this.#spreader = new EndSpreader(context);
  }

  addRoutes(app: App, { host, admission, progress }: LearnerStand): void {
    const spreadEnd = (id: string) => this.#spreader.spread(id);
    this.#subscriptions = addPeoplesRoutes(app, {
      service: new KeyValueService(host),
      takesWrites: writesElsewhere(this.#context.topology),
      admission,
      watching: watchingHere(this.#context, this.#changes, () => progress().appliedThrough, spreadEnd),
    });
  }

  addGauges(metrics: NodeMetrics): void {
    metrics.gauge("synod_keys", "Keys that are there", () => this.state.machine.size);
    metrics.gauge("synod_watchers", "Streams of changes that are open", () => this.#changes.size);
  }

  status(): ApplicationStatus {
    return {
      compacted_through: this.#changes.compactedThrough,
      keys: this.state.machine.size,
      subscriptions: this.#subscriptions?.count ?? 0,
    };
  }

  close(): Promise<void> {
    return this.#spreader.close();
  }
}

class KeyValueGateway implements GatewayApplication {
  readonly #service: KeyValueService;
  readonly #changes: RelayedChanges;
  readonly #spreader: EndSpreader;
  #subscriptions: OpenSubscriptions | null = null;

  constructor(context: RoleContext, host: GatewayHost) {
    this.#service = new KeyValueService(host);
    this.#changes = new RelayedChanges(context);
    this.#spreader = new EndSpreader(context);
  }

  get subscriptions(): number {
    return this.#subscriptions?.count ?? 0;
  }

  addRoutes(app: App, admission: Admission): void {
    this.#subscriptions = addPeoplesRoutes(app, {
      service: this.#service,
      takesWrites: () => {},
      admission,
      watching: {
        now: (label) => this.#slotSeen(label),
        open: (_request, reply, subscription, after) => this.#changes.open(reply, subscription, after),
        spreadEnd: (id) => this.#spreader.spread(id),
      },
    });
  }

  stop(): void {
    this.#changes.close();
  }

  close(): Promise<void> {
    return this.#spreader.close();
  }

  /** A slot at or above all that the session has seen: a subscription that begins there tells nothing twice. */
  async #slotSeen(label: string | null): Promise<number> {
    const how = { level: "session", label, token: null, timeoutMs: 5000 } as const;
    const { slot } = await this.#service.read({ type: "count" }, how);
    return slot;
  }
}
