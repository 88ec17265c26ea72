// A local application that nobody of this project wrote (npm smpp): it binds to a node and sends.
//
// Reads one JSON document from standard input:
//   { port, system_id, password, source, to, texts: [..], stranger, burst, deadline_ms }
// Binds as transceiver, sends each text (long ones as UCS-2 parts with a user data header), one
// text from the source `stranger`, and `burst` texts at once; waits for a receipt of each message
// that was taken; unbinds, and prints
//   {"statuses":[..],"ids":[..],"receipts":[{id,stat}],"stranger":N,"burst":{"0x0":N},"unbound":true}.
"use strict";
const smpp = require("smpp");

const UDH = 0x40;
const UCS2 = 8;
const UNITS_MAX = 67;

let input = "";
process.stdin.on("data", (piece) => { input += piece; });
process.stdin.on("end", () => play(JSON.parse(input)).then(print, (error) => {
  print({ error: String(error) });
}));

function print(value) {
  process.stdout.write(JSON.stringify(value) + "\n", () => process.exit(value.error ? 1 : 0));
}

function ask(session, pdu) {
  return new Promise((resolve) => session.send(new smpp.PDU(pdu.command, pdu), resolve));
}

function parts(text, reference) {
  const total = Math.ceil(text.length / UNITS_MAX);
  return Array.from({ length: total }, (_, index) => ({
    udh: Buffer.from([5, 0, 3, reference, total, index + 1]),
    message: text.slice(index * UNITS_MAX, (index + 1) * UNITS_MAX),
  }));
}

async function submit(session, task, text, reference) {
  const base = {
    command: "submit_sm", source_addr: task.source, destination_addr: task.to, data_coding: UCS2,
  };
  if (text.length <= 70) {
    return ask(session, { ...base, registered_delivery: 1, short_message: text });
  }
  let last;
  const all = parts(text, reference);
  for (const [index, part] of all.entries()) {
    const registered = index + 1 === all.length ? 1 : 0;
    last = await ask(session, {
      ...base, esm_class: UDH, registered_delivery: registered, short_message: part,
    });
    if (last.command_status !== 0) return last;
  }
  return last;
}

async function play(task) {
  setTimeout(() => print({ error: "deadline" }), task.deadline_ms || 60000);
  const session = smpp.connect({ url: `smpp://127.0.0.1:${task.port}` });
  await new Promise((resolve, reject) => { session.on("connect", resolve); session.on("error", reject); });
  const receipts = [];
  let heard = () => {};
  session.on("deliver_sm", (pdu) => {
    session.send(pdu.response());
    const text = String(pdu.short_message.message || pdu.short_message);
    receipts.push({ id: pdu.receipted_message_id || text.match(/id:(\S+)/)[1],
      stat: text.match(/stat:(\S+)/)[1] });
    heard();
  });
  const { system_id, password } = task;
  const bound = await ask(session, { command: "bind_transceiver", system_id, password });
  if (bound.command_status !== 0) throw new Error(`bind: ${bound.command_status}`);
  const answers = [];
  for (const [index, text] of task.texts.entries()) {
    answers.push(await submit(session, task, text, index + 1));
  }
  const stranger = await submit(session, { ...task, source: task.stranger }, "x", 99);
  const burst = {};
  const all = Array.from({ length: task.burst }, () => ask(session, {
    command: "submit_sm", source_addr: task.source, destination_addr: task.to,
    short_message: "burst", registered_delivery: 0,
  }));
  for (const answer of await Promise.all(all)) {
    const status = `0x${answer.command_status.toString(16)}`;
    burst[status] = (burst[status] || 0) + 1;
  }
  while (receipts.length < task.texts.length) {
    await new Promise((resolve) => { heard = resolve; });
  }
  const unbind = await ask(session, { command: "unbind" });
  return {
    statuses: answers.map((answer) => answer.command_status),
    ids: answers.map((answer) => answer.message_id),
    receipts, stranger: stranger.command_status, burst, unbound: unbind.command_status === 0,
  };
}
