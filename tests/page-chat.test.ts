import axe from "axe-core";
import type { BrowserContextOptions, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ChatStage, type Login, PASSWORD } from "../packages/replica-server/test/chat/chat-stage.js";
import { complaintsOf, hasBrowser, PageStage, type Visit } from "./page-stage.js";

type Kept = Parameters<PageStage["visitAt"]>[2];

/** Somebody at the page of a node. */
class Person {
  constructor(
    readonly name: string,
    readonly visit: Visit,
  ) {}

  get page() {
    return this.visit.page;
  }

  get chat(): Locator {
    return this.visit.part("Chat");
  }

  /** What was done last, in words. */
  sees(words: string | RegExp): Promise<void> {
    return this.visit.sees(this.chat.getByText(words));
  }

  get field(): Locator {
    return this.page.getByRole("textbox", { name: /^Message to / });
  }

  /** Fills in name and password, and goes on. */
  async fillIn(button: "Log in" | "Create account", password = PASSWORD): Promise<void> {
    await this.page.getByLabel("Name", { exact: true }).fill(this.name);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: button, exact: true }).click();
  }

  async signUp(): Promise<void> {
    await this.page.getByRole("radio", { name: "Create an account" }).check();
    await this.fillIn("Create account");
    await this.sees(`New account '${this.name}' created. Logged in as '${this.name}'. Unread messages: 0.`);
    await this.sees("connected");
  }

  async find(pattern: string, name: string): Promise<void> {
    await this.page.getByRole("searchbox", { name: "Find people" }).fill(pattern);
    await this.page.getByRole("button", { name }).click();
  }

  async send(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** The line of the list for a conversation. */
  conversation(peer: string): Locator {
    return this.page.getByRole("region", { name: "Conversations" }).getByRole("button", { name: peer });
  }

  letter(text: string): Locator {
    return this.page.locator(".letter", { hasText: text });
  }

  letters(): Promise<string[]> {
    return this.page.locator(".letter-text").allInnerTexts();
  }
}

