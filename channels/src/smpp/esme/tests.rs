//! Both shells against each other over loopback TCP, and the ESME against hand-made octets.

use channels_core::smpp::pdu::{BindKind, Packet, Pdu, ShortMessage, decode, encode};
use channels_core::smpp::split::Splitter;
use channels_core::smpp::ussd::Dialect;
use channels_core::{Address, Msisdn, OutgoingSms, UssdOp};
use channels_core::{Inbound, Reply, SmsReceived, SmsStatus, SubmitOutcome, UssdStep};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::smpp::smsc::{
    Account, BindMode, Deliver, ReceiptFields, Smsc, SmscConfig, SmscError, SmscEvent, SmscHandle,
    Submit, SubmitReply, Ussd,
};
use crate::{Delivery, Outgoing};

const PHONE: &str = "26878000001";

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), what)
        .await
        .expect("within ten seconds")
}

fn account() -> Account {
    Account {
        system_id: "node".to_owned(),
        password: "secret".to_owned(),
        mode: BindMode::Any,
        senders: vec![],
        rate_per_s: 1_000,
    }
}

/// An SMSC, an ESME bound to it, and the test in the place of the node and of the network.
struct Link {
    smsc: SmscHandle,
    events: mpsc::Receiver<SmscEvent>,
    inbound: mpsc::Receiver<Delivery>,
    outgoing: mpsc::Sender<Outgoing>,
    esme: JoinHandle<()>,
}

/// A running ESME: towards the node, from the node, and its task.
type Running = (
    mpsc::Receiver<Delivery>,
    mpsc::Sender<Outgoing>,
    JoinHandle<()>,
);

fn start(config: EsmeConfig) -> Running {
    let (inbound_in, inbound) = mpsc::channel(8);
    let (outgoing, outgoing_out) = mpsc::channel(8);
    let io = ChannelIo {
        inbound: inbound_in,
        outgoing: outgoing_out,
    };
    (
        inbound,
        outgoing,
        tokio::spawn(Esme::new(config).unwrap().run(io)),
    )
}

impl Link {
    async fn bound(dialect: Dialect) -> Self {
        let (events_in, mut events) = mpsc::channel(8);
        let config = SmscConfig {
            accounts: vec![account()],
        };
        let smsc = Smsc::bind("127.0.0.1:0".parse().unwrap(), config, events_in)
            .await
            .unwrap();
        let mut config = EsmeConfig::new("operator-a", smsc.local_addr(), "node", "secret");
        config.profile.dialect = dialect;
        let (inbound, outgoing, esme) = start(config);
        let event = soon(events.recv()).await;
        assert!(matches!(event, Some(SmscEvent::Bound { .. })));
        let mut link = Self {
            smsc,
            events,
            inbound,
            outgoing,
            esme,
        };
        // The SMSC is bound as soon as it answers; the ESME once it has read the answer.
        let (status, _) = link.deliver(receipt("0"), Reply::Accepted).await;
        assert_eq!(status, Ok(0));
        link
    }

    /// Delivers while the test answers as the node; gives the status and what the node saw.
    async fn deliver(
        &mut self,
        deliver: Deliver,
        reply: Reply,
    ) -> (Result<u32, SmscError>, Inbound) {
        let node = async {
            let delivery = self.inbound.recv().await.unwrap();
            delivery.reply.send(reply).unwrap();
            delivery.event
        };
        soon(async { tokio::join!(self.smsc.deliver("node", deliver), node) }).await
    }

    async fn submitted(&mut self, status: u32, message_id: &str) -> Submit {
        let Some(SmscEvent::Submit { submit, reply, .. }) = soon(self.events.recv()).await else {
            panic!("a submit")
        };
        reply
            .send(SubmitReply::new(status, message_id.to_owned()))
            .unwrap();
        submit
    }

    async fn send(&self, text: &str) -> oneshot::Receiver<SubmitOutcome> {
        let (done, outcome) = oneshot::channel();
        let sms = OutgoingSms {
            id: "out-1".to_owned(),
            to: Msisdn::parse(PHONE).unwrap(),
            from: Address::parse("384").unwrap(),
            data: Vec::new(),
            text: text.to_owned(),
            validity_s: 0,
        };
        self.outgoing.send(Outgoing { sms, done }).await.unwrap();
        outcome
    }

