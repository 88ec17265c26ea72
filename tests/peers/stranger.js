// A stranger at a browser who was told one address and follows the numbered list on the page.
//
// Reads one JSON document from standard input:
//   { address, chromium, profile, script, pictures }
// and prints {"held":…, "carried":…, "accepted":…, "message":…, "screens":[…]} or {"error":…}.
// Everything is found by what a person sees: headings, the words on buttons and labels, the text
// on the phone's screen. No address but the given one is opened and no data are read but what is
// visible. `script` false: the browser runs no JavaScript, and the stranger reloads the page.
// `pictures`: a folder for pictures of the page, or null.
"use strict";
const path = require("path");
const { browse, serve } = require("./browser");

const DEADLINE_MS = 90000;
const STEP_MS = 20000;
const SCREENS_MAX = 40;

// What a person types when a screen asks this; a choice is found by its words instead.
const ANSWERS = [
  [/mother's first name/i, { type: "Nakato" }],
  [/mother's family name/i, { type: "Okello" }],
  [/mother's birth/i, { type: "1994" }],
  [/mother's phone/i, { type: "+256770000003" }],
  [/national ID/i, { choose: /^no id/i }],
  [/mother's village/i, { choose: /./ }],
  [/do you agree/i, { choose: /^yes/i }],
  [/child's first name/i, { type: "Baraka" }],
  [/child's sex/i, { choose: /^male/i }],
  [/child's birth/i, { choose: /^today/i }],
  [/child born/i, { choose: /clinic/i }],
  [/mother and child/i, { choose: /register/i }],
  [/^mother: /im, { choose: /^save/i }],
];

serve((task) => new Stranger(task), DEADLINE_MS);

class Stranger {
  constructor(task) {
    this.task = task;
    this.screens = [];
  }

  // What was on the phone when something went wrong.
  seen() {
    return { seen: this.screens };
  }

  async visit() {
    const options = { width: 1280, height: 900, script: this.task.script, stepMs: STEP_MS };
    return browse(this.task, options, async (page) => {
      this.page = page;
      this.faults = [];
      page.on("pageerror", (error) => this.faults.push(String(error)));
      await page.goto(this.task.address);
      return this.follow();
    });
  }

  // The numbered list, item by item, as it stands on the page.
  async follow() {
    const items = await this.page.getByRole("listitem").filter({ visible: true }).allInnerTexts();
    const list = items.join("\n");
    await this.picture("demo-start.png");
    const node = wanted(list, /Press Unplug on ([^.]+)\./);
    const phone = wanted(list, /On the phone of ([^.]+), type/);
    const code = wanted(list, /type (\S+) and press Call/);
    await this.press(`Unplug ${node}`);
    await this.see(this.card(node), /unplugged/i);
    await this.page.getByRole("link", { name: phone }).click();
    await this.type(code);
    await this.press("Call");
    await this.converse();
    const held = await this.row("held");
    await this.picture("demo-held.png");
    await this.press(`Plug in ${node}`);
    const carried = await this.row("carried or accepted");
    const accepted = await this.row("accepted");
    const message = await this.message(/accepted/i);
    await this.picture("demo-accepted.png");
    if (this.faults.length > 0) { throw new Error(this.faults.join("; ")); }
    return { held, carried, accepted, message, screens: this.screens };
  }

  // Reads the phone's screen and answers it, until the session is over.
  async converse() {
    let last = "";
    for (let count = 0; count < SCREENS_MAX; count += 1) {
      const screen = await this.nextScreen(last);
      this.screens.push(screen);
      last = screen;
      if (await this.page.getByRole("button", { name: "Call", exact: true }).isVisible()) { return; }
      const known = ANSWERS.find(([question]) => question.test(screen));
      if (!known) { throw new Error(`what to answer to: ${screen}`); }
      await this.type(known[1].type || digit(screen, known[1].choose));
      await this.press("Send");
    }
    throw new Error("the conversation does not end");
  }

  async nextScreen(last) {
    const screen = this.page.getByRole("status", { name: "Screen of the phone" });
    const end = Date.now() + STEP_MS;
    while (Date.now() < end) {
      const shown = this.withoutBar(await screen.innerText());
      if (shown !== last && !/press Call\.$/.test(shown)) { return shown; }
      await this.page.waitForTimeout(50);
    }
    throw new Error(`the screen stays: ${last}`);
  }

  // The line above the text, with the phone's own number, is not part of what is asked.
  withoutBar(text) {
    return text.split("\n").filter((line) => !/^(\+\d+|ready|in a session)$/.test(line.trim()))
      .join("\n").trim();
  }

  async type(text) {
    await this.page.getByLabel("Code or answer").fill(text);
  }

  async press(name) {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  card(name) {
    return this.page.getByRole("article").filter({ has: this.page.getByRole("heading", { name }) });
  }

  // The only row of the table, once its status is one of the words.
  async row(words) {
    const statuses = words.split(" or ");
    const row = this.page.getByRole("table").getByRole("row").nth(1);
    return this.wait(async () => {
      const text = await row.isVisible() ? await row.innerText() : "";
      return statuses.some((status) => text.includes(status)) ? text : null;
    }, `a registration that is ${words}`);
  }

  async message(pattern) {
    const inbox = this.page.getByRole("log", { name: "Received messages" });
    return this.wait(async () => {
      const text = await inbox.innerText();
      return pattern.test(text) ? text : null;
    }, "the text message");
  }

  async see(place, pattern) {
    await this.wait(async () => pattern.test(await place.innerText()) || null, String(pattern));
  }

  async wait(look, what) {
    const end = Date.now() + STEP_MS;
    while (Date.now() < end) {
      const found = await look();
      if (found) { return found; }
      await this.page.waitForTimeout(100);
      if (!this.task.script) { await this.page.reload(); }
    }
    throw new Error(`did not see ${what}: ${await this.page.getByRole("main").innerText()}`);
  }

  async picture(name) {
    if (this.task.pictures) {
      if (name !== "demo-start.png") {
        await this.page.getByRole("heading", { name: "Phone", exact: true })
          .evaluate((heading) => heading.scrollIntoView());
      }
      await this.page.screenshot({ path: path.join(this.task.pictures, name) });
    }
  }
}

function wanted(list, pattern) {
  const found = pattern.exec(list);
  if (!found) { throw new Error(`the list does not say ${pattern}: ${list}`); }
  return found[1].trim();
}

// The digit before the choice with these words.
function digit(screen, words) {
  for (const line of screen.split("\n")) {
    const choice = /^(\d+) (.*)$/.exec(line.trim());
    if (choice && words.test(choice[2])) { return choice[1]; }
  }
  throw new Error(`no choice ${words} on: ${screen}`);
}