describe.skipIf(!hasBrowser)("the chat on the web page", { timeout: 90_000 }, () => {
  let browser: PageStage;
  let chat: ChatStage;
  /** The pages of two nodes. */
  let [home, away] = ["", ""];
  const visits: Visit[] = [];

  beforeAll(async () => {
    [browser, chat] = await Promise.all([PageStage.withoutCluster(), ChatStage.onThreeNodes("raft")]);
    [home = "", away = ""] = ["gateway1", "gateway2"].map((gateway) => chat.cluster.url(gateway, "/"));
  }, 120_000);

  afterAll(() => Promise.all([browser?.end(), chat?.end()]));

  afterEach(async () => {
    await Promise.all(visits.splice(0).map((visit) => visit.leave()));
    // Also: nothing broke the content security policy, and nothing was asked of another server.
    expect(browser.complaints.splice(0)).toEqual([]);
  });

  async function at(url: string, name: string, options?: BrowserContextOptions, kept?: Kept): Promise<Person> {
    const visit = await browser.visitAt(url, options, kept);
    visits.push(visit);
    return new Person(name, visit);
  }

  /** A tab that has this login. */
  async function inside(url: string, { user, token }: Login): Promise<Person> {
    const person = await at(url, user, {}, { "synod-login": JSON.stringify({ user, token }) });
    await person.sees("connected");
    return person;
  }

  test("two people sign up side by side, find each other, and see at once what the other writes, reads and deletes", async () => {
    const [alice, bob] = await Promise.all([at(home, "alice"), at(away, "bob")]);
    await alice.page.getByRole("radio", { name: "Create an account" }).check();
    await alice.page.getByLabel("Name", { exact: true }).fill("Alice");
    await alice.sees("small letters alone, please");
    await alice.page.getByLabel("Name", { exact: true }).fill("alice");
    await alice.sees("alice is free");
    await alice.signUp();
    await bob.page.getByRole("radio", { name: "Create an account" }).check();
    await bob.page.getByLabel("Name", { exact: true }).fill("alice");
    await bob.sees("alice is taken");
    await bob.signUp();

    await alice.find("b*", "bob");
    await alice.send("</p><script>alert(1)</script>");
    await alice.sees("not read yet");
    await alice.sees(/slot \d+, \d+ messages between the nodes/);
    await bob.visit.sees(bob.conversation("alice").getByText("1 unread"));
    expect(await bob.page.title()).toBe("(1) Synod: 1 unread message");
    await alice.send("and once more");
    await bob.visit.sees(bob.conversation("alice").getByText("2 unread"));
    await bob.conversation("alice").click();
    await bob.visit.sees(bob.page.locator(".new-line"));
    await bob.visit.missesAll(bob.conversation("alice").getByText("unread"));
    await alice.visit.sees(alice.letter("and once more").getByText("read", { exact: true }));
    await bob.send("I have it");
    await alice.visit.sees(alice.letter("I have it"));
    const all = ["</p><script>alert(1)</script>", "and once more", "I have it"];
    expect([await alice.letters(), await bob.letters()]).toEqual([all, all]);

    await alice.page.getByRole("button", { name: "Select messages" }).click();
    await alice.page.getByRole("checkbox", { name: "Select: and once more" }).check();
    await alice.visit.press("Delete …");
    await alice.visit.press("Keep");
    await alice.visit.press("Delete …");
    await alice.visit.press("Delete for both");
    await alice.sees("Deleted 1 message.");
    await bob.visit.missesAll(bob.letter("and once more"));
    expect(await bob.letters()).toEqual([all[0], all[2]]);
    // A reload of the tab is the same login; what is typed is not in the list of requests.
    await bob.page.reload();
    await bob.sees("connected");
    await bob.visit.sees(bob.conversation("alice"));
    expect(await alice.visit.part("Requests").innerText()).not.toContain(PASSWORD);
    // Another tab of the same browser may be another person.
    const tab = await bob.page.context().newPage();
    await tab.goto(away);
    await tab.getByRole("radio", { name: "Log in" }).waitFor();
  });

  test("a node killed with -9 is said to be lost; what could not be sent is sent again, once, and nothing that came meanwhile is missing", async () => {
    const cluster = await PageStage.begun("chat");
    onTestFinished(() => cluster.end());
    const [atHome = "", atAway = ""] = await cluster.followers();
    const [carol, dave] = await Promise.all([at(cluster.url(atAway), "carol"), at(cluster.url(atHome), "dave")]);
    await Promise.all([carol.signUp(), dave.signUp()]);
    await carol.find("dave", "dave");
    await carol.send("before");
    await dave.conversation("carol").click();
    await dave.visit.sees(dave.letter("before"));
    expect((await cluster.synod("cluster", "fail", atHome)).exitCode).toBe(0);
    await dave.visit.sees("This page's server does not answer");
    await dave.sees("reconnecting");
    await dave.sees("Nothing new reaches this page");
    await dave.send("into the dark");
    await dave.visit.sees(dave.letter("into the dark").getByText(/not (sent|confirmed)/));
    await carol.send("meanwhile");
    await carol.visit.sees(carol.letter("meanwhile").getByText(/messages between the nodes/));
    expect((await cluster.synod("cluster", "recover", atHome)).exitCode).toBe(0);
    await dave.sees("connected");
    await dave.visit.sees(dave.letter("meanwhile"));
    await dave.visit.press("Send again");
    await dave.visit.missesAll(dave.page.locator(".letter-unsent"));
    await carol.visit.sees(carol.letter("into the dark"));
    const all = ["before", "meanwhile", "into the dark"];
    expect([await carol.letters(), await dave.letters()]).toEqual([all, all]);
  });

  test("of a long conversation the last messages are shown, and only what somebody sees counts as read", async () => {
    const [erin, itsLogin] = await Promise.all([chat.somebody("erin"), chat.somebody("frank")]);
    for (let count = 1; count <= 60; count++) await erin.send("frank", `line ${count}.${"\n".repeat(10)}end`);
    const frank = await inside(home, itsLogin);
    await frank.conversation("erin").getByText("60 unread").waitFor();
    await frank.conversation("erin").click();
    await frank.visit.sees(frank.conversation("erin").getByText(/^5\d unread$/));
    expect(await frank.page.locator(".letter").count()).toBe(50);
    await frank.visit.press("Older messages");
    await frank.visit.sees(frank.letter("line 1."));
    expect(await frank.page.locator(".letter").count()).toBe(60);
    await erin.send("frank", "the newest");
    await frank.visit.press("New messages below");
    await frank.visit.sees(frank.letter("the newest"));
    await erin.send("frank", "and the last");
    await frank.visit.sees(frank.letter("and the last"));
    await frank.visit.sees(frank.conversation("erin").getByText(/^[45]\d unread$/));
  });

  test("what the server cannot tell any more the page reads anew", async () => {
    const [kim, itsLogin] = await Promise.all([chat.somebody("kim"), chat.somebody("leo")]);
    await kim.send("leo", "first");
    const leo = await inside(home, itsLogin);
    await leo.page.getByRole("searchbox", { name: "Find people" }).fill("kim");
    await leo.visit.sees(leo.page.getByRole("button", { name: "kim" }));
    await leo.page.keyboard.press("Enter");
    await leo.visit.sees(leo.letter("first"));
    const forgotten = 'id: 1\nevent: resync\ndata: {"type":"resync"}\n\n';
    await leo.page.route("**/chat/events", (route) =>
      route.fulfill({ contentType: "text/event-stream", body: forgotten }),
    );
    await leo.visit.hide(true);
    await leo.sees("asleep");
    await kim.send("leo", "unheard of");
    await leo.visit.hide(false);
    await leo.visit.sees(leo.letter("unheard of"));
    await leo.visit.sees(leo.conversation("kim").getByText("unheard of"));
  });

  test("settings: a changed password ends other logins, one logs out, and an account goes with its conversations", async () => {
    const [grace, itsLogin] = await Promise.all([chat.somebody("grace"), chat.somebody("heidi")]);
    await grace.send("heidi", "hello");
    const [heidi, elsewhere, other] = await Promise.all([
      inside(home, itsLogin),
      at(away, "heidi"),
      inside(away, grace),
    ]);
    await elsewhere.fillIn("Log in");
    await elsewhere.sees("Logged in as 'heidi'. Unread messages: 1.");
    await other.conversation("heidi").click();
    await heidi.page.getByRole("button", { name: "Settings" }).click();
    for (const [now, next] of [
      ["wrong horse", "Incorrect password."],
      [PASSWORD, "The password is changed."],
    ] as const) {
      await heidi.page.getByLabel("Password now").fill(now);
      await heidi.page.getByLabel("New password").fill("battery staple");
      await heidi.visit.press("Change password");
      await heidi.sees(next);
    }
    await elsewhere.sees("This login has ended");
    await heidi.visit.press("Log out");
    await heidi.sees("User 'heidi' logged out.");
    await heidi.fillIn("Log in", "battery staple");
    await heidi.sees("Unread messages: 1.");
    await heidi.page.getByRole("button", { name: "Settings" }).click();
    await heidi.visit.press("Delete account …");
    await heidi.visit.press("Delete heidi for good");
    await heidi.sees("Account 'heidi' deleted.");
    await other.sees("There is no account heidi any more");
    await other.visit.missesAll(other.conversation("heidi"));
    await heidi.fillIn("Log in");
    await heidi.sees("No such user.");
  });

  test("it needs no mouse, fits a phone, and a checker of accessibility finds nothing, in light and in dark", async () => {
    const ivan = await chat.somebody("ivan");
    await chat.create("judy");
    await ivan.send("judy", "a word ".repeat(100));
    const judy = await at(home, "judy", { reducedMotion: "reduce" });
    const { visit, page } = judy;
    await page.evaluate(axe.source);
    const check = async () => {
      expect(await complaintsOf(page, 'axe.run("#chat")')).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await complaintsOf(page, 'axe.run("#chat", { runOnly: ["color-contrast"] })')).toEqual([]);
      await page.emulateMedia({ colorScheme: "light" });
    };
    const { keyboard } = page;
    await page.getByLabel("Name", { exact: true }).focus();
    await keyboard.type("judy");
    await keyboard.press("Tab");
    await keyboard.type(PASSWORD);
    await check();
    await keyboard.press("Enter");
    await judy.sees("Logged in as 'judy'.");
    await judy.sees("connected");
    await visit.sees(judy.conversation("ivan"));
    await page.locator("#chat:focus").waitFor();
    // Settings, the search, and the list, which scrolls, with its one conversation.
    for (let steps = 0; steps < 4; steps++) await keyboard.press("Tab");
    await keyboard.press("Enter");
    await page.locator("textarea:focus").waitFor();
    await keyboard.type("typed");
    await keyboard.press("Enter");
    await visit.sees(judy.letter("typed").getByText(/messages between/));
    await page.getByRole("button", { name: "Select messages" }).click();
    await page.getByRole("checkbox", { name: "Select: typed" }).check();
    await check();
    await keyboard.press("Escape");
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole("button", { name: "Settings" }).click();
    await check();
    await keyboard.press("Escape");
    await visit.sees(judy.letter("typed"));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(await judy.conversation("ivan").isVisible()).toBe(false);
    await page.getByRole("button", { name: "Back to the conversations" }).click();
    await visit.sees(judy.conversation("ivan"));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });
});
