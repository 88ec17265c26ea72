//! Real sockets on the loopback interface: turns, enrolment, cuts, limits, the switch.

mod enrol;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use super::*;
use crate::identity::{CertificateAuthority, SigningKey, Validity};
use crate::tls::{self, TimeSource, TlsIdentity};
use crate::{Link, LinkError};

/// What a node needs to reach a hub.
#[derive(Clone)]
struct Road {
    address: String,
    ca: Vec<u8>,
    node: TlsIdentity,
    plug: watch::Sender<bool>,
}

/// A hub's server and the requests that it hands over.
struct Hub {
    road: Road,
    authority: CertificateAuthority,
    requests: mpsc::Receiver<LinkRequest>,
    tasks: JoinSet<()>,
}

fn time() -> TimeSource {
    TimeSource::new(|| 1_775_000_000)
}

fn validity() -> Validity {
    Validity {
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2046-01-01T00:00:00Z".parse().unwrap(),
    }
}

async fn hub() -> Hub {
    let key = SigningKey::generate().unwrap();
    let authority = CertificateAuthority::create("hub ca", key, validity()).unwrap();
    let identity = |name: &str| {
        let key = SigningKey::generate().unwrap();
        let certificate = authority
            .issue(&key.public_key(), name, validity())
            .unwrap();
        TlsIdentity { certificate, key }
    };
    let (server, node) = (identity("hub.test"), identity("node-7"));
    let tls = tls::server(&server, authority.certificate(), time()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, requests) = mpsc::channel(4);
    let mut tasks = JoinSet::new();
    tasks.spawn(serve(listener, tls, sender));
    let plug = watch::Sender::new(true);
    let ca = authority.certificate().to_vec();
    let road = Road {
        address,
        ca,
        node,
        plug,
    };
    Hub {
        road,
        authority,
        requests,
        tasks,
    }
}

impl Road {
    fn link(&self, endpoint: Endpoint, identity: Option<&TlsIdentity>) -> HttpsLink {
        let tls = tls::client(&self.ca, identity, time()).unwrap();
        let target = HttpsTarget {
            address: self.address.clone(),
            server_name: "hub.test".to_owned(),
            endpoint,
        };
        HttpsLink::new(target, tls, self.plug.subscribe())
    }

    fn node_link(&self) -> HttpsLink {
        self.link(Endpoint::Session, Some(&self.node))
    }
}

impl Hub {
    /// Answers requests with what they say, backwards, until the tasks are dropped.
    fn echo(mut self) -> JoinSet<()> {
        let mut tasks = self.tasks;
        tasks.spawn(async move {
            while let Some(request) = self.requests.recv().await {
                let body = request.body.iter().rev().copied().collect();
                request.reply.send(LinkReply { status: 200, body }).unwrap();
            }
        });
        tasks
    }
}

/// A TLS connection that speaks HTTP by hand.
async fn by_hand(
    road: &Road,
    identity: Option<&TlsIdentity>,
) -> impl AsyncReadExt + AsyncWriteExt + Unpin {
    let tls = tls::client(&road.ca, identity, time()).unwrap();
    let stream = TcpStream::connect(&road.address).await.unwrap();
    let name = ServerName::try_from("hub.test").unwrap();
    TlsConnector::from(tls).connect(name, stream).await.unwrap()
}

async fn first_line(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut bytes = vec![0; 200];
    let count = stream.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..count])
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn turns_share_one_connection_and_cost_few_bytes() {
    let hub = hub().await;
    let mut link = hub.road.node_link();
    let _tasks = hub.echo();
    let first = link.round(b"abc".to_vec(), false).await.unwrap();
    assert_eq!(
        (first.body.as_ref(), first.whole),
        (b"cba".as_slice(), true)
    );
    let handshake = link.counters();
    assert!(handshake.sent + handshake.received < 3_000, "{handshake:?}");
    let second = link.round(b"defg".to_vec(), false).await.unwrap();
    assert_eq!(second.body.as_ref(), b"gfed");
    let turn = link.counters();
    let sent = turn.sent - handshake.sent;
    let received = turn.received - handshake.received;
    assert!(sent <= 110 && received <= 80, "{sent} and {received} bytes");
}

#[tokio::test]
async fn the_program_sees_the_key_of_the_client() {
    let mut hub = hub().await;
    let mut link = hub.road.node_link();
    let key = hub.road.node.key.public_key();
    let (answer, ()) = tokio::join!(link.round(vec![7; 100_000], false), async {
        let request = hub.requests.recv().await.unwrap();
        assert_eq!(
            (request.peer_key, request.endpoint),
            (Some(key), Endpoint::Session)
        );
        assert_eq!((request.body.len(), request.whole), (100_000, true));
        request
            .reply
            .send(LinkReply {
                status: 200,
                body: vec![9; 500_000],
            })
            .unwrap();
    });
    assert_eq!(answer.unwrap().body.len(), 500_000);
}

#[tokio::test]
async fn a_client_without_certificate_gets_no_session() {
    let mut hub = hub().await;
    let refused = hub
        .road
        .link(Endpoint::Session, None)
        .round(b"abc".to_vec(), false)
        .await;
    assert!(matches!(refused, Err(LinkError::Refused { status: 403 })));
    assert!(hub.requests.try_recv().is_err(), "nothing was handed over");
}

