//! Limits of the SMSC and of a link whose node is behind.

use std::time::Duration;

use channels_core::Reply;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::*;
use crate::smpp::esme::{Esme, EsmeConfig};
use crate::{Channel, ChannelIo};

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
        rate_per_s: 100,
    }
}

async fn smsc() -> (SmscHandle, mpsc::Receiver<SmscEvent>) {
    let (events_in, events) = mpsc::channel(8);
    let config = SmscConfig {
        accounts: vec![account()],
    };
    let address = "127.0.0.1:0".parse().unwrap();
    (
        Smsc::bind(address, config, events_in).await.unwrap(),
        events,
    )
}

#[tokio::test]
async fn a_node_whose_queue_is_full_makes_the_smsc_try_later() {
    let (smsc, mut events) = smsc().await;
    let (inbound_in, mut inbound) = mpsc::channel(2);
    let (outgoing, outgoing_out) = mpsc::channel(1);
    let config = EsmeConfig::new("a", smsc.local_addr(), "node", "secret");
    let io = ChannelIo {
        inbound: inbound_in,
        outgoing: outgoing_out,
    };
    let esme = tokio::spawn(Esme::new(config).unwrap().run(io));
    soon(events.recv()).await.unwrap();
    let mut delivering = JoinSet::new();
    for _ in 0..3 {
        let (smsc, text) = (smsc.clone(), "hello".to_owned());
        let (from, to) = ("26878000001".to_owned(), "384".to_owned());
        let deliver = Deliver {
            from,
            to,
            text,
            ussd: None,
            receipt: None,
        };
        delivering.spawn(async move { smsc.deliver("node", deliver).await });
    }
    assert_eq!(
        soon(delivering.join_next()).await.unwrap().unwrap(),
        Ok(0x64)
    );
    for _ in 0..2 {
        soon(inbound.recv())
            .await
            .unwrap()
            .reply
            .send(Reply::Accepted)
            .unwrap();
        assert_eq!(soon(delivering.join_next()).await.unwrap().unwrap(), Ok(0));
    }
    drop(outgoing);
    soon(esme).await.unwrap();
}

#[tokio::test]
async fn connection_sixty_five_is_closed_at_once() {
    let (smsc, _events) = smsc().await;
    let mut streams = Vec::new();
    for _ in 0..listener::CONNECTIONS_MAX {
        streams.push(TcpStream::connect(smsc.local_addr()).await.unwrap());
    }
    let mut refused = TcpStream::connect(smsc.local_addr()).await.unwrap();
    assert_eq!(soon(refused.read(&mut [0; 1])).await.unwrap(), 0);
    drop(smsc);
    // With the last handle the SMSC ends, and all its connections.
    let mut first = streams.remove(0);
    assert_eq!(soon(first.read(&mut [0; 1])).await.unwrap(), 0);
}

#[tokio::test]
async fn another_address_than_loopback_is_refused() {
    let (events_in, _events) = mpsc::channel(1);
    let address = "0.0.0.0:0".parse().unwrap();
    let refused = Smsc::bind(address, SmscConfig::default(), events_in)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::Unsupported);
}
