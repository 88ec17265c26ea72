// Saves the reloads: presses keys in place, sends forms in the background and swaps the parts of
// the page that changed. Without this file every button still works.
"use strict";
(() => {
  const PARTS = ["phones", "screen", "notice", "acts", "inbox", "fleet", "list"];
  const POLL_MS = 1000;
  const byId = (id) => document.getElementById(id);
  let last = "";
  let busy = false;

  function swap(html, takeText) {
    const next = new DOMParser().parseFromString(html, "text/html");
    for (const id of PARTS) {
      const own = byId(id);
      const other = next.getElementById(id);
      if (!own || !other || own.outerHTML === other.outerHTML) continue;
      const focused = own.contains(document.activeElement) ? document.activeElement.id : "";
      own.innerHTML = other.innerHTML;
      if (focused && byId(focused)) byId(focused).focus();
    }
    const text = next.getElementById("text");
    if (takeText && text) byId("text").value = text.value;
  }

  const here = () => "/?phone=" + document.querySelector('input[name="phone"]').value;

  async function poll() {
    if (busy) return;
    try {
      const answer = await fetch("/demo/state", { cache: "no-store" });
      if (!answer.ok) throw new Error("state");
      const state = await answer.text();
      byId("gone").hidden = true;
      if (state === last || busy) return;
      const page = await fetch(here(), { cache: "no-store" });
      const html = await page.text();
      if (!page.ok || busy) return;
      last = state;
      // A notice belongs to the last press, so it stays until the next one.
      const notice = byId("notice").innerHTML;
      swap(html, false);
      byId("notice").innerHTML = notice;
    } catch {
      byId("gone").hidden = false;
    }
  }

  document.addEventListener("click", (event) => {
    const key = event.target.closest('button[name="key"]');
    if (!key) return;
    event.preventDefault();
    const text = byId("text");
    text.value = key.value === "back" ? text.value.slice(0, -1) : text.value + key.value;
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    event.preventDefault();
    if (busy) return;
    busy = true;
    const fields = new FormData(form);
    const button = event.submitter;
    if (button && button.name) fields.append(button.name, button.value);
    document.body.classList.add("busy");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) });
      swap(await answer.text(), form.contains(byId("text")));
      if (answer.ok && form.dataset.clear) byId(form.dataset.clear).value = "";
      byId("gone").hidden = true;
      if (form.contains(byId("text"))) byId("text").focus();
    } catch {
      byId("gone").hidden = false;
    } finally {
      busy = false;
      document.body.classList.remove("busy");
    }
  });

  setInterval(poll, POLL_MS);
})();
