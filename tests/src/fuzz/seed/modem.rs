//! Seeds of what modems say, and of scripts for the machine and the simulated modem.

use channels_core::modem_simulator::Fault;

use super::form;

/// Orders of a script, as the target numbers them.
const RUN: u8 = 1;
const SEND: u8 = 2;
const TEXT: u8 = 3;
const RING: u8 = 4;
const SWITCH: u8 = 5;
const SAY: u8 = 6;

fn switch(fault: Fault, on: bool) -> [u8; 2] {
    let place = Fault::ALL.iter().position(|known| *known == fault);
    let place = u8::try_from(place.expect("a fault")).expect("few faults");
    [SWITCH, place * 2 + u8::from(!on)]
}

fn say(octets: &[u8]) -> Vec<u8> {
    let length = u8::try_from(octets.len()).expect("a short line");
    [&[SAY, length][..], octets].concat()
}

pub(super) fn inputs() -> Vec<Vec<u8>> {
    let long = "x".repeat(4_200);
    let mut inputs: Vec<Vec<u8>> = [
        "\r\nOK\r\n\r\n+CSQ: 18,99\r\n",
        "AT+CMGS=23\r\r\n> ",
        "+CUSD: 0,\"a\r\nb\",15\r\n^RSSI:3\r\n*PSUTTZ: 26\r\n",
        long.as_str(),
    ]
    .iter()
    .map(|text| form(0, text))
    .collect();
    inputs[3].extend(b"\r\nOK\r\n");
    let minute = [RUN, 30];
    let ready = [&minute[..], &minute].concat();
    let scripts: [Vec<u8>; 8] = [
        [&ready[..], &[SEND, RUN, 5, TEXT, 90, RING, RUN, 10]].concat(),
        [
            &ready[..],
            &switch(Fault::LostAnswers, true),
            &[SEND, RUN, 70],
        ]
        .concat(),
        [&ready[..], &switch(Fault::NoPrompt, true), &[SEND, RUN, 10]].concat(),
        [&ready[..], &switch(Fault::Refusing, true), &[SEND, RUN, 10]].concat(),
        [&ready[..], &[SEND], &say(b"\r\n+CMS ERROR: 21\r\n")[..]].concat(),
        [&ready[..], &switch(Fault::Hang, true), &[RUN, 100]].concat(),
        [&switch(Fault::PukWanted, true)[..], &minute].concat(),
        [
            &ready[..],
            &say(b"\r\n+CMT: ,3\r\n00ABCDEF0102\r\n+CMT: ,999\r\n")[..],
            &switch(Fault::Flood, true),
            &switch(Fault::CutLines, true),
            &[SEND, RUN, 20],
        ]
        .concat(),
    ];
    inputs.extend(scripts.iter().map(|script| form(1, script)));
    inputs
}
