// An HTTP aggregator that shares no code with the node: it brings USSD sessions and SMS, takes SMS
// over its API, and returns receipts. Only what comes with Node.js.
//
// Reads one JSON document from standard input:
//   { dialect, ussd, callbacks, api, key, noisy, repeats, no_credit, sessions: [{ phone, inputs }],
//     texts: [{ phone, text }], sms_expected, deadline_ms }
// `ussd` and `callbacks` are addresses of the node with its secret paths: sessions go to `ussd`,
// texts and receipts to `callbacks` + /sms/… and /receipt/…. Listens on a free port, prints
// {"port":N} at once, plays all sessions at the same time and then the texts, waits for
// `sms_expected` messages, and prints
//   {"sessions":[{phone, screens, ended}], "sms":[{to, text, reference, times}], "refused":N}.
// A run that does not come to its end prints {"error":…} and ends with 1.
//
// `repeats`: each step comes twice at the same time, every third one is first sent on a connection
// that is closed before its answer, and steps come once more after the next one.
// `noisy`: the first answer to each submission is lost; receipts come twice, and texts too.
// `no_credit`: every submission is answered 200 with a recipient without credit.
"use strict";
const http = require("http");

let input = "";
process.stdin.on("data", (piece) => { input += piece; });
process.stdin.on("end", () => new Aggregator(JSON.parse(input)).listen());

const pause = (ms) => new Promise((wake) => setTimeout(wake, ms));
const form = (fields) => new URLSearchParams(fields).toString();

// How each dialect writes a step and reads an answer: { text, more }.
const DIALECTS = {
  "africas-talking": {
    step: (s, n) => ({ body: form({ sessionId: s.id, phoneNumber: s.phone, networkCode: "64110",
      serviceCode: "*384*7#", text: s.typed.slice(1, n + 1).join("*") }) }),
    read: (body) => ({ text: body.slice(4), more: body.startsWith("CON ") }),
  },
  sendexa: {
    step: (s, n) => ({ body: JSON.stringify({ sessionId: s.id, phone: s.phone.slice(1),
      network: "MTN", serviceCode: "*384*7#", type: n === 0 ? "new" : "continue",
      input: n === 0 ? null : s.typed[n], timestamp: new Date(s.began + n * 1000).toISOString() }) }),
    read: (body) => { const a = JSON.parse(body); return { text: a.message, more: !a.shouldClose }; },
  },
  oltranz: {
    step: (s, n) => ({ body: JSON.stringify({ sessionId: s.id, serviceCode: "384",
      phoneNumber: s.phone.slice(1), text: s.typed[n], response: "", action: "CON",
      transactionId: "", requestTime: new Date(s.began + n * 1000).toISOString(), newRequest: 0,
      charge: "N", amount: 0.0 }) }),
    read: (body) => { const a = JSON.parse(body); return { text: a.response, more: a.action === "CON" }; },
  },
  ideamart: {
    step: (s, n) => ({ body: JSON.stringify({ version: "1.0", applicationId: "APP_1",
      message: n === 0 ? "*384*7#" : s.typed[n], requestId: `${s.id}-${n}`, sessionId: s.id,
      ussdOperation: n === 0 ? "mo-init" : "mo-cont", sourceAddress: "tel:" + s.phone.slice(1) }) }),
    read: (body) => JSON.parse(body).statusCode === "S1000" ? "posted" : null,
  },
  hollatags: {
    step: (s, n) => ({ query: form({ session_msisdn: s.phone.slice(1),
      session_operation: n === 0 ? "begin" : "continue", session_msg: n === 0 ? "*384*7#" : s.typed[n],
      session_id: s.id, session_from: "*384*7#", session_type: 1, session_mno: "MTN" }) }),
    read: (body) => { const a = JSON.parse(body);
      return { text: a.session_msg, more: a.session_operation === "continue" }; },
  },
};

