/** How many colours people have. */
export const PERSON_COLOURS = 6;

/** Of a name, what stands in its circle. */
export function initialsOf(name: string): string {
  const [first = "", second = ""] = name.split(/[._-]+/).filter((part) => part !== "");
  return (first.slice(0, 1) + (second === "" ? first.slice(1, 2) : second.slice(0, 1))).toUpperCase();
}

/** Which of the colours a name has, everywhere and always. */
export function colourOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum % PERSON_COLOURS;
}