    async fn stop(mut self) {
        drop(self.outgoing);
        soon(self.esme).await.unwrap();
        let event = soon(self.events.recv()).await;
        assert!(matches!(event, Some(SmscEvent::Unbound { .. })));
        assert_eq!(self.smsc.bound(), Vec::<String>::new());
    }
}

fn ussd(op: u8, session: [u8; 2], text: &str) -> Deliver {
    Deliver {
        from: PHONE.to_owned(),
        to: "*384*7#".to_owned(),
        text: text.to_owned(),
        ussd: Some(Ussd { op, session }),
        receipt: None,
    }
}

fn receipt(message_id: &str) -> Deliver {
    Deliver {
        from: PHONE.to_owned(),
        to: "384".to_owned(),
        text: String::new(),
        ussd: None,
        receipt: Some(ReceiptFields {
            message_id: message_id.to_owned(),
            delivered: true,
        }),
    }
}

fn screen(text: &str, end: bool) -> Reply {
    Reply::Screen {
        text: text.to_owned(),
        end,
    }
}

#[tokio::test]
async fn a_dialogue_begins_asks_answers_and_ends() {
    for (dialect, answer_op, end) in [
        (
            Dialect::STANDARD,
            18,
            Ussd {
                op: 17,
                session: [9, 1],
            },
        ),
        (
            Dialect::TATA,
            2,
            Ussd {
                op: 2,
                session: [9, 1],
            },
        ),
    ] {
        let mut link = Link::bound(dialect.clone()).await;
        let (status, event) = link
            .deliver(ussd(1, [9, 0], ""), screen("1 New @", false))
            .await;
        let Inbound::Ussd(begin) = event else {
            panic!("a USSD step")
        };
        assert_eq!(
            (status, begin.op, begin.code.as_str()),
            (Ok(0), UssdOp::Begin, "*384*7#")
        );
        assert_eq!(begin.from.as_str(), PHONE);
        let asked = link.submitted(0, "1").await;
        assert_eq!((asked.text.as_str(), asked.to.as_str()), ("1 New @", PHONE));
        assert_eq!(
            asked.ussd,
            Some(Ussd {
                op: 2,
                session: [9, 0]
            })
        );

        let (status, event) = link
            .deliver(ussd(answer_op, [9, 0], "1"), screen("Asante ሰ", true))
            .await;
        let Inbound::Ussd(UssdStep {
            op, text, session, ..
        }) = event
        else {
            panic!("a step")
        };
        assert_eq!((status, op, text.as_str()), (Ok(0), UssdOp::Continue, "1"));
        assert_eq!(session, begin.session);
        let last = link.submitted(0, "2").await;
        assert_eq!((last.text.as_str(), last.ussd), ("Asante ሰ", Some(end)));
        assert!(dialect.closes(end.op, Some(end.session)));
        link.stop().await;
    }
}

#[tokio::test]
async fn an_sms_goes_out_and_its_receipt_comes_back() {
    let mut link = Link::bound(Dialect::STANDARD).await;
    let outcome = link.send("Your child is registered.").await;
    let submit = link.submitted(0, "a7").await;
    assert_eq!(
        (submit.text.as_str(), submit.registered_delivery),
        ("Your child is registered.", true)
    );
    let sent = SubmitOutcome::Sent {
        message_id: "a7".to_owned(),
    };
    assert_eq!(soon(outcome).await.unwrap(), sent);
    let (status, event) = link.deliver(receipt("a7"), Reply::Accepted).await;
    let link_name = LinkName("operator-a".to_owned());
    let expected = SmsStatus {
        recipient: Some(Msisdn::parse("+26878000001").unwrap()),
        ..SmsStatus::new(link_name, "a7".to_owned(), Some(true))
    };
    assert_eq!((status, event), (Ok(0), Inbound::Status(expected)));
    link.stop().await;
}

