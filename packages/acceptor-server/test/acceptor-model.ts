/** What one request asks, in the model's words. */
export type Step =
  | { readonly kind: "prepare"; readonly id: number; readonly instance: number }
  | { readonly kind: "accept"; readonly id: number; readonly instance: number; readonly value: string }
  | { readonly kind: "prepare-log"; readonly id: number; readonly from: number }
  | {
      readonly kind: "accept-log";
      readonly id: number;
      readonly entries: readonly { instance: number; value: string }[];
    }
  | { readonly kind: "restart" };

interface Acceptance {
  readonly id: number;
  readonly value: string;
  readonly byHand: boolean;
}

/** What the acceptor must answer: the whole reply, or the code of the error. */
export type Expected = { readonly reply: unknown } | { readonly code: string };

/**
 * The acceptor in its simplest form: it keeps every acceptance for ever, in a list for each instance. Written for
 * comparison alone, apart from the real one.
 */
export class AcceptorModel {
  promisedId = -1;
  readonly #accepted = new Map<number, Acceptance[]>();

  answer(step: Exclude<Step, { kind: "restart" }>): Expected {
    switch (step.kind) {
      case "prepare":
        return { reply: this.#prepare(step.id, { ...this.#pair(step.instance) }) };
      case "prepare-log":
        return { reply: this.#prepare(step.id, this.log(step.from), {}) };
      case "accept":
        return this.#accept(step.id, [step], true);
      case "accept-log":
        return this.#accept(step.id, step.entries, false);
    }
  }

  state(instance: number): unknown {
    return { promisedId: this.promisedId, acceptedId: -1, acceptedValue: null, ...this.#pair(instance) };
  }

  history(instance: number): unknown {
    const all = this.#accepted.get(instance) ?? [];
    const history = all.filter((one) => one.byHand).map(wire);
    const overwritten = all.slice(0, -1).filter((one) => !one.byHand);
    return { instance, history, missingThroughId: overwritten.at(-1)?.id ?? -1 };
  }

  log(from: number) {
    const instances = [...this.#accepted.keys()].filter((instance) => instance >= from).sort((a, b) => a - b);
    const entries = instances.map((instance) => ({ instance, ...this.#pair(instance) }));
    return { entries, next: null, truncatedThrough: 0 };
  }

  #prepare(id: number, told: object, toldIfIgnored: object = told): unknown {
    if (id <= this.promisedId) return { ignored: true, promisedId: this.promisedId, ...toldIfIgnored };
    this.promisedId = id;
    return { ignored: false, promisedId: id, ...told };
  }

  #accept(id: number, entries: readonly { instance: number; value: string }[], byHand: boolean): Expected {
    const instances = entries.map((entry) => entry.instance);
    for (const [position, { instance, value }] of entries.entries()) {
      if (instances.indexOf(instance) < position) return { code: "duplicate-instance" };
      const last = this.#accepted.get(instance)?.at(-1);
      if (last?.id === id && last.value !== value) return { code: "value-conflict" };
    }
    if (id < this.promisedId) return { reply: { ignored: true, promisedId: this.promisedId } };
    this.promisedId = id;
    for (const { instance, value } of entries) {
      const all = this.#accepted.get(instance) ?? [];
      this.#accepted.set(instance, all);
      if (all.at(-1)?.id !== id) all.push({ id, value, byHand });
    }
    const [first] = entries;
    if (byHand) return { reply: { ignored: false, acceptedId: id, acceptedValue: first?.value } };
    return { reply: { ignored: false, acceptedId: id, instances } };
  }

  #pair(instance: number): object | undefined {
    const last = this.#accepted.get(instance)?.at(-1);
    return last && wire(last);
  }
}

function wire({ id, value }: Acceptance) {
  return { acceptedId: id, acceptedValue: value };
}
