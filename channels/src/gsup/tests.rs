//! The loop against a home register made of hand-made frames, over loopback TCP.

use std::time::Duration;

use channels_core::gsup::ccm::Ccm;
use channels_core::gsup::component::{Component, Operation};
use channels_core::gsup::entity::Sentences;
use channels_core::gsup::imsi::Imsi;
use channels_core::gsup::ipa::{Frame, Protocol, Splitter};
use channels_core::gsup::message::{Message, MessageType, SessionState};
use channels_core::gsup::string;
use channels_core::{Address, Inbound, Msisdn, OutgoingSms, Reply, SubmitOutcome, UssdOp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::{Delivery, Outgoing};

const IMSI: &str = "001010000000001";

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), what)
        .await
        .expect("within ten seconds")
}

fn config(gsup: SocketAddr, ctrl: SocketAddr) -> OwnCellConfig {
    let sentences = Sentences {
        no_number: "no number".to_owned(),
        busy: "busy".to_owned(),
        ended: "dial again".to_owned(),
    };
    OwnCellConfig {
        gsup,
        ctrl,
        settings: Settings {
            link: LinkName("cell".to_owned()),
            entity: "menu".to_owned(),
            guard_s: 255,
            sentences,
        },
    }
}

/// One connection of the home register.
struct Peer {
    stream: TcpStream,
    splitter: Splitter,
    frames: Vec<Frame>,
}

impl Peer {
    async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = soon(listener.accept()).await.unwrap();
        Self {
            stream,
            splitter: Splitter::default(),
            frames: Vec::new(),
        }
    }

    async fn send(&mut self, protocol: Protocol, content: Vec<u8>) {
        let octets = Frame { protocol, content }.encode().unwrap();
        soon(self.stream.write_all(&octets)).await.unwrap();
    }

    async fn frame(&mut self) -> Frame {
        while self.frames.is_empty() {
            let mut octets = [0; 500];
            let count = soon(self.stream.read(&mut octets)).await.unwrap();
            assert!(count > 0, "the connection ended");
            let cut = self.splitter.push(&octets[..count]);
            self.frames
                .extend(cut.frames.into_iter().map(Result::unwrap));
        }
        self.frames.remove(0)
    }

    async fn ussd(&mut self, state: SessionState, component: &Component) {
        let message = Message {
            kind: MessageType::Request,
            imsi: Imsi::parse(IMSI).unwrap(),
            session: 1,
            state,
            cause: None,
            component: component.encode().unwrap(),
        };
        self.send(Protocol::Gsup, message.encode().unwrap()).await;
    }

    /// What the phone is told.
    async fn told(&mut self) -> (SessionState, Component) {
        let message = Message::decode(&self.frame().await.content).unwrap();
        let component = Component::decode(&message.component).unwrap();
        (message.state, component)
    }
}

/// A home register, a running cell, and the test in the place of the node.
struct Cell {
    listeners: (TcpListener, TcpListener),
    gsup: Peer,
    ctrl: Peer,
    inbound: mpsc::Receiver<Delivery>,
    outgoing: mpsc::Sender<Outgoing>,
    task: JoinHandle<()>,
}

impl Cell {
    async fn open() -> Self {
        let gsup = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ctrl = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = config(gsup.local_addr().unwrap(), ctrl.local_addr().unwrap());
        let (inbound_in, inbound) = mpsc::channel(8);
        let (outgoing, outgoing_out) = mpsc::channel(8);
        let io = ChannelIo {
            inbound: inbound_in,
            outgoing: outgoing_out,
        };
        let task = tokio::spawn(OwnCell::try_new(config).unwrap().run(io));
        let mut peer = Peer::accept(&gsup).await;
        identify(&mut peer).await;
        Self {
            gsup: peer,
            ctrl: Peer::accept(&ctrl).await,
            listeners: (gsup, ctrl),
            inbound,
            outgoing,
            task,
        }
    }

