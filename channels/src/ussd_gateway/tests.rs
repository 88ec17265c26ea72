//! The gateway over a real socket: steps, retries, refusals, and a node that is busy.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use channels_core::{Inbound, Reply, UssdOp, UssdStep};
use tokio::sync::oneshot;

use super::*;
use crate::callback::caller::CallerRange;

mod dialect;

const SECRET: &str = "0123456789abcdef";

struct Served {
    address: SocketAddr,
    outgoing: mpsc::Sender<Outgoing>,
    events: mpsc::Receiver<Delivery>,
    channel: JoinHandle<()>,
}

async fn serve(config: UssdGatewayConfig, queue: usize) -> Served {
    let gateway = UssdGateway::bind("127.0.0.1:0".parse().unwrap(), config)
        .await
        .unwrap();
    let address = gateway.local_addr();
    let (inbound, events) = mpsc::channel(queue);
    let (outgoing, to_send) = mpsc::channel(1);
    let channel = tokio::spawn(gateway.run(ChannelIo {
        inbound,
        outgoing: to_send,
    }));
    Served {
        address,
        outgoing,
        events,
        channel,
    }
}

fn config(callers: &[&str]) -> UssdGatewayConfig {
    let callers = callers
        .iter()
        .map(|range| CallerRange::parse(range).unwrap())
        .collect();
    let admission = Admission::try_new(SECRET, callers, None).unwrap();
    UssdGatewayConfig::new(LinkName("at".to_owned()), admission)
}

/// A node that shows what it was told; the events that it saw come back when the link closes.
fn echo(mut events: mpsc::Receiver<Delivery>) -> JoinHandle<Vec<Inbound>> {
    tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Some(Delivery { event, reply }) = events.recv().await {
            let answer = match &event {
                Inbound::Ussd(step) => Reply::Screen {
                    text: format!("<{}>", step.text),
                    end: step.text == "0",
                },
                _ => Reply::Accepted,
            };
            seen.push(event);
            reply.send(answer).unwrap();
        }
        seen
    })
}

