//! Several binds, several addresses, and TLS, against our SMSC over loopback.

use std::sync::Arc;
use std::time::Duration;

use channels_core::{Address, Inbound, Msisdn, OutgoingSms, Reply, SubmitOutcome};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::smpp::smsc::{
    Account, BindMode, Deliver, ReceiptFields, Smsc, SmscConfig, SmscEvent, SmscHandle, SubmitReply,
};
use crate::{Delivery, Outgoing};

const PHONE: &str = "26878000001";

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), what)
        .await
        .expect("within twenty seconds")
}

async fn smsc() -> (SmscHandle, mpsc::Receiver<SmscEvent>) {
    let (events_in, events) = mpsc::channel(16);
    let config = SmscConfig {
        accounts: vec![Account {
            system_id: "node".to_owned(),
            password: "secret".to_owned(),
            mode: BindMode::Any,
            senders: vec![],
            rate_per_s: 1_000,
        }],
    };
    let address = "127.0.0.1:0".parse().unwrap();
    let smsc = Smsc::bind(address, config, events_in).await.unwrap();
    (smsc, events)
}

/// A running link, and the test in the place of the node.
struct Link {
    inbound: mpsc::Receiver<Delivery>,
    outgoing: mpsc::Sender<Outgoing>,
    ready: watch::Receiver<u8>,
    task: JoinHandle<()>,
}

impl Link {
    fn start(config: EsmeConfig) -> Self {
        let (inbound_in, inbound) = mpsc::channel(8);
        let (outgoing, waiting) = mpsc::channel(8);
        let io = ChannelIo {
            inbound: inbound_in,
            outgoing: waiting,
        };
        let esme = Esme::new(config).unwrap();
        Self {
            inbound,
            outgoing,
            ready: esme.ready().unwrap(),
            task: tokio::spawn(esme.run(io)),
        }
    }

    async fn send(&self, text: &str) -> oneshot::Receiver<SubmitOutcome> {
        let (done, outcome) = oneshot::channel();
        let sms = OutgoingSms {
            id: "0102030405060708".to_owned(),
            to: Msisdn::parse(PHONE).unwrap(),
            from: Address::parse("384").unwrap(),
            data: Vec::new(),
            text: text.to_owned(),
            validity_s: 0,
        };
        self.outgoing.send(Outgoing { sms, done }).await.unwrap();
        outcome
    }

    async fn stop(self) {
        drop(self.outgoing);
        soon(self.task).await.unwrap();
    }
}

async fn binds(events: &mut mpsc::Receiver<SmscEvent>, count: usize) {
    for _ in 0..count {
        let event = soon(events.recv()).await.unwrap();
        assert!(matches!(event, SmscEvent::Bound { .. }), "{event:?}");
    }
}

/// The SMSC takes the next message under this id.
async fn taken(events: &mut mpsc::Receiver<SmscEvent>, id: &str) -> String {
    loop {
        if let SmscEvent::Submit { submit, reply, .. } = soon(events.recv()).await.unwrap() {
            reply.send(SubmitReply::new(0, id.to_owned())).unwrap();
            return submit.text;
        }
    }
}

fn receipt(id: &str) -> Deliver {
    Deliver {
        from: PHONE.to_owned(),
        to: "384".to_owned(),
        text: String::new(),
        ussd: None,
        receipt: Some(ReceiptFields {
            message_id: id.to_owned(),
            delivered: true,
        }),
    }
}

#[tokio::test]
async fn several_binds_are_one_link_and_a_receipt_comes_by_any() {
    let (smsc, mut events) = smsc().await;
    let mut config = EsmeConfig::new("operator-a", smsc.local_addr(), "node", "secret");
    config.binds = 3;
    let mut link = Link::start(config);
    binds(&mut events, 3).await;
    assert_eq!(smsc.bound().len(), 3);
    // Every bind has read its answer when it takes a delivery.
    let mut outcome = link.send("one").await;
    let text = loop {
        tokio::select! {
            text = taken(&mut events, "a1") => break text,
            early = &mut outcome => {
                assert_eq!(early.unwrap(), SubmitOutcome::TryLater { after_s: 5 });
                outcome = link.send("one").await;
            }
        }
    };
    assert_eq!(text, "one");
    let sent = |id: &str| SubmitOutcome::Sent {
        message_id: id.to_owned(),
    };
    assert_eq!(soon(outcome).await.unwrap(), sent("a1"));
    let node = async {
        let delivery = link.inbound.recv().await.unwrap();
        delivery.reply.send(Reply::Accepted).unwrap();
        delivery.event
    };
    let (status, event) =
        soon(async { tokio::join!(smsc.deliver("node", receipt("A1")), node) }).await;
    assert_eq!(status, Ok(0));
    let Inbound::Status(status) = event else {
        panic!("a receipt")
    };
    assert_eq!(
        (status.link.0.as_str(), status.message_id.as_str()),
        ("operator-a", "A1")
    );
    link.stop().await;
    assert_eq!(smsc.bound().len(), 0);
}

