import { Chat } from "@synod/state-machines";
import { expect, test } from "vitest";
import { Passwords } from "../../src/applications/chat/passwords.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 };
/** Some milliseconds of work. */
const SLOW = { cost: 4096, blockSize: 8, parallelization: 1 };
const patient = { withinMs: 30_000, isWanted: () => true };

test("a password fits what was made of it and nothing else; of two that are equal nobody can tell", async () => {
  const passwords = new Passwords(CHEAP);
  const [one, other] = [await passwords.hash("correct horse", patient), await passwords.hash("correct horse", patient)];
  expect(await passwords.matches("correct horse", one, patient)).toBe(true);
  expect(await passwords.matches("correct horsf", one, patient)).toBe(false);
  expect(await passwords.matches("", one, patient)).toBe(false);
  expect(one.salt).not.toBe(other.salt);
  expect(one.hash).not.toBe(other.hash);
  expect(new Chat().parseOperation({ type: "create-account", user: "a", password: one, time: 0 })).not.toBeNull();
});

test("the log carries what a password is compared at, so that the usual cost may change", async () => {
  const record = await new Passwords(SLOW).hash("correct horse", patient);
  expect(record).toMatchObject(SLOW);
  expect(await new Passwords(CHEAP).matches("correct horse", record, patient)).toBe(true);
});

test("unless it is said otherwise it costs 16 MiB and five passes", async () => {
  const record = await new Passwords().hash("correct horse", patient);
  expect(record).toMatchObject({ cost: 16_384, blockSize: 8, parallelization: 5 });
});

test("so many are looked at, so many wait, and others are refused at once", async () => {
  const passwords = new Passwords({ ...SLOW, atATime: 2, line: 3 });
  const tries = Array.from({ length: 7 }, () => passwords.hash("correct horse", patient).catch((error) => error));
  const outcomes = await Promise.all(tries);
  expect(outcomes.map((one) => one.code ?? "hashed")).toEqual([
    ...Array(5).fill("hashed"),
    ...Array(2).fill("overloaded"),
  ]);
  expect((await passwords.hash("correct horse", patient)).hash).toHaveLength(64);
});

test("whose turn does not come in time, or who has gone, is refused, and nobody works for them", async () => {
  const passwords = new Passwords({ ...SLOW, atATime: 1 });
  const first = passwords.hash("correct horse", patient);
  const late = passwords.hash("correct horse", { ...patient, withinMs: 0 });
  const gone = passwords.hash("correct horse", { ...patient, isWanted: () => false });
  const next = passwords.hash("correct horse", patient);
  await expect(late).rejects.toMatchObject({ code: "overloaded" });
  await expect(gone).rejects.toMatchObject({ code: "overloaded" });
  expect(await Promise.all([first, next])).toHaveLength(2);
});

test("whoever waits when the server stops is told so", async () => {
  const passwords = new Passwords({ ...SLOW, atATime: 1 });
  const [first, second] = [passwords.hash("correct horse", patient), passwords.hash("correct horse", patient)];
  passwords.close();
  await expect(second).rejects.toMatchObject({ code: "stopping" });
  await expect(passwords.hash("correct horse", patient)).rejects.toMatchObject({ code: "stopping" });
  expect((await first).hash).toHaveLength(64);
});

test("a record that a person put into the log fits no password if it would take up the machine, or is none", async () => {
  const passwords = new Passwords(CHEAP);
  const usual = await passwords.hash("correct horse", patient);
  for (const more of [{ cost: 2 ** 30 }, { blockSize: 2 ** 20 }, { parallelization: 1000 }, { cost: 3 }]) {
    await expect(passwords.matches("correct horse", { ...usual, ...more }, patient)).resolves.toBe(false);
  }
});
