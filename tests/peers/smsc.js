// An SMSC that nobody of this project wrote (npm smpp). It drives a node that binds to it.
//
// Reads one JSON document from standard input:
//   { password, code, short_code, noisy, sessions: [{ phone, inputs, cut_before: [N] }],
//     texts: [{ phone, text }], sms_expected, loses, refuse_ms, deadline_ms }
// Listens on a free port, prints {"port":N} at once, then plays the sessions one after the other,
// sends the texts, waits for `sms_expected` messages, returns a receipt for each, and prints
//   {"sessions":[{phone, screens, ended}], "sms":[{to, text}], "binds":N, "refused":N,
//    "statuses":{"0x0":N}}.
// A run that does not come to its end prints {"error":…} and ends with 1.
//
// `noisy`: every deliver_sm comes twice with two sequence numbers, at odd steps at once and at
// even steps late, after the person has typed the next answer; sessions run in pairs whose steps
// change their order; receipts come twice and before the response that names the message.
// `loses`: the gateway loses the first screen of every odd step and sends the same deliver_sm once
// more, with a new sequence number and no counter. "before": it did not take the screen (in turns an
// error and no response at all). "after", the fault to be found: it took the screen, so a repeat is
// the person's next answer.
// `cut_before`: the TCP connection is cut before these inputs; the person dials again, is asked
// whether to go on, types 1, and goes on.
// `refuse_ms`: every bind is refused (0x0E); the run ends this long after the first one.
"use strict";
const smpp = require("smpp");

const OP = { BEGIN: 1, ANSWER: 18, ASK: 2, END: 17 };
const STATUS = { OK: 0, INVALID_PASSWORD: 0x0e, SYSTEM_ERROR: 0x08 };
const RECEIPT = 4;

let input = "";
process.stdin.on("data", (piece) => { input += piece; });
process.stdin.on("end", () => new Smsc(JSON.parse(input)).listen());

class Smsc {
  constructor(task) {
    this.task = task;
    this.peer = null;
    this.bound = []; // who waits for a bind
    this.open = new Map(); // session number -> session
    this.sessions = 0;
    this.played = [];
    this.sms = [];
    this.receipts = [];
    this.statuses = {};
    this.binds = 0;
    this.refused = 0;
    setTimeout(() => this.fail("deadline"), task.deadline_ms || 60000);
  }

  result() {
    const sessions = this.played.map(({ phone, screens, ended }) => ({ phone, screens, ended }));
    const sms = this.sms.map(({ to, text }) => ({ to, text }));
    const { binds, refused, statuses } = this;
    return { sessions, sms, binds, refused, statuses };
  }

  fail(reason) {
    this.print({ error: reason, ...this.result() }, 1);
  }

  print(value, code) {
    process.stdout.write(JSON.stringify(value) + "\n", () => process.exit(code));
  }

  listen() {
    const server = smpp.createServer((peer) => this.connected(peer));
    server.listen(0, "127.0.0.1", () => {
      process.stdout.write(JSON.stringify({ port: server.address().port }) + "\n");
    });
    if (this.task.refuse_ms) { return; }
    this.play().then(() => this.print(this.result(), 0), (error) => this.fail(String(error.stack)));
  }

  connected(peer) {
    peer.on("error", () => {});
    peer.on("bind_transceiver", (pdu) => this.bind(peer, pdu));
    peer.on("enquire_link", (pdu) => peer.send(pdu.response()));
    peer.on("unbind", (pdu) => { peer.send(pdu.response()); peer.close(); });
    peer.on("submit_sm", (pdu) => this.submitted(peer, pdu));
    peer.on("close", () => { if (this.peer === peer) { this.peer = null; } });
  }

  bind(peer, pdu) {
    this.binds += 1;
    if (this.task.refuse_ms || pdu.password !== this.task.password) {
      this.refused += 1;
      peer.send(pdu.response({ command_status: STATUS.INVALID_PASSWORD }));
      if (this.refused === 1) {
        setTimeout(() => this.print(this.result(), 0), this.task.refuse_ms);
      }
      return;
    }
    peer.send(pdu.response({ system_id: "peer", sc_interface_version: 0x34 }));
    this.peer = peer;
    for (const wake of this.bound.splice(0)) { wake(); }
  }

  whenBound() {
    return this.peer ? Promise.resolve() : new Promise((wake) => this.bound.push(wake));
  }

  submitted(peer, pdu) {
    if (pdu.ussd_service_op === undefined) {
      this.message(peer, pdu);
      return;
    }
    const [number, second] = pdu.its_session_info;
    const session = this.open.get(number);
    if (!session) { this.fail(`a screen for session ${number}`); return; }
    if (session.lose) {
      const { again, silent } = session.lose;
      session.lose = null;
      if (this.task.loses === "after") {
        peer.send(pdu.response({ message_id: "u" }));
      } else if (!silent) {
        peer.send(pdu.response({ command_status: STATUS.SYSTEM_ERROR }));
      }
      again();
      return;
    }
    peer.send(pdu.response({ message_id: "u" }));
    session.show(textOf(pdu), pdu.ussd_service_op, second >> 1);
  }