#[tokio::test]
async fn a_dead_address_is_left_for_the_next_one() {
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = dead.local_addr().unwrap();
    drop(dead);
    let (first, mut first_events) = smsc().await;
    let (second, mut second_events) = smsc().await;
    let mut config = EsmeConfig::new("operator-a", gone, "node", "secret");
    config.addresses.push(first.local_addr());
    config.addresses.push(second.local_addr());
    let mut link = Link::start(config);
    binds(&mut first_events, 1).await;
    soon(link.ready.wait_for(|up| *up == 1)).await.unwrap();
    // The upstream goes away: the account is bound at the other one.
    drop(first);
    drop(first_events);
    soon(link.ready.wait_for(|up| *up == 0)).await.unwrap();
    binds(&mut second_events, 1).await;
    soon(link.ready.wait_for(|up| *up == 1)).await.unwrap();
    link.stop().await;
}

/// A TLS end in front of an SMSC: its address and the PEM of its root.
async fn tls_in_front(of: SocketAddr, name: &str) -> (SocketAddr, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &ca).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut inside) = acceptor.accept(stream).await else {
                continue;
            };
            let mut outside = TcpStream::connect(of).await.unwrap();
            drop(tokio::io::copy_bidirectional(&mut inside, &mut outside).await);
        }
    });
    (address, ca.pem())
}

#[tokio::test]
async fn a_link_over_tls_binds_and_sends_and_a_wrong_name_does_not() {
    let (smsc, mut events) = smsc().await;
    let (address, root) = tls_in_front(smsc.local_addr(), "smsc.example").await;
    let mut config = EsmeConfig::new("operator-a", address, "node", "secret");
    config.tls = Some(TlsClient::try_new("other.example", root.as_bytes()).unwrap());
    let wrong = Link::start(config.clone());
    let outcome = wrong.send("one").await;
    let later = SubmitOutcome::TryLater { after_s: 5 };
    assert_eq!(soon(outcome).await.unwrap(), later);
    config.tls = Some(TlsClient::try_new("smsc.example", root.as_bytes()).unwrap());
    let link = Link::start(config);
    // The first bind that comes is the right one: the wrong one never passes the handshake.
    binds(&mut events, 1).await;
    assert_eq!(smsc.bound().len(), 1);
    wrong.stop().await;
    assert_eq!(smsc.bound().len(), 1);
    let text = loop {
        let mut outcome = link.send("over TLS").await;
        tokio::select! {
            text = taken(&mut events, "t1") => break text,
            early = &mut outcome => assert_eq!(early.unwrap(), later),
        }
    };
    assert_eq!(text, "over TLS");
    link.stop().await;
}

#[test]
fn plain_links_to_other_machines_and_odd_numbers_of_binds_are_refused() {
    let far: SocketAddr = "192.0.2.1:2775".parse().unwrap();
    let near: SocketAddr = "127.0.0.1:2775".parse().unwrap();
    let mut config = EsmeConfig::new("operator-a", near, "node", "secret");
    config.addresses.push(far);
    let refused = Esme::new(config.clone()).unwrap_err();
    assert_eq!(refused, EsmeError::NotLoopback { address: far });
    config.addresses.pop();
    config.binds = 0;
    assert_eq!(Esme::new(config.clone()).unwrap_err(), EsmeError::Binds);
    config.binds = 1;
    config.address_range = "1".repeat(41);
    let field = "address_range";
    assert_eq!(Esme::new(config).unwrap_err(), EsmeError::Unfit { field });
    for (name, roots) in [("smsc.example", "no PEM"), ("", "no PEM")] {
        let refused = TlsClient::try_new(name, roots.as_bytes()).unwrap_err();
        assert!(matches!(refused, EsmeError::Tls(_)));
    }
}