#[tokio::test]
async fn long_texts_are_split_and_joined_both_ways() {
    let mut link = Link::bound(Dialect::STANDARD).await;
    let long = "mtoto wa kwanza € ".repeat(30);
    let outcome = link.send(&long).await;
    let submit = link.submitted(0, "last").await;
    assert_eq!((submit.text.as_str(), submit.parts), (long.as_str(), 4));
    assert_eq!(
        soon(outcome).await.unwrap(),
        SubmitOutcome::Sent {
            message_id: "last".to_owned()
        }
    );
    let (from, to) = (PHONE.to_owned(), "384".to_owned());
    let deliver = Deliver {
        from,
        to,
        text: long.clone(),
        ussd: None,
        receipt: None,
    };
    let (status, event) = link.deliver(deliver, Reply::Accepted).await;
    let Inbound::Sms(SmsReceived { text, .. }) = event else {
        panic!("an SMS")
    };
    assert_eq!((status, text), (Ok(0), long));
    link.stop().await;
}

#[tokio::test]
async fn refusals_and_an_unbound_link_are_told_apart() {
    let mut link = Link::bound(Dialect::STANDARD).await;
    let outcome = link.send("x").await;
    link.submitted(0x0B, "").await;
    assert_eq!(
        soon(outcome).await.unwrap(),
        SubmitOutcome::Failed { code: 0x0B }
    );
    let outcome = link.send("y").await;
    link.submitted(0x45, "").await;
    assert_eq!(
        soon(outcome).await.unwrap(),
        SubmitOutcome::TryLater { after_s: 30 }
    );
    assert_eq!(
        link.smsc.deliver("other", ussd(1, [1, 0], "")).await,
        Err(SmscError::NotBound)
    );
    link.stop().await;
}

/// Listens as an SMSC of raw octets.
struct Raw {
    stream: TcpStream,
    splitter: Splitter,
    waiting: Vec<Vec<u8>>,
}

impl Raw {
    async fn read(&mut self) -> Packet {
        while self.waiting.is_empty() {
            let mut octets = vec![0; 4_096];
            let count = soon(self.stream.read(&mut octets)).await.unwrap();
            assert!(count > 0, "the connection ended");
            let cut = self.splitter.push(&octets[..count]);
            assert_eq!(cut.bad, None);
            self.waiting.extend(cut.pdus);
        }
        decode(&self.waiting.remove(0)).unwrap().packet
    }

    async fn send(&mut self, packet: &Packet) {
        self.write(&encode(packet).unwrap()).await;
    }

    async fn write(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.unwrap();
    }
}

/// An ESME bound to a raw SMSC.
async fn raw() -> (Raw, Running) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = EsmeConfig::new("raw", listener.local_addr().unwrap(), "node", "secret");
    let running = start(config);
    let (stream, _) = soon(listener.accept()).await.unwrap();
    let mut raw = Raw {
        stream,
        splitter: Splitter::default(),
        waiting: vec![],
    };
    let bind = raw.read().await;
    assert!(matches!(&bind.pdu, Pdu::Bind(bind) if bind.kind == BindKind::Transceiver));
    let pdu = Pdu::BindResp {
        kind: BindKind::Transceiver,
        system_id: "raw".to_owned(),
        interface_version: None,
    };
    raw.send(&Packet::new(bind.sequence, pdu)).await;
    (raw, running)
}

