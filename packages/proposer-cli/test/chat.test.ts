import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ChatStage, PASSWORD } from "../../replica-server/test/chat/chat-stage.ts";
import { ChatHome } from "./chat-home.ts";
import { fakeServer, refusal } from "./fake-cluster.ts";
import { linesOf, runCommand } from "./run-command.ts";

/** A real chat for all tests of this file, each of which has people and a home of its own. */
let stage: ChatStage;
beforeAll(async () => {
  stage = await ChatStage.onThreeNodes("raft");
  return () => stage.end();
});

describe("accounts", () => {
  test("are made with a password from stdin or a file, and say in the chat's sentences what came of it", async () => {
    const home = new ChatHome(stage);
    expect(await home.run(["available", "anna"])).toMatchObject({ exitCode: 0, stdout: "Nobody is called 'anna'.\n" });
    expect(await home.run(["create", "anna"], PASSWORD)).toEqual({
      ...{ exitCode: 0, stdout: "New account 'anna' created.\n", stderr: "" },
    });
    const file = path.join(home.folder, "password");
    writeFileSync(file, `${PASSWORD}\n`);
    const taken = await home.run(["create", "anna", "--password-file", file]);
    expect(taken).toMatchObject({ exitCode: 5, stderr: "synod: Username already exists.\n" });
    expect(await home.run(["available", "anna", "--json"])).toMatchObject({ exitCode: 5 });
    expect(await home.run(["create", "Anna!"], PASSWORD)).toMatchObject({ exitCode: 2 });
    expect(await home.run(["create", "carl"], "short")).toMatchObject({ exitCode: 2 });
    expect(await home.run(["create", "carl"])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("a password of bytes that are no text is refused, since another one could read as the same", async () => {
    const home = new ChatHome(stage);
    const file = path.join(home.folder, "password");
    writeFileSync(file, Buffer.from("p\u00e4ssword-12\n", "latin1"));
    const refused = { exitCode: 2, stdout: "" };
    expect(await home.run(["create", "aron", "--password-file", file])).toMatchObject(refused);
    const circumstances = { env: home.env, stdin: readFileSync(file) };
    expect(await runCommand("synod", ["chat", "create", "aron"], circumstances)).toMatchObject(refused);
    const stdin = Buffer.concat([Buffer.from("create aron\n"), readFileSync(file)]);
    expect(await runCommand("synod", ["chat"], { env: home.env, stdin })).toMatchObject(refused);
    expect((await home.run(["available", "aron"])).exitCode).toBe(0);
  });

  test("at a terminal the password is asked for, twice if it is new, and nobody sees it", async () => {
    const home = new ChatHome(stage);
    const making = home.sitDown("create", "abel");
    await making.sees("A password for abel: ");
    await making.type(`${PASSWORD}x\x7f\r`, "Once more: ");
    await making.type(`${PASSWORD}\r`, "New account 'abel' created.");
    expect((await making.ran).exitCode).toBe(0);
    const differing = home.sitDown("create", "adam");
    await differing.sees("A password for adam: ");
    await differing.type(`${PASSWORD}\r`, "Once more: ");
    await differing.type("something else\r", "they differ");
    expect((await differing.ran).exitCode).toBe(2);
    const pasting = home.sitDown("create", "arno");
    await pasting.sees("A password for arno: ");
    await pasting.type(`${PASSWORD}\r${PASSWORD}\r`, "New account 'arno' created.");
    expect(pasting.seen).toContain("A password for arno: \nOnce more: \n");
    const leaving = home.sitDown("login", "abel");
    await leaving.sees("Password of abel: ");
    await leaving.type("corr\x03", "interrupted");
    expect((await leaving.ran).exitCode).toBe(130);
    for (const { seen } of [making, differing, pasting, leaving]) expect(seen).not.toContain("corr");
  });

  test("a wrong password ends with 1, an unknown name with 5, as a document too", async () => {
    const home = new ChatHome(stage);
    await stage.create("anna");
    expect(await home.run(["login", "anna"], "a guess")).toMatchObject({
      ...{ exitCode: 1, stderr: "synod: Incorrect password.\n" },
    });
    const unknown = await home.run(["login", "nobody", "--json"], PASSWORD);
    expect(unknown.exitCode).toBe(5);
    expect(JSON.parse(unknown.stdout).error).toMatchObject({ code: "no-such-user", exitCode: 5 });
    expect(unknown.stderr).toContain("No such user.");
  });

  test("are listed by a glob, a page at a time", async () => {
    const home = new ChatHome(stage);
    await home.logIn("zoe");
    for (const user of ["zora", "zuri"]) await stage.create(user);
    const first = await home.run(["accounts", "zo*", "--limit", "1"]);
    expect(first).toMatchObject({ exitCode: 0, stdout: "zoe\n", stderr: "there are more: --after zoe\n" });
    expect((await home.run(["accounts", "z*", "--after", "zoe"])).stdout).toBe("zora\nzuri\n");
    expect(JSON.parse((await home.run(["accounts", "zu*", "--json"])).stdout)).toMatchObject({ users: ["zuri"] });
  });

  test("a password is changed with the old one; an account goes only if somebody says so, and nothing of it stays", async () => {
    const home = new ChatHome(stage);
    await home.logIn("dora");
    expect(await home.run(["password"], "a guess", "another password")).toMatchObject({ exitCode: 1 });
    expect(await home.run(["password"], PASSWORD)).toMatchObject({ exitCode: 2 });
    expect((await home.run(["password"], PASSWORD, "another password")).stdout).toContain("'dora' is changed");
    expect(await home.run(["login", "dora"], "another password")).toMatchObject({ exitCode: 0 });
    expect(await home.run(["delete-account"])).toMatchObject({ exitCode: 2 });
    expect((await home.run(["delete-account", "--yes"])).stdout).toBe("Account 'dora' deleted.\n");
    expect(await home.run(["available", "dora"])).toMatchObject({ exitCode: 0 });
    expect(readdirSync(path.join(home.folder, "chat-logins"))).toEqual([]);
  });
});

describe("logins", () => {
  test("are kept for the commands that follow, readable for their owner alone, until logout", async () => {
    const home = new ChatHome(stage);
    expect(await home.run(["read"])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Not logged in.") });
    await stage.create("lena");
    const said = await home.run(["login", "lena"], PASSWORD);
    expect(said.stdout).toBe("Logged in as 'lena'. Unread messages: 0.\n");
    const folder = path.join(home.folder, "chat-logins");
    const [file = ""] = readdirSync(folder);
    expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readFileSync(path.join(folder, file), "utf8")).not.toContain(PASSWORD);
    expect((await home.run(["logout"])).stdout).toBe("User 'lena' logged out.\n");
    expect(existsSync(path.join(folder, file))).toBe(false);
  });

  test("of several are told apart with --as; one that ended elsewhere is forgotten", async () => {
    const home = new ChatHome(stage);
    await home.logIn("lois", "luke");
    const which = await home.run(["read"]);
    expect(which).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--as NAME; there is lois, luke") });
    expect(await home.run(["read", "--as", "lois"])).toMatchObject({ exitCode: 0, stderr: "nothing is unread\n" });
    expect(await home.run(["read", "--as", "lara"])).toMatchObject({ exitCode: 1 });
    const luke = await stage.logIn("luke");
    await luke.ask("POST /chat/password", { password: PASSWORD, new_password: "another password" });
    expect(await home.run(["read", "--as", "luke"])).toMatchObject({ exitCode: 1 });
    expect(await home.run(["read"])).toMatchObject({ exitCode: 0 });
  });
});

describe("messages", () => {
  test("are sent and read, and marked as read once they were shown", async () => {
    const home = new ChatHome(stage);
    await home.logIn("mia", "max");
    const sent = await home.run(["send", "max", "hello", "--as", "mia"]);
    expect(sent).toEqual({ exitCode: 0, stdout: "Message sent to 'max': hello\n", stderr: "" });
    await home.run(["send", "max", "-", "--as", "mia"], "two", "lines");
    const peeked = JSON.parse((await home.run(["read", "--peek", "--as", "max", "--json"])).stdout);
    expect(peeked).toMatchObject({ messages: [{ from: "mia", text: "hello" }, { text: "two\nlines" }], unread: 2 });
    const read = await home.run(["read", "--from", "mia", "--limit", "1", "--as", "max"]);
    expect(read.stdout).toMatch(/^#\d+ \d\d:\d\d mia: hello\n$/);
    expect(read.stderr).toBe("there are 1 more that are unread\n");
    expect((await home.run(["read", "--as", "max"])).stdout).toMatch(/mia: two\n {4}lines\n$/);
    expect(await home.run(["read", "--as", "max"])).toMatchObject({ exitCode: 0, stdout: "" });
    const nobody = await home.run(["send", "nobody", "x", "--as", "mia"]);
    expect(nobody).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("Recipient does not exist.") });
  });

  test("of one conversation are shown by page, what somebody wrote cannot command the terminal", async () => {
    const home = new ChatHome(stage);
    await home.logIn("nina", "noah");
    for (const text of ["one", "\u001b[2Jtwo", "three"]) await home.run(["send", "noah", text, "--as", "nina"]);
    const list = await home.run(["conversations", "--as", "noah"]);
    expect(list.stdout).toMatch(/^nina: 3 messages, 3 unread; #\d+ \d\d:\d\d nina: three\n$/);
    const last = await home.run(["conversation", "nina", "--limit", "2", "--as", "noah"]);
    expect(last.stdout).toMatch(/nina: \\u001b\[2Jtwo\n.*nina: three\n$/);
    const [, before = ""] = /--before (\d+)/.exec(last.stderr) ?? [];
    expect((await home.run(["conversation", "nina", "--before", before, "--as", "noah"])).stdout).toContain(": one\n");
    const own = await home.run(["conversation", "noah", "--as", "nina", "--json"]);
    const { messages } = JSON.parse(own.stdout);
    expect(messages.map(({ read }: { read: boolean }) => read)).toEqual([true, true, true]);
    const ids = messages.slice(0, 2).map(({ id }: { id: number }) => `#${id}`);
    const deleted = await home.run(["delete", ...ids, "--as", "noah"]);
    expect(deleted).toMatchObject({ exitCode: 0, stdout: "Deleted 2 messages.\n" });
    expect(await home.run(["delete", ...ids, "--as", "noah"])).toMatchObject({ exitCode: 5 });
    expect(await home.run(["delete", "first", "--as", "noah"])).toMatchObject({ exitCode: 2 });
    expect(await home.run(["conversation", "nobody", "--as", "noah"])).toMatchObject({ exitCode: 5 });
  });

  test("are watched as they come, an event a line with --json, until there were enough", async () => {
    const home = new ChatHome(stage);
    await home.logIn("olga", "otto");
    let isListening = (): void => {};
    const listening = new Promise<void>((resolve) => {
      isListening = resolve;
    });
    const words = ["chat", "watch", "--as", "otto", "--count", "2", "--json"];
    const onStderr = (soFar: string) => soFar.includes("listening at") && isListening();
    const watching = runCommand("synod", words, { env: home.env, onStderr });
    await listening;
    const [olga, otto] = [await stage.logIn("olga"), await stage.logIn("otto")];
    const { body } = await olga.send("otto", "hello");
    await otto.ask("POST /chat/delete", { ids: [body.message.id] });
    const { exitCode, stdout } = await watching;
    expect(exitCode).toBe(0);
    expect(linesOf(stdout).map((line) => JSON.parse(line))).toEqual([
      { type: "message", message: body.message },
      { type: "deleted", conversations: [{ with: "olga", ids: [body.message.id] }] },
    ]);
  });
});

describe("which chat", () => {
  test("where nobody listens ends with 3, what is no chat with 1", async () => {
    const nobody = await runCommand("synod", ["chat", "available", "x", "--servers", "127.0.0.1:1"]);
    expect(nobody).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("synod cluster start chat") });
    const { address } = await fakeServer(({ path: asked }) => refusal("not-found", `there is no ${asked}`));
    const other = await runCommand("synod", ["chat", "available", "x", "--servers", address]);
    expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("not of a chat") });
  });
});
