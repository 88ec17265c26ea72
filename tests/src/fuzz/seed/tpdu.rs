//! Seeds of TPDUs and USSD strings.

use channels_core::gsm7::{Language, Tables};
use channels_core::segment::udh::{Concatenation, Header, Ports, Reference};
use channels_core::tpdu::{
    self, Dcs, Deliver, Options, RelativeValidity, Scts, StatusReport, Submit, TpAddress, TpStatus,
    UserData, Validity,
};
use channels_core::ussd_text;

use super::form;

fn phone() -> TpAddress {
    TpAddress::digits(0x91, "256772000001").expect("digits")
}

fn data(dcs: u8, header: Header, payload: &[u8]) -> UserData {
    UserData::try_new(Dcs(dcs), header.to_octets(), payload.to_vec()).expect("user data that fits")
}

fn deliver(origin: TpAddress, user_data: UserData) -> Vec<u8> {
    Deliver {
        options: Options::NO_MORE_MESSAGES,
        origin,
        protocol: 0,
        submitted: Scts([0x62, 0x50, 0x71, 0x90, 0, 0, 0x21]),
        user_data,
    }
    .encode()
}

fn report(status: u8, user_data: Option<UserData>) -> Vec<u8> {
    let stamp = Scts([0x62, 0x50, 0x71, 0x90, 0, 0, 0x21]);
    StatusReport {
        options: Options::default(),
        reference: 7,
        recipient: phone(),
        submitted: stamp,
        discharged: stamp,
        status: TpStatus(status),
        protocol: None,
        user_data,
    }
    .encode()
}

fn submit(validity: Option<Validity>) -> Vec<u8> {
    Submit {
        validity,
        options: Options::REPORT,
        ..Submit::to(phone(), data(0, Header::default(), b"Hello"))
    }
    .encode()
}

fn headers() -> [Header; 3] {
    let place = Concatenation {
        reference: Reference::Eight(9),
        total: 2,
        index: 1,
    };
    [
        Header {
            concatenation: Some(place),
            ..Header::default()
        },
        Header {
            ports: Some(Ports::Sixteen {
                destination: 5_000,
                source: 1,
            }),
            ..Header::default()
        },
        Header {
            tables: Tables::both(Language::Hindi),
            ..Header::default()
        },
    ]
}

pub(super) fn tpdus() -> Vec<Vec<u8>> {
    let plain = || data(0, Header::default(), b"Hello");
    let mut delivered: Vec<Vec<u8>> = headers()
        .into_iter()
        .map(|header| deliver(phone(), data(0, header, b"Hello")))
        .collect();
    for dcs in [0x04, 0x08, 0x20, 0x10] {
        delivered.push(deliver(phone(), data(dcs, Header::default(), b"Hi")));
    }
    delivered.push(deliver(
        TpAddress::name("MTNInfo").expect("a name"),
        plain(),
    ));
    for digits in ["384", ""] {
        let code = TpAddress::digits(0x81, digits).expect("digits");
        delivered.push(deliver(code, plain()));
    }
    // A header past the end, a message cut short, and one of 161 septets.
    let mut broken = deliver(phone(), plain());
    broken[0] |= 0x40;
    let cut = broken[..20].to_vec();
    let mut long = deliver(phone(), plain());
    long[18] = 161;
    delivered.extend([broken, cut, long]);
    for status in [0x00, 0x01, 0x20, 0x40, 0x60, 0x80] {
        delivered.push(report(status, None));
    }
    delivered.push(report(0, Some(plain())));
    delivered.push(vec![1, 0]);
    delivered.push(vec![0, 21, 0x91]);

    let stamp = [0x62, 0x50, 0x71, 0x90, 0, 0, 0x21];
    let mut inputs: Vec<Vec<u8>> = [
        None,
        Some(Validity::Relative(RelativeValidity(167))),
        Some(Validity::Absolute(Scts(stamp))),
        Some(Validity::Enhanced(stamp)),
    ]
    .into_iter()
    .map(|validity| form(1, submit(validity)))
    .collect();
    inputs.push(form(1, [2, 0]));
    for smsc in [None, Some(phone())] {
        let pdu = tpdu::with_smsc(smsc.as_ref(), &deliver(phone(), plain()));
        inputs.push(form(2, pdu.expect("digits")));
    }
    inputs.extend(delivered.iter().map(|tpdu| form(0, tpdu)));
    inputs
}

pub(super) fn strings() -> Vec<Vec<u8>> {
    let packed = |text: &str| ussd_text::encode(text, 160).expect("a screen").octets;
    let under = |dcs: u8, octets: &[u8]| form(0, [&[dcs], octets].concat());
    let wide: Vec<u8> = "Balance 12"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let mut inputs = vec![
        under(0x0F, &packed("*384#")),
        under(0x0F, &packed("*101*4#")),
        under(0x10, &packed("sw\rSalio 12")),
        under(0x11, &[&[0x61, 0x3B], &wide[..]].concat()),
        under(0x44, b"12"),
        under(0x48, &wide),
        under(0x60, b"12"),
        under(0x90, &[&[3, 0x24, 1, 0], &packed("Salio 12")[..]].concat()),
        under(0x07, &wide),
        under(0x48, &packed("Your balance is 12")),
        under(0x0F, b"Your balance is 12"),
    ];
    for text in ["1 New person 2 Find", "ሰላም", "1234567\r", &"x".repeat(183)] {
        inputs.push(form(1, text));
    }
    inputs
}