#[tokio::test]
async fn a_malformed_pdu_is_answered_and_the_bind_stays() {
    let (mut raw, (mut inbound, outgoing, esme)) = raw().await;
    let long = ShortMessage {
        service_type: "USSD".to_owned(),
        ..ShortMessage::default()
    };
    let mut pdu = encode(&Packet::new(7, Pdu::DeliverSm(Box::new(long)))).unwrap();
    // sm_length says 9, and there is no octet.
    *pdu.last_mut().unwrap() = 9;
    raw.write(&pdu).await;
    assert_eq!(
        raw.read().await,
        Packet {
            status: 1,
            sequence: 7,
            pdu: Pdu::DeliverSmResp
        }
    );
    // A command that nobody knows.
    raw.write(&[0, 0, 0, 18, 0, 0, 0x9A, 0, 0, 0, 0, 0, 0, 0, 0, 8, 1, 2])
        .await;
    assert_eq!(
        raw.read().await,
        Packet {
            status: 3,
            sequence: 8,
            pdu: Pdu::GenericNack
        }
    );
    // The session still works.
    let mut begin = ShortMessage {
        short_message: b"*1#".to_vec(),
        ..ShortMessage::default()
    };
    begin.source.address = PHONE.to_owned();
    begin.optional.ussd_service_op = Some(1);
    raw.send(&Packet::new(9, Pdu::DeliverSm(Box::new(begin))))
        .await;
    let delivery = soon(inbound.recv()).await.unwrap();
    // Later octets are answered first: nothing is acknowledged before the node replies.
    raw.send(&Packet::new(10, Pdu::EnquireLink)).await;
    assert_eq!(raw.read().await, Packet::new(10, Pdu::EnquireLinkResp));
    delivery.reply.send(screen("Karibu", true)).unwrap();
    assert_eq!(raw.read().await, Packet::new(9, Pdu::DeliverSmResp));
    let Pdu::SubmitSm(screen) = raw.read().await.pdu else {
        panic!("a screen after the answer")
    };
    assert_eq!(screen.short_message, b"Karibu");
    drop(outgoing);
    let unbind = raw.read().await;
    assert_eq!(unbind.pdu, Pdu::Unbind);
    raw.send(&Packet::new(unbind.sequence, Pdu::UnbindResp))
        .await;
    soon(esme).await.unwrap();
}

#[tokio::test]
async fn a_link_lost_before_the_answer_leaves_the_outcome_unknown() {
    let (mut raw, (_inbound, outgoing, esme)) = raw().await;
    let (done, outcome) = oneshot::channel();
    let sms = OutgoingSms {
        id: "out-1".to_owned(),
        to: Msisdn::parse(PHONE).unwrap(),
        from: Address::parse("384").unwrap(),
        data: Vec::new(),
        text: "x".to_owned(),
        validity_s: 0,
    };
    // Let the bind settle: an enquire_link is answered only after it.
    raw.send(&Packet::new(5, Pdu::EnquireLink)).await;
    raw.read().await;
    outgoing
        .send(Outgoing {
            sms: sms.clone(),
            done,
        })
        .await
        .unwrap();
    assert!(matches!(raw.read().await.pdu, Pdu::SubmitSm(_)));
    drop(raw);
    assert_eq!(soon(outcome).await.unwrap(), SubmitOutcome::Unknown);
    let (done, outcome) = oneshot::channel();
    outgoing.send(Outgoing { sms, done }).await.unwrap();
    assert_eq!(
        soon(outcome).await.unwrap(),
        SubmitOutcome::TryLater { after_s: 5 }
    );
    drop(outgoing);
    soon(esme).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_closed() {
    let (events_in, _events) = mpsc::channel(8);
    let config = SmscConfig {
        accounts: vec![account()],
    };
    let smsc = Smsc::bind("127.0.0.1:0".parse().unwrap(), config, events_in)
        .await
        .unwrap();
    let stream = TcpStream::connect(smsc.local_addr()).await.unwrap();
    let mut raw = Raw {
        stream,
        splitter: Splitter::default(),
        waiting: vec![],
    };
    let config = EsmeConfig::new("x", smsc.local_addr(), "node", "wrong");
    raw.send(&Packet::new(1, Pdu::Bind(config.bind()))).await;
    assert_eq!(raw.read().await.status, 0x0E);
    assert_eq!(soon(raw.stream.read(&mut [0; 16])).await.unwrap(), 0);
    assert_eq!(smsc.bound(), Vec::<String>::new());
}

#[test]
fn plain_tcp_to_another_machine_is_refused() {
    let address = "192.0.2.1:2775".parse().unwrap();
    let refused = Esme::new(EsmeConfig::new("x", address, "node", "secret")).unwrap_err();
    assert_eq!(refused, EsmeError::NotLoopback { address });
    assert!(refused.to_string().contains("TLS"));
}
