// What the people at a browser share: how the browser is started, how their task comes in and what
// they saw goes out.
"use strict";
const { chromium } = require("playwright-core");

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

function print(value, code) {
  process.stdout.write(JSON.stringify(value) + "\n", () => process.exit(code));
}

// Reads the task as JSON from standard input, lets `begin(task)` visit, and prints what `visit()`
// gives, or {"error":…} with what `seen()` tells.
function serve(begin, deadlineMs) {
  let input = "";
  process.stdin.on("data", (piece) => { input += piece; });
  process.stdin.on("end", async () => {
    const person = begin(JSON.parse(input));
    const failed = (error) => print({ error, ...(person.seen ? person.seen() : {}) }, 1);
    const late = setTimeout(() => failed("deadline"), deadlineMs);
    try {
      const result = await person.visit();
      clearTimeout(late);
      print(result, 0);
    } catch (error) {
      failed(String(error.stack));
    }
  });
}

// A browser with a profile of its own, at the address of the task; closed when `work` is done.
async function browse(task, { width, height, script, stepMs }, work) {
  const context = await chromium.launchPersistentContext(task.profile, {
    executablePath: task.chromium, args: FLAGS, viewport: { width, height },
    javaScriptEnabled: script,
  });
  try {
    const page = context.pages()[0] || await context.newPage();
    page.setDefaultTimeout(stepMs);
    return await work(page, context);
  } finally {
    await context.close();
  }
}

module.exports = { browse, serve };
