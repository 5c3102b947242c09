/** A change of a key, or that changes are gone. */
export type Change =
  | {
      readonly kind: "put" | "delete";
      readonly revision: number;
      readonly key: string;
      readonly value: string | null;
    }
  | { readonly kind: "compacted"; readonly revision: number };

/** A change as a stream tells it. */
interface ToldChange {
  readonly type: "put" | "delete";
  readonly revision: number;
  readonly key: string;
  readonly value: string | null;
}

/** Reads what an event of `/kv/watch` tells, in its order. @returns none for what is no change, such as the word that the stream begins */
export function changesIn(event: string | undefined, data: string): readonly Change[] {
  switch (event) {
    case "compacted":
      return [{ kind: "compacted", revision: (JSON.parse(data) as { compactedThrough: number }).compactedThrough }];
    case "change":
      return [changeOf(JSON.parse(data) as ToldChange)];
    case "changes":
      return (JSON.parse(data) as { changes: readonly ToldChange[] }).changes.map(changeOf);
    default:
      return [];
  }
}

/** What no other change in a list has: of one key there is one change a revision. */
export function nameOf(change: Change): string {
  return `${change.revision} ${change.kind === "compacted" ? "" : change.key}`;
}

function changeOf({ type, revision, key, value }: ToldChange): Change {
  return { kind: type, revision, key, value };
}