class Aggregator {
  constructor(task) {
    this.task = task;
    this.dialect = DIALECTS[task.dialect];
    this.sessions = [];
    this.sms = new Map(); // by reference, or by recipient and text where there is none
    this.receipts = [];
    this.refused = 0;
    setTimeout(() => this.print({ error: "deadline", ...this.result() }, 1), task.deadline_ms || 90000);
  }

  result() {
    const sessions = this.sessions.map(({ phone, screens, ended }) => ({ phone, screens, ended }));
    const sms = [...this.sms.values()].map(({ to, text, reference, times }) => ({ to, text, reference, times }));
    return { sessions, sms, refused: this.refused };
  }

  print(value, code) {
    process.stdout.write(JSON.stringify(value) + "\n", () => process.exit(code));
  }

  listen() {
    const server = http.createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => { body += piece; });
      request.on("end", () => this.called(request, body, response));
    });
    server.listen(0, "127.0.0.1", () => {
      process.stdout.write(JSON.stringify({ port: server.address().port }) + "\n");
    });
    this.play().then(() => this.print(this.result(), 0),
      (error) => this.print({ error: String(error.stack), ...this.result() }, 1));
  }

  // One request to the node. `lose`: the connection is closed before the answer is read.
  send(address, { body, query }, lose) {
    const url = new URL(query === undefined ? address : `${address}?${query}`);
    const type = body !== undefined && body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded";
    return new Promise((done, failed) => {
      const request = http.request(url, { method: query === undefined ? "POST" : "GET", agent: false,
        headers: { "Content-Type": type, "Content-Length": Buffer.byteLength(body || "") } }, (response) => {
        let text = "";
        response.on("data", (piece) => { text += piece; });
        response.on("end", () => done({ status: response.statusCode, body: text }));
        response.on("error", failed);
      });
      request.on("error", (error) => (lose ? done(null) : failed(error)));
      request.end(body || "");
      if (lose) { request.on("finish", () => setTimeout(() => request.destroy(), 1)); }
    });
  }

  // Until the node has committed: a 503 or a closed port is asked again.
  async persist(address, message) {
    for (;;) {
      const answer = await this.send(address, message, false).catch(() => null);
      if (answer && answer.status === 200) { return answer.body; }
      if (answer && answer.status !== 503) { this.refused += 1; throw new Error(`status ${answer.status}`); }
      await pause(50);
    }
  }

  async play() {
    const first = (this.task.sessions || [])[0];
    if (first) { await this.reachable(); }
    await Promise.all((this.task.sessions || []).map((session, at) => this.session(session, at)));
    for (const { phone, text } of this.task.texts || []) { await this.text(phone, text); }
    while ([...this.sms.values()].filter((sms) => sms.settled).length < (this.task.sms_expected || 0)) { await pause(20); }
    // What comes now came once too often, and is found in the result.
    await pause(this.task.noisy ? 1500 : 500);
    await Promise.all(this.receipts);
  }

  async reachable() {
    const url = new URL(this.task.ussd);
    url.pathname = "/nothing";
    while (await this.send(url.href, { body: "" }, false).then(() => false, () => true)) { await pause(50); }
  }

  async session({ phone, inputs }, at) {
    const session = { phone, id: `s${at + 1}`, began: 1767225600000 + at, typed: ["", ...inputs], screens: [], ended: false };
    session.shown = [];
    this.sessions.push(session);
    for (let step = 0; step < session.typed.length && !session.ended; step += 1) {
      const screen = await this.step(session, step);
      session.screens.push(screen.text);
      session.ended = !screen.more;
    }
  }

  async step(session, step) {
    const message = this.dialect.step(session, step);
    const { repeats, ussd } = this.task;
    if (!repeats) { return this.screen(session, await this.persist(ussd, message)); }
    if (step % 3 === 1) { await this.send(ussd, message, true); }
    const both = await Promise.all([this.persist(ussd, message), this.persist(ussd, message)]);
    if (both[0] !== both[1]) { throw new Error(`step ${step}: two answers`); }
    const screen = await this.screen(session, both[0]);
    if (step > 1) { await this.persist(ussd, this.dialect.step(session, step - 1)); }
    if (this.dialect === DIALECTS.ideamart) { await pause(200); session.shown.length = 0; }
    return screen;
  }

  async screen(session, body) {
    const read = this.dialect.read(body);
    if (read !== "posted") { return read; }
    // Each request of ours is followed by a posted screen; the newest one counts.
    while (session.shown.length === 0) { await pause(5); }
    await pause(this.task.noisy ? 150 : 20);
    return session.shown.splice(0).pop();
  }

  async text(phone, text) {
    const fields = { id: "i1", from: phone, to: this.task.short_code, text, date: "2026-01-01 06:04:45" };
    const body = this.task.api === "json" ? JSON.stringify({ ...fields, date: "2026-01-01T06:04:45Z" }) : form(fields);
    const address = this.task.callbacks.replace("KIND", "sms");
    if (this.task.noisy) { await this.send(address, { body }, true); }
    await this.persist(address, { body });
    if (this.task.noisy) { await this.persist(address, { body }); }
  }

  called(request, body, response) {
    const give = (value) => { response.writeHead(200, { "Content-Type": "application/json" }); response.end(JSON.stringify(value)); };
    if (request.url === "/ussd/send") { return this.shown(JSON.parse(body), give); }
    const json = this.task.api === "json";
    const key = json ? request.headers.authorization : request.headers.apikey;
    if (key !== (json ? `Bearer ${this.task.key}` : this.task.key)) { this.refused += 1; response.writeHead(401); return response.end(); }
    if (request.url === "/query") { return this.asked(JSON.parse(body), give); }
    return this.submitted(body, give, () => request.socket.destroy());
  }

  shown(push, give) {
    const session = this.sessions.find(({ id }) => id === push.sessionId);
    if (!session || push.destinationAddress !== "tel:" + session.phone.slice(1)) { this.refused += 1; return give({ statusCode: "E1" }); }
    session.shown.push({ text: push.message, more: push.ussdOperation === "mt-cont" });
    return give({ statusCode: "S1000" });
  }

  submitted(body, give, lose) {
    const json = this.task.api === "json";
    const fields = json ? JSON.parse(body) : { ...Object.fromEntries(new URLSearchParams(body)) };
    const text = json ? fields.text : fields.message;
    const reference = fields.reference || `${fields.to} ${text}`;
    const known = this.sms.get(reference);
    const sms = known || { to: fields.to, text, reference: fields.reference, times: 0, id: `m${this.sms.size + 1}` };
    this.sms.set(reference, sms);
    sms.times += 1;
    if (this.task.no_credit) { sms.settled = true; return give(this.said("InsufficientBalance", "no-credit", sms)); }
    // Only an API that can be asked may lose an answer here: the others have their own case.
    if (this.task.noisy && json && sms.times === 1) { sms.taken = true; return lose(); }
    this.settle(sms);
    return give(this.said("Success", "accepted", sms));
  }

  asked({ reference }, give) {
    const sms = this.sms.get(reference);
    give({ message: sms ? { status: "accepted", id: sms.id } : { status: "not-found", id: "" } });
    if (sms) { this.settle(sms); }
  }

  said(talking, plain, sms) {
    if (this.task.api === "json") { return { message: { status: plain, id: sms.id } }; }
    return { SMSMessageData: { Message: "Sent to 1/1", Recipients: [{ statusCode: 101, number: sms.to, status: talking, cost: "UGX 20", messageId: sms.id }] } };
  }

  settle(sms) {
    if (sms.settled) { return; }
    sms.settled = true;
    const fields = this.task.api === "json" ? { id: sms.id, reference: sms.reference, status: "delivered" } : { id: sms.id, status: "Success" };
    const body = this.task.api === "json" ? JSON.stringify(fields) : form(fields);
    const address = this.task.callbacks.replace("KIND", "receipt");
    const times = this.task.noisy ? 2 : 1;
    for (let time = 0; time < times; time += 1) { this.receipts.push(this.persist(address, { body })); }
  }
}
