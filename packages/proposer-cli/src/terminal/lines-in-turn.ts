import type { Prompt } from "./prompt.js";

/**
 * Takes lines, one after the other, until one says that it is the last, or there are no more.
 *
 * @param take carries a line out; @returns whether that was the last one
 * @returns whether one was
 */
export async function takeInTurn(prompt: Prompt, take: (line: string) => Promise<boolean>): Promise<boolean> {
  let isOver = false;
  let doing = Promise.resolve();
  const takeNext = async (line: string) => {
    if (!isOver) isOver = await take(line);
    if (isOver) prompt.close();
  };
  await prompt.read((line) => {
    doing = doing.then(() => takeNext(line));
  });
  await doing;
  return isOver;
}
