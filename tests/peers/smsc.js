// An SMSC that nobody of this project wrote (npm smpp) drives USSD registrations at a bound node.
//
// Reads one JSON document from standard input:
//   { code, sessions: [{ phone, inputs: ["1", …] }], noisy, wait_sms }
// Listens on a free port, prints {"port":N} at once, and at the end one line
//   {"sessions":[{phone, screens, ended}], "sms":[{to, text, id}], "statuses":{…}}.
// `noisy`: every deliver_sm is sent twice with two sequence numbers, and the steps of pairs of
// sessions are sent in reversed order.
"use strict";
const smpp = require("smpp");

const DEADLINE_MS = 60000;
const OP = { BEGIN: 1, ASK: 2, END: 17, ANSWER: 18 };

let input = "";
process.stdin.on("data", (piece) => { input += piece; });
process.stdin.on("end", () => main(JSON.parse(input)));

function fail(reason) {
  process.stdout.write(JSON.stringify({ error: reason }) + "\n");
  process.exit(1);
}

function main(task) {
  const result = { sessions: [], sms: [], statuses: {} };
  const open = new Map(); // session number -> state
  setTimeout(() => fail("deadline: " + JSON.stringify(result)), DEADLINE_MS).unref();

  const server = smpp.createServer((peer) => {
    peer.on("error", () => {});
    for (const bind of ["bind_transceiver", "bind_transmitter", "bind_receiver"]) {
      peer.on(bind, (pdu) => {
        if (pdu.password !== "secret") {
          peer.send(pdu.response({ command_status: 0x0e }));
          return;
        }
        peer.send(pdu.response({ system_id: "peer", sc_interface_version: 0x34 }));
        drive(peer, task, open, result).catch((error) => fail(String(error)));
      });
    }
    peer.on("enquire_link", (pdu) => peer.send(pdu.response()));
    peer.on("unbind", (pdu) => { peer.send(pdu.response()); peer.close(); });
    peer.on("submit_sm", (pdu) => submitted(peer, pdu, open, result));
  });
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(JSON.stringify({ port: server.address().port }) + "\n");
  });
}

function textOf(pdu) {
  const value = pdu.message_payload || pdu.short_message;
  const message = value && value.message !== undefined ? value.message : value;
  return Buffer.isBuffer(message) ? message.toString("latin1") : String(message || "");
}

function submitted(peer, pdu, open, result) {
  if (pdu.ussd_service_op === undefined) {
    const id = "m" + (result.sms.length + 1);
    result.sms.push({ to: pdu.destination_addr, text: textOf(pdu), id });
    peer.send(pdu.response({ message_id: id }));
    const receipt = `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:`;
    peer.deliver_sm({
      source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
      short_message: receipt, receipted_message_id: id, message_state: 2,
    });
    return;
  }
  peer.send(pdu.response({ message_id: "u1" }));
  const info = pdu.its_session_info;
  const number = Buffer.isBuffer(info) ? info[0] : Number(info) >> 8;
  const session = open.get(number);
  if (!session) { fail("a screen for an unknown session"); }
  session.screen(textOf(pdu), pdu.ussd_service_op);
}

function send(peer, fields, result) {
  return new Promise((resolve) => {
    peer.deliver_sm(fields, (answer) => {
      const key = "0x" + answer.command_status.toString(16);
      result.statuses[key] = (result.statuses[key] || 0) + 1;
      resolve();
    });
  });
}

function newSession(number, phone) {
  const state = { number, phone, screens: [], ended: false, waiting: null };
  state.screen = (text, op) => {
    // A repeated screen answers a repeated step; the phone shows it once.
    if (!state.waiting) { return; }
    state.screens.push(text);
    state.ended = op === OP.END;
    const wake = state.waiting;
    state.waiting = null;
    wake();
  };
  return state;
}

function step(peer, task, session, op, text, sequence, result) {
  const fields = {
    service_type: "USSD", source_addr_ton: 1, source_addr_npi: 1,
    source_addr: session.phone, destination_addr: task.code,
    ussd_service_op: op, its_session_info: Buffer.from([session.number, (sequence << 1) & 0xfe]),
    short_message: text,
  };
  const shown = new Promise((resolve) => { session.waiting = resolve; });
  const sends = [send(peer, fields, result)];
  if (task.noisy) { sends.push(send(peer, fields, result)); }
  return Promise.all([shown, ...sends]);
}

async function drive(peer, task, open, result) {
  const sessions = task.sessions.map((s, i) => {
    const state = newSession(i + 1, s.phone);
    state.inputs = s.inputs;
    open.set(state.number, state);
    return state;
  });
  const width = task.noisy ? 2 : 1;
  for (let first = 0; first < sessions.length; first += width) {
    const group = sessions.slice(first, first + width);
    await Promise.all(group.map((s) => step(peer, task, s, OP.BEGIN, task.code, 0, result)));
    const longest = Math.max(...group.map((s) => s.inputs.length));
    for (let i = 0; i < longest; i += 1) {
      const now = group.filter((s) => i < s.inputs.length && !s.ended);
      if (task.noisy && i % 2 === 1) { now.reverse(); }
      await Promise.all(now.map((s) => step(peer, task, s, OP.ANSWER, s.inputs[i], i + 1, result)));
    }
  }
  const until = Date.now() + 20000;
  while (result.sms.length < (task.wait_sms || 0) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  result.sessions = sessions.map((s) => ({ phone: s.phone, screens: s.screens, ended: s.ended }));
  process.stdout.write(JSON.stringify(result) + "\n", () => process.exit(0));
}