    /// The phone dials; the node hears of it with the number.
    async fn dialled(&mut self) -> Delivery {
        let string = string::encode("*384#").unwrap();
        let (id, operation) = (5, Operation::Process);
        let begin = Component::Invoke {
            id,
            operation,
            string,
        };
        self.gsup.ussd(SessionState::Begin, &begin).await;
        let question = String::from_utf8(self.ctrl.frame().await.content).unwrap();
        let id = question.split(' ').nth(1).unwrap();
        let answer = format!(
            "GET_REPLY {id} subscriber.by-imsi-{IMSI}.info \nimsi\t{IMSI}\nmsisdn\t256772000001"
        );
        self.ctrl.send(Protocol::Ctrl, answer.into_bytes()).await;
        let delivery = soon(self.inbound.recv()).await.unwrap();
        let Inbound::Ussd(step) = &delivery.event else {
            panic!("a step")
        };
        assert_eq!(step.from, Msisdn::parse("256772000001").unwrap());
        assert_eq!((step.op, step.code.as_str()), (UssdOp::Begin, "*384#"));
        delivery
    }
}

async fn identify(peer: &mut Peer) {
    peer.send(Protocol::Ccm, Ccm::IdGet(Vec::new()).encode())
        .await;
    let identity = peer.frame().await;
    assert_eq!(Ccm::decode(&identity.content), Ok(Ccm::identity("menu")));
}

fn screen(text: &str, end: bool) -> Reply {
    let text = text.to_owned();
    Reply::Screen { text, end }
}

#[tokio::test]
async fn a_phone_is_served_and_sms_are_sent_elsewhere() {
    let mut cell = Cell::open().await;
    let delivery = cell.dialled().await;
    delivery.reply.send(screen("1 New person", false)).unwrap();
    let (state, question) = cell.gsup.told().await;
    assert_eq!(state, SessionState::Continue);
    let Component::Invoke { id, .. } = question else {
        panic!("a question")
    };
    let string = string::encode("1").unwrap();
    let result = Some((Operation::Request, string));
    let answer = Component::ReturnResult { id, result };
    cell.gsup.ussd(SessionState::Continue, &answer).await;
    let delivery = soon(cell.inbound.recv()).await.unwrap();
    // A node that drops the place for its answer is busy.
    drop(delivery);
    let (state, end) = cell.gsup.told().await;
    let result = Some((Operation::Process, string::encode("busy").unwrap()));
    let expected = Component::ReturnResult { id: 5, result };
    assert_eq!((state, end), (SessionState::End, expected));
    let (done, outcome) = oneshot::channel();
    let sms = OutgoingSms {
        id: "m1".to_owned(),
        to: Msisdn::parse("256772000001").unwrap(),
        from: Address::ShortCode("384".to_owned()),
        data: Vec::new(),
        text: "hello".to_owned(),
        validity_s: 0,
    };
    cell.outgoing.send(Outgoing { sms, done }).await.unwrap();
    let later = SubmitOutcome::TryLater { after_s: 300 };
    assert_eq!(soon(outcome).await, Ok(later));
    drop(cell.outgoing);
    soon(cell.task).await.unwrap();
}

#[tokio::test]
async fn a_register_that_restarts_is_found_again() {
    let mut cell = Cell::open().await;
    let delivery = cell.dialled().await;
    drop(cell.gsup);
    drop(cell.ctrl);
    let mut peer = Peer::accept(&cell.listeners.0).await;
    identify(&mut peer).await;
    cell.gsup = peer;
    cell.ctrl = Peer::accept(&cell.listeners.1).await;
    // The answer still goes out; a register that has forgotten the session says so.
    delivery.reply.send(screen("1 New person", false)).unwrap();
    assert_eq!(cell.gsup.told().await.0, SessionState::Continue);
    drop(cell.outgoing);
    soon(cell.task).await.unwrap();
}

#[test]
fn what_cannot_be_is_refused_at_start() {
    let local: SocketAddr = "127.0.0.3:4222".parse().unwrap();
    let remote: SocketAddr = "192.0.2.7:4222".parse().unwrap();
    let refused = |config| OwnCell::try_new(config).err();
    assert_eq!(refused(config(local, local)), None);
    let address = remote;
    for pair in [(remote, local), (local, remote)] {
        let error = refused(config(pair.0, pair.1));
        assert_eq!(error, Some(CellError::NotLoopback { address }));
    }
    for entity in ["", "a b", "x".repeat(33).as_str()] {
        let mut config = config(local, local);
        entity.clone_into(&mut config.settings.entity);
        assert_eq!(refused(config), Some(CellError::Entity { limit: 32 }));
    }
    let mut short = config(local, local);
    short.settings.guard_s = 29;
    assert_eq!(refused(short), Some(CellError::Guard { minimum: 30 }));
    let usual = OwnCellConfig::new(local.ip(), config(local, local).settings);
    assert_eq!((usual.gsup.port(), usual.ctrl.port()), (4222, 4259));
}
