import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { formatAddress } from "@synod/api";
import { beforeAll, describe, expect, test } from "vitest";
import { ChatStage, PASSWORD } from "../../replica-server/test/chat/chat-stage.ts";
import { ChatHome } from "./chat-home.ts";
import { linesOf } from "./run-command.ts";

/** A real chat for all tests of this file, each of which has people and a home of its own. */
let stage: ChatStage;
beforeAll(async () => {
  stage = await ChatStage.onThreeNodes("raft", { heartbeatMs: 50, peerTimeoutMs: 500 });
  return () => stage.end();
});

describe("lines from stdin", () => {
  test("are carried out in their order, a password being the line after its command", async () => {
    const home = new ChatHome(stage);
    await stage.create("ben");
    const lines = [
      ...["create ann", PASSWORD, "send ben hello there", "open ben", "one", "//two", "/close", "list be*"],
      ...["LOGIN ben", PASSWORD, "read", "conversations", "delete 1 2 3", "logout"],
    ];
    const { exitCode, stdout, stderr } = await home.run([], ...lines);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(linesOf(stdout).map((line) => line.replace(/^(.*)#\d+ \d\d:\d\d /, "$1"))).toEqual([
      "New account 'ann' created.",
      "Logged in as 'ann'. Unread messages: 0.",
      "Message sent to 'ben': hello there",
      "ann: hello there (not read yet)",
      "ann: one",
      "ann: /two",
      "ben",
      "Logged in as 'ben'. Unread messages: 3.",
      "ann: hello there",
      "ann: one",
      "ann: /two",
      "ann: 3 messages; ann: /two",
      "Deleted 3 messages.",
      "User 'ben' logged out.",
    ]);
  });

  test("are all tried, and the code of the first failure is what they end with", async () => {
    const home = new ChatHome(stage);
    const lines = [
      "read",
      "create cat",
      PASSWORD,
      "send nobody x",
      "open nobody",
      "lost",
      "here",
      "/close",
      "frobnicate",
    ];
    const { exitCode, stdout, stderr } = await home.run(
      [],
      ...lines,
      "delete-account dog",
      "more",
      "send x",
      "exit",
      "read",
    );
    expect(exitCode).toBe(1);
    expect(stdout).toBe("New account 'cat' created.\nLogged in as 'cat'. Unread messages: 0.\n");
    expect(linesOf(stderr)).toEqual([
      "Not logged in.",
      "Recipient does not exist.",
      "No such user.",
      "no conversation is open: it was not sent",
      "no conversation is open: it was not sent",
      "there is no command frobnicate. help lists what there is",
      "it is delete-account cat: nobody deletes that of another",
      "there is no more of what was shown last",
      "it is send <user> <text>",
    ]);
  });

  test("are not carried out in the name of who was logged in before, once another log-in failed", async () => {
    const home = new ChatHome(stage);
    await home.logIn("zoe");
    await stage.create("zac");
    const { exitCode, stdout, stderr } = await home.run([], "login zac", "not the password", "send zac in whose name?");
    expect(exitCode).toBe(1);
    expect(stdout).toBe("Logged in as 'zoe'. Unread messages: 0.\n");
    expect(linesOf(stderr)).toEqual(["Incorrect password.", "Not logged in."]);
  });

  test("are sent to nobody else, if the conversation that they are for does not open", async () => {
    const home = new ChatHome(stage);
    await home.logIn("wim");
    await stage.create("xan");
    const { exitCode, stdout, stderr } = await home.run(
      [],
      "open xan",
      "for xan",
      "/open nobody",
      "not for xan",
      "read",
    );
    expect(exitCode).toBe(5);
    expect(stdout).toContain("for xan");
    expect(stdout).not.toContain("not for xan");
    expect(linesOf(stderr)).toEqual([
      "No such user.",
      "no conversation is open: it was not sent",
      "no conversation is open: it was not sent",
    ]);
  });

  test("that end before a password are told so: nobody shall take what was not tried for done", async () => {
    const home = new ChatHome(stage);
    const { exitCode, stdout, stderr } = await home.run([], "create ann2");
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("the password is missing: stdin has no line for it");
  });

  test("--json gives a document a line, failures too", async () => {
    const home = new ChatHome(stage);
    const { stdout } = await home.run(["--json"], "create dan", PASSWORD, "send dan note", "open dan", "/open nobody");
    const documents = linesOf(stdout).map((line) => JSON.parse(line));
    expect(documents).toMatchObject([
      { request: "create dan", user: "dan" },
      { request: "create dan", unread: 0 },
      { request: "send dan note", message: { text: "note" } },
      { request: "open dan", messages: [{ text: "note" }] },
      { request: "/open nobody", error: { code: "no-such-user", exitCode: 5 } },
    ]);
  });
});

describe("on a terminal", () => {
  test("nobody sees a password, it is kept nowhere, and what was typed comes back in the next run", async () => {
    const home = new ChatHome(stage);
    const one = home.sitDown();
    await one.sees("chat> ");
    await one.type("create eva\r", "A password for eva: ");
    await one.type(`${PASSWORD}\r`, "Once more: ");
    await one.type("something else\r", "they differ");
    await one.type("create eva\r", "A password for eva: ");
    await one.type(`${PASSWORD}\r`, "Once more: ");
    await one.type(`${PASSWORD}\r`, "Logged in as 'eva'. Unread messages: 0.");
    await one.type(`login eva ${PASSWORD}\r`, "the password is asked for, and nobody sees it");
    await one.type("list ev*\r", "eva> ");
    await one.type("exit\r", "\n");
    expect((await one.ran).exitCode).toBe(0);
    expect(one.seen.replaceAll(`login eva ${PASSWORD}`, "")).not.toContain(PASSWORD);
    const file = path.join(home.folder, "chat-history");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(linesOf(readFileSync(file, "utf8"))).toEqual(["create eva", "create eva", "list ev*", "exit"]);
    const two = home.sitDown();
    await two.sees("Logged in as 'eva'");
    await two.type("\x1b[A\x1b[A\r", "list ev*");
    await two.type("\x03", "interrupted");
    expect((await two.ran).exitCode).toBe(130);
  });

  test("Tab completes commands, and the names of those who are there", async () => {
    const home = new ChatHome(stage);
    await home.logIn("fay");
    await stage.create("fritz");
    const at = home.sitDown();
    await at.sees("Logged in as 'fay'");
    await at.type("sen", "sen");
    await at.type("\t", "d ");
    await at.type("fri", "fri");
    await at.type("\t", "tz ");
    await at.type("hello\r", "Message sent to 'fritz': hello");
    await at.type("open fri", "open fri");
    await at.type("\t", "tz ");
    await at.type("\r", "fay to fritz> ");
    await at.type("/close\r", "fay> ");
    await at.type("exit\r", "\n");
    expect((await at.ran).exitCode).toBe(0);
  });

  test("messages come while somebody types, and the line that is being typed is whole below them", async () => {
    const home = new ChatHome(stage);
    await home.logIn("gil");
    const hal = await stage.somebody("hal");
    const at = home.sitDown();
    await at.sees("Logged in as 'gil'");
    await at.type("send hal half a li", "half a li");
    await hal.send("gil", "knock");
    await at.sees("hal: knock\n");
    await at.sees("gil (1)> send hal half a li");
    await at.type("ne\r", "Message sent to 'hal': half a line");
    await at.type("open hal\r", "gil to hal> ");
    await hal.send("gil", "knock again");
    await at.sees("hal: knock again\n");
    const { body } = await hal.ask("GET /chat/conversations/gil");
    await at.type("who is there?\r", "gil: who is there?");
    await hal.ask("POST /chat/read", { ids: [body.messages[1].id] });
    await at.sees("hal has read yours");
    await hal.ask("POST /chat/delete", { ids: [body.messages[0].id] });
    await at.sees(`1 message with hal deleted: #${body.messages[0].id}`);
    await hal.ask("POST /chat/account/delete", {});
    await at.sees("Account 'hal' deleted");
    await at.type("/exit\r", "\n");
    expect((await at.ran).exitCode).toBe(0);
  });

  test("what comes while a line of several rows is typed is not written over by it", async () => {
    const home = new ChatHome(stage);
    await home.logIn("lea");
    const mo = await stage.somebody("mo");
    const at = home.sitDown();
    await at.sees("Logged in as 'lea'");
    await at.type(`send mo ${"x".repeat(100)}`, "x".repeat(100));
    const texts = ["one", "two", "three"];
    for (const text of texts) {
      await mo.send("lea", text);
      await at.sees(`mo: ${text}\n`);
      await at.sees("x".repeat(100), at.seen.indexOf(`mo: ${text}\n`));
    }
    // From the end of a message the cursor goes down alone.
    for (const text of texts) expect(at.seen).not.toContain(`mo: ${text}\n\x1b[1A`);
    await at.type("\x03", "interrupted");
    await at.ran;
  });

  test("a login that ends elsewhere is told, and nobody is logged in any more", async () => {
    const home = new ChatHome(stage);
    await home.logIn("ida");
    const at = home.sitDown();
    await at.sees("Logged in as 'ida'");
    await at.type("conversations\r", "there is no conversation");
    const elsewhere = await stage.logIn("ida");
    await elsewhere.ask("POST /chat/password", { password: PASSWORD, new_password: "another password" });
    await at.sees("User 'ida' logged out.");
    await at.type("read\r", "Not logged in.");
    await at.type("\x04", "");
    expect((await at.ran).exitCode).toBe(0);
  });

  test("when the node that one is connected to dies, there is a pause and no loss", { timeout: 60_000 }, async () => {
    const home = new ChatHome(stage);
    await home.logIn("jan");
    const kim = await stage.somebody("kim");
    const at = home.sitDown();
    await at.sees("Logged in as 'jan'");
    await at.type("open kim\r", "jan to kim> ");
    await kim.send("jan", "before");
    await at.sees("kim: before\n");
    const [, place] = /listening at (\S+)/.exec(at.seen) ?? [];
    const nodes = stage.cluster.topology.nodes.map(({ name, roles }) => {
      const [gateway] = roles.filter(({ role }) => role === "gateway");
      return { name, gateway: gateway?.name ?? "", place: gateway && formatAddress(gateway.address) };
    });
    const [dying] = nodes.filter((node) => node.place === place);
    const [other] = nodes.filter((node) => node.place !== place);
    await stage.cluster.stop(dying?.name ?? "");
    await at.sees("looking for another node");
    await at.sees("nothing was missed");
    await kim.send("jan", "after", other?.gateway);
    await at.sees("kim: after\n");
    await at.type("I hear you\r", "jan: I hear you");
    expect(await kim.texts("jan", other?.gateway)).toEqual(["before", "after", "I hear you"]);
    await stage.cluster.start(dying?.name ?? "");
    await at.type("/exit\r", "\n");
    expect((await at.ran).exitCode).toBe(0);
  });
});
