import { LiteralError } from "./literal-error.js";
import type { Token } from "./literal-token.js";

/** What Python and JSON5 take for the same after a backslash; a line's end is none for both. */
const SAME_IN_BOTH = "'\"\\bfnrtv\n\r";

/** JSON5 takes these, and warns of them; written so, nobody does. */
const SEPARATORS: Readonly<Record<string, string>> = { "\u2028": "\\u2028", "\u2029": "\\u2029" };

/** The text in quotes that begins here. @throws {LiteralError} if it is not closed, or Python would read it otherwise */
export function stringToken(text: string, start: number): Token {
  const quote = text.charAt(start);
  if (text.startsWith(quote.repeat(3), start)) {
    throw new LiteralError(
      "text in triple quotes is no literal here: write it in single ones, with \\n for a line's end",
    );
  }
  let json5 = quote;
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === quote) {
      return { kind: "string", text: text.slice(start, at + 1), json5: json5 + quote, start, end: at + 1 };
    }
    if (character === "\n" || character === "\r")
      throw new LiteralError("text in quotes has no line's end: write \\n for one");
    json5 += SEPARATORS[character] ?? character;
    if (character !== "\\") continue;
    const escaped = escapeAt(text, at);
    json5 += escaped.slice(1);
    at += escaped.length - 1;
  }
  throw new LiteralError(`a quote is not closed: ${quote} is missing at the end`);
}

/** The escape that this backslash begins. @throws {LiteralError} if it means something else in Python */
function escapeAt(text: string, at: number): string {
  const next = text.charAt(at + 1);
  const isFollowedByDigit = /\d/.test(text.charAt(at + 2));
  if (next !== "" && SAME_IN_BOTH.includes(next)) return `\\${next}`;
  if (next === "0" && !isFollowedByDigit) return "\\0";
  const coded = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})/.exec(text.slice(at, at + 6));
  if (coded) return coded[0];
  throw new LiteralError(whyNoEscape(next));
}

function whyNoEscape(next: string): string {
  if (/\d/.test(next)) return `\\${next} begins an octal escape: write \\u and four hexadecimal digits`;
  switch (next) {
    case "":
      return "a quote is not closed, and a backslash stands at the end";
    case "a":
      return "\\a is a bell to Python and a letter to JSON: write \\u0007 for the bell, \\\\a for a backslash";
    case "x":
      return "after \\x there are two hexadecimal digits, such as \\x41";
    case "u":
      return "after \\u there are four hexadecimal digits, such as \\u0041";
    case "U":
      return "\\U is not known here: write the character itself, or \\u and four hexadecimal digits";
    case "N":
      return "\\N{...} is not known here: write the character itself, or \\u and four hexadecimal digits";
    default:
      return `\\${next} is no escape: write \\\\${next} for a backslash`;
  }
}