#[tokio::test]
async fn other_paths_methods_and_sizes_are_refused_with_a_status() {
    let mut hub = hub().await;
    let post = |path: &str, length: usize| {
        format!("POST {path} HTTP/1.1\r\nhost: hub.test\r\ncontent-length: {length}\r\n\r\n")
    };
    let large = [
        post("/s", BODY_BYTES_MAX + 1).into_bytes(),
        vec![0; BODY_BYTES_MAX + 1],
    ]
    .concat();
    for (request, status) in [
        (post("/", 0).into_bytes(), "404"),
        (b"GET /s HTTP/1.1\r\nhost: hub.test\r\n\r\n".to_vec(), "405"),
        (b"nonsense\r\n\r\n".to_vec(), "400"),
        (large, "413"),
    ] {
        let identity = hub.road.node.clone();
        let mut stream = by_hand(&hub.road, Some(&identity)).await;
        stream.write_all(&request).await.unwrap();
        let line = first_line(&mut stream).await;
        assert!(line.contains(status), "{line}");
    }
    assert!(hub.requests.try_recv().is_err(), "nothing was handed over");
    let mut link = hub.road.node_link();
    let long = link.round(vec![0; BODY_BYTES_MAX + 1], false).await;
    assert!(matches!(long, Err(LinkError::TooLarge { .. })));
}

#[tokio::test]
async fn a_cut_request_hands_over_what_arrived() {
    let mut hub = hub().await;
    let identity = hub.road.node.clone();
    let mut stream = by_hand(&hub.road, Some(&identity)).await;
    stream
        .write_all(
            b"POST /s HTTP/1.1\r\nhost: hub.test\r\ncontent-length: 1000\r\n\r\nfirst frames",
        )
        .await
        .unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    let request = hub.requests.recv().await.unwrap();
    assert_eq!(
        (request.body.as_ref(), request.whole),
        (b"first frames".as_slice(), false)
    );
    let reply = LinkReply {
        status: 200,
        body: Vec::new(),
    };
    request.reply.send(reply).unwrap();
}

#[tokio::test]
async fn a_cut_answer_gives_what_arrived() {
    let hub = hub().await;
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let key = SigningKey::generate().unwrap();
    let certificate = hub
        .authority
        .issue(&key.public_key(), "hub.test", validity())
        .unwrap();
    let identity = TlsIdentity { certificate, key };
    let tls = tls::server(&identity, hub.authority.certificate(), time()).unwrap();
    let address = server.local_addr().unwrap().to_string();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (stream, _) = server.accept().await.unwrap();
        let mut stream = tokio_rustls::TlsAcceptor::from(tls)
            .accept(stream)
            .await
            .unwrap();
        let mut head = [0; 100];
        assert!(stream.read(&mut head).await.unwrap() > 0);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            .await
            .unwrap();
        stream.flush().await.unwrap();
    });
    let mut link = Road {
        address,
        ..hub.road.clone()
    }
    .node_link();
    let answer = link.round(b"abc".to_vec(), false).await.unwrap();
    assert_eq!(
        (answer.body.as_ref(), answer.whole),
        (b"half".as_slice(), false)
    );
}

#[tokio::test]
async fn a_full_queue_answers_busy_and_a_silent_program_too() {
    let mut hub = hub().await;
    let mut links: Vec<HttpsLink> = (0..5).map(|_| hub.road.node_link()).collect();
    let mut waiting = JoinSet::new();
    let mut last = links.pop().unwrap();
    for mut link in links {
        waiting.spawn(async move { link.round(b"queued".to_vec(), false).await });
    }
    while hub.requests.len() < 4 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(
        last.round(b"fifth".to_vec(), false).await,
        Err(LinkError::Busy)
    ));
    while let Ok(request) = hub.requests.try_recv() {
        drop(request.reply);
    }
    while let Some(round) = waiting.join_next().await {
        assert!(matches!(round.unwrap(), Err(LinkError::Busy)));
    }
}

#[tokio::test]
async fn pulling_the_plug_drops_the_connection_and_replugging_opens_a_new_one() {
    let mut hub = hub().await;
    let mut link = hub.road.node_link();
    let (cut, ()) = tokio::join!(link.round(b"abc".to_vec(), false), async {
        let request = hub.requests.recv().await.unwrap();
        hub.road.plug.send_replace(false);
        drop(request);
    });
    assert!(
        matches!(cut, Err(LinkError::Unplugged | LinkError::Busy)),
        "{cut:?}"
    );
    assert!(matches!(
        link.round(b"abc".to_vec(), false).await,
        Err(LinkError::Unplugged)
    ));
    hub.road.plug.send_replace(true);
    let plug = hub.road.plug.clone();
    let _tasks = hub.echo();
    assert_eq!(
        link.round(b"abc".to_vec(), false)
            .await
            .unwrap()
            .body
            .as_ref(),
        b"cba"
    );
    plug.send_replace(false);
    assert!(matches!(
        link.round(b"abc".to_vec(), false).await,
        Err(LinkError::Unplugged)
    ));
}

#[tokio::test]
async fn a_hub_that_is_not_there_is_unreachable() {
    let hub = hub().await;
    let mut link = hub.road.node_link();
    drop(hub);
    assert!(matches!(
        link.round(b"abc".to_vec(), false).await,
        Err(LinkError::Unreachable(_) | LinkError::Broken(_) | LinkError::Unplugged)
    ));
}

#[tokio::test]
async fn connections_over_the_limit_are_closed_at_once() {
    let hub = hub().await;
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        open.push(by_hand(&hub.road, None).await);
    }
    let mut extra = TcpStream::connect(&hub.road.address).await.unwrap();
    let mut byte = [0];
    assert_eq!(
        extra.read(&mut byte).await.unwrap(),
        0,
        "closed before the handshake"
    );
}