async fn exchange(address: SocketAddr, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

async fn post_form(address: SocketAddr, path: &str, body: &str) -> (u16, String) {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(address, format!("{head}{body}").as_bytes()).await
}

fn step_form(text: &str) -> String {
    format!(
        "sessionId=ATUid_1&phoneNumber=%2B254700000001&networkCode=63902&serviceCode=*384%23&text={text}"
    )
}

fn path(kind: &str) -> String {
    format!("/{kind}/{SECRET}")
}

fn ussd(event: &Inbound) -> &UssdStep {
    match event {
        Inbound::Ussd(step) => step,
        other => panic!("not a step: {other:?}"),
    }
}

#[tokio::test]
async fn a_session_is_served_and_a_repeated_step_names_itself_alike() {
    let Served {
        address,
        outgoing,
        events,
        channel,
    } = serve(config(&["127.0.0.1"]), 8).await;
    let node = echo(events);
    for (text, answer) in [
        ("", "CON <>"),
        ("1", "CON <1>"),
        ("1", "CON <1>"),
        ("1*a%2Ab", "CON <a*b>"),
    ] {
        let answered = post_form(address, &path("ussd"), &step_form(text)).await;
        assert_eq!(answered, (200, answer.to_owned()));
    }
    let answered = post_form(address, &path("ussd"), &step_form("1*a*b*0")).await;
    assert_eq!(answered, (200, "END <0>".to_owned()));
    drop(outgoing);
    channel.await.unwrap();
    let seen = node.await.unwrap();
    assert_eq!(ussd(&seen[0]).op, UssdOp::Begin);
    assert_eq!(ussd(&seen[0]).limits, (160, 0));
    assert_eq!(seen[1], seen[2]);
    assert_eq!(ussd(&seen[3]).step.as_deref(), Some("1*a*b"));
}

#[tokio::test]
async fn callbacks_of_sms_receipts_and_ends_become_events() {
    let Served {
        address,
        outgoing,
        events,
        channel,
    } = serve(config(&["127.0.0.0/8"]), 8).await;
    let node = echo(events);
    let sms = "id=1&from=%2B254700000001&to=384&text=1&date=2017-05-03+06%3A04%3A45";
    assert_eq!(
        post_form(address, &path("sms"), sms).await,
        (200, String::new())
    );
    let receipt = "id=ATXid_1&status=Success";
    assert_eq!(
        post_form(address, &path("receipt"), receipt).await,
        (200, String::new())
    );
    for status in ["Success", "Incomplete"] {
        let end = format!("sessionId=a&phoneNumber=%2B254700000001&status={status}");
        assert_eq!(
            post_form(address, &path("ussd-end"), &end).await,
            (200, String::new())
        );
    }
    drop(outgoing);
    channel.await.unwrap();
    let seen = node.await.unwrap();
    assert_eq!(seen.len(), 3);
    assert!(matches!(&seen[0], Inbound::Sms(sms) if sms.text == "1"));
    assert!(matches!(&seen[1], Inbound::Status(status) if status.delivered == Some(true)));
    assert_eq!(ussd(&seen[2]).op, UssdOp::Abort);
}

#[tokio::test]
async fn strangers_and_wrong_secrets_learn_nothing() {
    let served = serve(config(&["127.0.0.1"]), 8).await;
    let wrong = format!("/ussd/{}", SECRET.replace('f', "e"));
    assert_eq!(
        post_form(served.address, &wrong, &step_form("")).await.0,
        404
    );
    assert_eq!(
        post_form(served.address, "/ussd/", &step_form("")).await.0,
        404
    );
    let elsewhere = serve(config(&["192.0.2.1"]), 8).await;
    assert_eq!(
        post_form(elsewhere.address, &path("ussd"), &step_form(""))
            .await
            .0,
        404
    );
    let get = format!(
        "GET {} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n",
        path("ussd")
    );
    assert_eq!(exchange(served.address, get.as_bytes()).await.0, 405);
}

#[tokio::test]
async fn malformed_bodies_are_refused_with_a_reason_and_reach_nobody() {
    let mut served = serve(config(&["127.0.0.1"]), 8).await;
    for body in [
        "",
        "sessionId=a",
        "sessionId=%zz",
        "\u{0}",
        "sessionId=a&phoneNumber=Amina",
    ] {
        let (status, reason) = post_form(served.address, &path("ussd"), body).await;
        assert_eq!(status, 400);
        assert!(reason.starts_with("form refused at octet"), "{reason}");
        assert!(!reason.contains("Amina"));
    }
    assert_eq!(
        post_form(served.address, &path("sms"), "from=1").await.0,
        400
    );
    assert_eq!(
        post_form(served.address, &path("receipt"), "id=1").await.0,
        400
    );
    assert_eq!(
        post_form(served.address, &path("ussd-end"), "id=1").await.0,
        400
    );
    assert_eq!(
        served.events.try_recv().unwrap_err(),
        mpsc::error::TryRecvError::Empty
    );
}

#[tokio::test]
async fn five_thousand_characters_pass_and_nine_thousand_octets_do_not() {
    let mut served = serve(config(&["127.0.0.1"]), 8).await;
    let (address, long) = (served.address, step_form(&"1".repeat(5_000)));
    let asked = tokio::spawn(async move { post_form(address, &path("ussd"), &long).await });
    let Delivery { event, reply } = served.events.recv().await.unwrap();
    assert_eq!(ussd(&event).text.len(), 5_000);
    reply
        .send(Reply::Screen {
            text: "Type less.".to_owned(),
            end: false,
        })
        .unwrap();
    assert_eq!(asked.await.unwrap(), (200, "CON Type less.".to_owned()));
    let larger = step_form(&"1".repeat(9_000));
    assert_eq!(post_form(address, &path("ussd"), &larger).await.0, 413);
    let chunked = format!(
        "POST {} HTTP/1.1\r\nHost: g\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{larger}\r\n0\r\n\r\n",
        path("ussd"),
        larger.len()
    );
    assert_eq!(exchange(address, chunked.as_bytes()).await.0, 413);
}

#[tokio::test]
async fn what_was_not_committed_is_answered_503() {
    let quick = config(&["127.0.0.1"]).with_answer_within(Duration::from_millis(20));
    let mut served = serve(quick, 1).await;
    // Nobody answers in time, then the queue of one is full, then the node says so itself.
    assert_eq!(
        post_form(served.address, &path("ussd"), &step_form(""))
            .await
            .0,
        503
    );
    assert_eq!(
        post_form(served.address, &path("ussd"), &step_form(""))
            .await
            .0,
        503
    );
    drop(served.events.recv().await.unwrap());
    assert_eq!(
        served.events.try_recv().unwrap_err(),
        mpsc::error::TryRecvError::Empty
    );
    let address = served.address;
    let asked =
        tokio::spawn(
            async move { post_form(address, &path("sms"), "from=384&to=385&text=a").await },
        );
    served
        .events
        .recv()
        .await
        .unwrap()
        .reply
        .send(Reply::Busy)
        .unwrap();
    assert_eq!(asked.await.unwrap(), (503, String::new()));
}

#[tokio::test]
async fn an_sms_handed_over_by_mistake_goes_back_to_the_outbox() {
    let served = serve(config(&["127.0.0.1"]), 1).await;
    let (done, outcome) = oneshot::channel();
    let sms = channels_core::OutgoingSms {
        id: "1".to_owned(),
        to: channels_core::Msisdn::parse("+254700000001").unwrap(),
        from: channels_core::Address::parse("384").unwrap(),
        data: Vec::new(),
        text: "a".to_owned(),
        validity_s: 0,
    };
    served.outgoing.send(Outgoing { sms, done }).await.unwrap();
    assert_eq!(
        outcome.await.unwrap(),
        SubmitOutcome::TryLater {
            after_s: SMS_LATER_S
        }
    );
}

#[tokio::test]
async fn weak_secrets_and_open_addresses_do_not_start() {
    for secret in ["short", "0123456789abcde/"] {
        let here = vec![CallerRange::parse("127.0.0.1").unwrap()];
        let refused = Admission::try_new(secret, here, None);
        assert!(matches!(
            refused,
            Err(CallbackError::Secret { minimum: 16 })
        ));
    }
    let anybody = Admission::try_new(SECRET, Vec::new(), None);
    assert!(matches!(anybody, Err(CallbackError::Open)));
    let config = config(&["127.0.0.1"]);
    assert!(!format!("{config:?}").contains(SECRET));
    let open = UssdGateway::bind("0.0.0.0:0".parse().unwrap(), config).await;
    assert!(matches!(open, Err(CallbackError::NotLoopback)));
}
