import { wholeNumber } from "@synod/acceptor-server";

type Given<Value> = Readonly<Record<string, Value | undefined>>;

/** Query parameters as a question names them: those that are given, and numbers as such. @throws {RequestRefused} `bad-request` */
export function named<Texts extends Given<string>, Numbers extends Given<string>>(
  texts: Texts,
  numbers: Numbers,
): { readonly [Name in keyof Texts]?: string } & { readonly [Name in keyof Numbers]?: number } {
  const given = Object.entries(texts).filter(([, text]) => text !== undefined);
  const counted = Object.entries(numbers)
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => [name, wholeNumber(name, text, 0)]);
  return Object.fromEntries([...given, ...counted]);
}