  message(peer, pdu) {
    const id = "m" + (this.sms.length + 1);
    this.sms.push({ to: pdu.destination_addr, text: textOf(pdu), id });
    const receipt = {
      source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: RECEIPT,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 `
        + "stat:DELIVRD err:000 text:",
      receipted_message_id: id, message_state: 2,
    };
    const respond = () => peer.send(pdu.response({ message_id: id }));
    if (!this.task.noisy) {
      respond();
      this.receipts.push(this.deliver(receipt));
      return;
    }
    const early = this.deliver(receipt);
    this.receipts.push(early, early.then(respond).then(() => this.deliver(receipt)));
  }

  // Resolves when the node has answered: what it acknowledged must be on its disk.
  deliver(fields) {
    return new Promise((answered) => {
      this.peer.deliver_sm(fields, (answer) => {
        const key = "0x" + answer.command_status.toString(16);
        this.statuses[key] = (this.statuses[key] || 0) + 1;
        answered();
      });
    });
  }

  async play() {
    await this.whenBound();
    const width = this.task.noisy ? 2 : 1;
    const all = this.task.sessions || [];
    for (let first = 0; first < all.length; first += width) {
      await this.playGroup(all.slice(first, first + width));
    }
    for (const text of this.task.texts || []) {
      await this.text(text);
    }
    while (this.sms.length < (this.task.sms_expected || 0)) {
      await pause(20);
    }
    // What comes now came once too often, and is found in the result.
    await pause(this.task.noisy ? 1500 : 500);
    await Promise.all(this.receipts);
  }

  async text({ phone, text }) {
    const fields = {
      source_addr_ton: 1, source_addr_npi: 1, source_addr: phone,
      destination_addr: this.task.short_code, short_message: text,
    };
    await this.deliver(fields);
    if (this.task.noisy) { await this.deliver(fields); }
  }

  async playGroup(group) {
    const sessions = group.map(({ phone, inputs, cut_before }) => {
      const session = this.begin(phone);
      session.inputs = inputs;
      session.cut_before = cut_before || [];
      this.played.push(session);
      return session;
    });
    await Promise.all(sessions.map((session) => this.step(session, OP.BEGIN, this.task.code)));
    const longest = Math.max(...sessions.map((session) => session.inputs.length));
    for (let index = 0; index < longest; index += 1) {
      const now = sessions.filter((session) => index < session.inputs.length && !session.ended);
      if (this.task.noisy && index % 2 === 1) { now.reverse(); }
      await Promise.all(now.map((session) => this.answer(session, index)));
    }
    await Promise.all(sessions.map((session) => session.late()));
  }

  async answer(session, index) {
    if (session.cut_before.includes(index)) {
      this.peer.socket.destroy();
      this.peer = null;
      await this.whenBound();
      // The gateway gives the new dialogue a number of its own.
      this.renumber(session);
      await this.step(session, OP.BEGIN, this.task.code);
      await this.step(session, OP.ANSWER, "1");
    }
    await this.step(session, OP.ANSWER, session.inputs[index]);
  }

  begin(phone) {
    const session = new Session(phone);
    this.renumber(session);
    return session;
  }

  renumber(session) {
    this.open.delete(session.number);
    this.sessions += 1;
    session.number = this.sessions;
    session.sequence = 0;
    this.open.set(session.number, session);
  }

  async step(session, op, text) {
    const sequence = session.sequence;
    session.sequence += 1;
    const fields = {
      service_type: "USSD", source_addr_ton: 1, source_addr_npi: 1,
      source_addr: session.phone, destination_addr: this.task.short_code,
      ussd_service_op: op, its_session_info: Buffer.from([session.number, sequence << 1]),
      short_message: text,
    };
    // A gateway without a counter: every step looks the same.
    if (this.task.loses) { fields.its_session_info = Buffer.from([session.number, 0]); }
    const shown = session.waitFor(this.task.loses ? 0 : sequence);
    if (this.task.loses && sequence % 2 === 1) {
      session.lose = { again: () => this.deliver(fields), silent: sequence % 4 === 1 };
    }
    const sent = [this.deliver(fields)];
    const late = session.late;
    session.late = async () => {};
    if (this.task.noisy && sequence % 2 === 1) { sent.push(this.deliver(fields)); }
    await Promise.all([shown, ...sent]);
    await late();
    if (this.task.noisy && sequence % 2 === 0) { session.late = () => this.deliver(fields); }
  }
}

// A phone in a dialogue: it shows the screen that belongs to its newest step, once.
class Session {
  constructor(phone) {
    this.phone = phone;
    this.screens = [];
    this.ended = false;
    this.waiting = null;
    this.lose = null;
    this.late = async () => {};
  }

  waitFor(sequence) {
    return new Promise((wake) => { this.waiting = { sequence, wake }; });
  }

  show(text, op, sequence) {
    if (!this.waiting || this.waiting.sequence !== sequence) { return; }
    const { wake } = this.waiting;
    this.waiting = null;
    this.screens.push(text);
    this.ended = op === OP.END;
    wake();
  }
}

function textOf(pdu) {
  const value = pdu.message_payload || pdu.short_message;
  return value && value.message !== undefined ? value.message : String(value || "");
}

function pause(milliseconds) {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}
