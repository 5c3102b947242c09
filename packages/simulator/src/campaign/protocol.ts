import type { System } from "../world/system.js";

/** A number that can be chosen for a protocol. */
export interface Setting {
  readonly sentence: string;
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

export type Settings = Readonly<Record<string, number>>;

/** A flaw that can be planted. */
export interface MutationText {
  readonly name: string;
  readonly sentence: string;
  /** The settings in which it shows, where the usual ones do not do. */
  readonly settings?: Settings;
}

/** A flaw, and how it is planted in the parts that a system is made of. */
export interface Mutation<Parts> extends MutationText {
  plant(parts: Parts): Parts;
}

/** The real parts, with the flaw of this name planted in them if there is a name. @throws {RangeError} if there is none so called */
export function partsWith<Parts>(real: Parts, mutations: readonly Mutation<Parts>[], name: string | null): Parts {
  if (name === null) return real;
  const mutation = mutations.find((one) => one.name === name);
  if (!mutation) throw new RangeError(`there is no mutation ${name}`);
  return mutation.plant(real);
}

/** A protocol that can be simulated and model checked by name. */
export interface Protocol {
  readonly name: string;
  readonly summary: string;
  readonly settings: Readonly<Record<string, Setting>>;
  readonly mutations: readonly MutationText[];
  /** What a model check takes for the settings that were not given: as small as may be, and nothing left to chance. */
  modelSettings(given: Settings): Settings;
  /**
   * @param settings every one of `settings`
   * @param mutation the name of one of `mutations`, or null
   * @throws {RangeError} if the settings do not go together, saying why
   */
  system(settings: Settings, mutation: string | null): System;
}

/**
 * The settings to use: those given, else what the mutation needs, else the usual ones.
 *
 * @throws {RangeError} for a setting that the protocol does not have, or a number out of its range
 */
export function settingsFor(protocol: Protocol, given: Settings, mutation: MutationText | null): Settings {
  for (const [name, value] of Object.entries(given)) {
    const setting = Object.hasOwn(protocol.settings, name) ? protocol.settings[name] : undefined;
    const known = Object.keys(protocol.settings).join(", ");
    if (!setting) throw new RangeError(`${protocol.name} has no setting ${name}; it has ${known}`);
    if (!Number.isSafeInteger(value) || value < setting.least || value > setting.most) {
      throw new RangeError(`${name} must be a whole number ${setting.least}..${setting.most}, not ${value}`);
    }
  }
  const usual = Object.entries(protocol.settings).map(([name, setting]) => [name, setting.default] as const);
  return { ...Object.fromEntries(usual), ...mutation?.settings, ...given };
}
