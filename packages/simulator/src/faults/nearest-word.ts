/** `; did you mean ...?` if one of the known words, and no other, comes near enough to be meant; else nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const distances = known.map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }));
  const least = Math.min(...distances.map(({ distance }) => distance));
  const [nearest, rival] = distances.filter(({ distance }) => distance === least);
  if (nearest === undefined || rival !== undefined) return "";
  return least <= Math.ceil(nearest.candidate.length / 3) ? `; did you mean ${nearest.candidate}?` : "";
}

/**
 * How many letters one must put in, take out or change to make one word of the other (Levenshtein). Capitals and small
 * letters are the same; a word begun and left unfinished is a single slip.
 */
function distanceOf(word: string, candidate: string): number {
  const [one, other] = [word.toLowerCase(), candidate.toLowerCase()];
  // Far too long to be a slip; and it must not cost much.
  if (one.length > 2 * other.length) return one.length;
  if (one.length > 2 && other.startsWith(one)) return Math.min(1, other.length - one.length);
  let row = Array.from({ length: other.length + 1 }, (_, length) => length);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const changed = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
