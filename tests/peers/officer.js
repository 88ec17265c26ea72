// An officer at a browser without script, who was told the address of the district office, her
// number and her passphrase.
//
// Reads one JSON document from standard input:
//   { address, chromium, profile, number, wrong, phrase, auditor, width, names, pictures }
// where `auditor` is the number and the passphrase of an auditor, who comes after the officer,
// and prints what the pages said, or {"error":…}. Everything is found by what a person sees:
// headings, labels, the words on links and buttons. `names`: what only the records hold.
"use strict";
const path = require("path");
const { readFile } = require("fs/promises");
const { browse, serve } = require("./browser");

const DEADLINE_MS = 60000;
const STEP_MS = 15000;
// Pages whose pictures stand in the guide.
const DRAWN = ["pair", "person", "log", "broadcasts"];

serve((task) => new Officer(task), DEADLINE_MS);

class Officer {
  constructor(task) {
    this.task = task;
    this.wide = [];
  }

  async visit() {
    const options = { width: this.task.width, height: 740, script: false, stepMs: STEP_MS };
    return browse(this.task, options, async (page, context) => {
      this.page = page;
      await page.goto(this.task.address);
      return this.work(context);
    });
  }

  async work(context) {
    await this.heading("Sign in");
    await this.picture("sign-in");
    await this.signIn(this.task.wrong);
    const refused = await this.page.getByRole("alert").innerText();
    await this.signIn(this.task.phrase);
    const list = await this.heading("Pairs that wait for you");
    await this.picture("pairs");
    await this.page.getByRole("link", { name: /^Pair \d+$/ }).first().click();
    await this.heading(/one person or two/);
    const pair = await this.text();
    const marked = await this.page.getByText("differs", { exact: false }).locator("visible=true").allInnerTexts();
    const printed = await this.printed();
    await this.picture("pair");
    const address = this.page.url();
    await this.decide("One person", "");
    const silent = await this.page.getByRole("alert").innerText();
    await this.decide("One person", "the same clinic card");
    const decided = await this.page.getByRole("status").innerText();
    await this.picture("decided");
    await this.page.getByRole("link", { name: "Open" }).first().click();
    await this.heading(/^Person /);
    const joined = await this.text();
    await this.picture("person");
    await this.page.getByLabel(/Why they are two people/).fill("two cards were shown");
    await this.press("Part them again");
    const parted = await this.text();
    const addresses = [address, this.page.url()];
    await this.page.getByRole("link", { name: "Broadcasts" }).click();
    const waits = await this.heading("Broadcasts that wait");
    await this.picture("broadcasts");
    await this.page.getByLabel("Why, without names").fill("wrong week");
    await this.press("Refuse");
    const settled = await this.text();
    const kept = await context.cookies();
    await this.press("Sign out");
    await this.heading("Sign in");
    await this.page.goBack();
    const after = await this.text();
    await this.page.goto(address);
    const shut = await this.text();
    const audit = await this.audit();
    return {
      refused, list, pair, marked: marked.length, printed, silent, decided, joined, parted,
      addresses, after, shut, audit, waits, settled, wide: this.wide,
      cookies: kept.map((one) => [one.name, one.httpOnly, one.sameSite]),
    };
  }

  // The auditor: reads the log, a person's log, and takes it away as a file.
  async audit() {
    await this.signIn(this.task.auditor.phrase, this.task.auditor.number, "auditor");
    const log = await this.heading("Who read what");
    const links = await this.page.getByRole("navigation", { name: "Pages" }).innerText();
    await this.picture("log");
    await this.page.getByLabel("Kind").selectOption({ label: "exports" });
    await this.press("Show");
    const none = await this.text();
    await this.page.getByRole("link", { name: "Show everything" }).click();
    await this.page.getByRole("link", { name: /, officer$/ }).first().click();
    const one = await this.text();
    await this.press("Download as CSV");
    const silent = await this.page.getByRole("alert").innerText();
    await this.page.getByLabel(/^What for/).fill("yearly report");
    const coming = this.page.waitForEvent("download");
    await this.press("Download as CSV");
    const file = await coming;
    const content = await readFile(await file.path(), "utf8");
    await this.page.goto(`${this.task.address}/log?kind=exports`);
    const exported = await this.text();
    return { log, links, none, one, silent, name: file.suggestedFilename(), content, exported };
  }

  async signIn(phrase, number = this.task.number, role = "officer") {
    await this.page.getByLabel("Your phone number").fill(number);
    await this.page.getByLabel("Sign in as").selectOption({ label: role });
    await this.page.getByLabel("Passphrase").fill(phrase);
    await this.press("Sign in");
  }

  async decide(answer, reason) {
    await this.page.getByLabel(/^Why, without names/).fill(reason);
    await this.press(answer);
  }

  // What is left on paper: the records, and nothing to press.
  async printed() {
    await this.page.emulateMedia({ media: "print" });
    const buttons = await this.page.getByRole("button").filter({ visible: true }).count();
    const text = await this.text();
    await this.picture("printed");
    await this.page.emulateMedia({ media: "screen" });
    return { buttons, text };
  }

  async heading(name) {
    const heading = this.page.getByRole("heading", { name, level: 1 });
    await heading.waitFor();
    return this.text();
  }

  async text() {
    return this.page.locator("body").innerText();
  }

  async press(name) {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  // Notes a page that is wider than the window, and draws it where pictures are wanted.
  async picture(name) {
    const box = await this.page.locator("main").boundingBox();
    const spread = await this.page.locator("main *").evaluateAll((all) => Math.max(
      ...all.map((one) => one.getBoundingClientRect().right)));
    if (box.x + box.width > this.task.width || spread > this.task.width) {
      this.wide.push(`${name}: ${spread}`);
    }
    if (this.task.pictures && DRAWN.includes(name)) {
      await this.page.screenshot({
        path: path.join(this.task.pictures, `office-${name}.png`), fullPage: true,
      });
    }
  }
}
