//! Dialects over a real socket: 200 sessions at once, signatures, posted screens, lost answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use ring::hmac;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use channels_core::Msisdn;
use channels_core::ussd_json::Account;

use super::*;
use crate::callback::signature::{Algorithm, Signature, Spelling};
use crate::http_client::HttpClient;

const KEY: &str = "key of the aggregator";
/// Sessions at once (CH6) and steps of each.
const SESSIONS: usize = 200;
const STEPS: usize = 4;

fn spoken(name: &str, target: Option<PushTarget>) -> UssdGatewayConfig {
    let dialect = Dialect::named(name).unwrap();
    config(&["127.0.0.1"])
        .with_dialect(dialect, target)
        .unwrap()
}

/// The request of a step as octets of HTTP.
fn request(name: &str, (session, step): (usize, usize)) -> String {
    let (phone, text) = (256_770_000_000_usize + session, step % 2);
    let (stamp, first) = (format!("2026-01-01 00:00:0{step}"), step == 0);
    let body = match name {
        "sendexa" => {
            json!({"sessionId": session, "phone": phone, "input": text, "timestamp": stamp,
            "type": if first { "new" } else { "continue" }})
        }
        "oltranz" => json!({"sessionId": session, "phoneNumber": phone, "text": text,
            "requestTime": stamp}),
        "ideamart" => json!({"sessionId": session, "sourceAddress": format!("tel:{phone}"),
            "ussdOperation": if first { "mo-init" } else { "mo-cont" }, "message": text,
            "requestId": stamp}),
        _ => {
            let operation = if first { "begin" } else { "continue" };
            return format!(
                "GET /ussd/{SECRET}?session_id={session}&session_msisdn={phone}&session_msg={text}\
                 &session_operation={operation} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n"
            );
        }
    };
    posted(&body.to_string(), "")
}

fn posted(body: &str, header: &str) -> String {
    format!(
        "POST /ussd/{SECRET} HTTP/1.1\r\nHost: g\r\nConnection: close\r\n{header}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A node with the rule of the store: a step that has its name already gets the stored answer.
struct Counting {
    effects: BTreeMap<(String, Msisdn), Vec<String>>,
    answers: BTreeMap<(String, String), String>,
}

fn counting(mut events: mpsc::Receiver<Delivery>) -> JoinHandle<Counting> {
    tokio::spawn(async move {
        let (effects, answers) = (BTreeMap::new(), BTreeMap::new());
        let mut node = Counting { effects, answers };
        while let Some(Delivery { event, reply }) = events.recv().await {
            let step = ussd(&event);
            let name = (step.session.clone(), step.step.clone().unwrap());
            let text = node.answers.entry(name).or_insert_with(|| {
                let key = (step.session.clone(), step.from.clone());
                let done = node.effects.entry(key).or_default();
                done.push(step.text.clone());
                format!("{} {} {}", step.session, step.from.as_str(), done.len())
            });
            let (text, end) = (text.clone(), false);
            reply.send(Reply::Screen { text, end }).unwrap();
        }
        node
    })
}

/// All sessions at once; each step comes twice at the same time, then once more, late.
async fn check_storm(name: &'static str, field: &'static str) {
    let Served {
        address,
        outgoing,
        events,
        channel,
    } = serve(spoken(name, None), 256).await;
    let node = counting(events);
    let mut sessions = JoinSet::new();
    for session in 0..SESSIONS {
        sessions.spawn(async move {
            for step in 0..STEPS {
                let octets = request(name, (session, step));
                let once = exchange(address, octets.as_bytes());
                let (first, second) = tokio::join!(once, exchange(address, octets.as_bytes()));
                assert_eq!(first, second, "{name}: a repeat has the same answer");
                let shown: Value = serde_json::from_str(&first.1).unwrap();
                let phone = 256_770_000_000_usize + session;
                let expected = format!("{session} {phone} {}", step + 1);
                assert_eq!(shown[field], expected, "{name}: no cross-talk, one effect");
            }
            // Late repeats of stamped steps, in another order.
            if name != "hollatags" {
                for step in [2, 1] {
                    exchange(address, request(name, (session, step)).as_bytes()).await;
                }
            }
        });
    }
    while let Some(done) = sessions.join_next().await {
        done.unwrap();
    }
    drop(outgoing);
    channel.await.unwrap();
    let effects = node.await.unwrap().effects;
    assert_eq!(effects.len(), SESSIONS);
    let typed: BTreeSet<Vec<String>> = effects.into_values().collect();
    let once = ["0", "1", "0", "1"].map(str::to_owned).to_vec();
    assert_eq!(typed, BTreeSet::from([once]), "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_doubled_and_reordered_sessions_do_not_cross() {
    for (name, field) in [("sendexa", "message"), ("oltranz", "response")] {
        check_storm(name, field).await;
    }
}

/// Negative control: where nobody looks at names, the same storm has more effects than steps.
#[tokio::test]
async fn without_names_a_repeat_is_a_second_effect() {
    let Served {
        address,
        outgoing,
        events,
        channel,
    } = serve(spoken("sendexa", None), 8).await;
    let node = echo(events);
    for _ in 0..2 {
        exchange(address, request("sendexa", (1, 1)).as_bytes()).await;
    }
    drop(outgoing);
    channel.await.unwrap();
    let seen = node.await.unwrap();
    assert_eq!(seen.len(), 2, "the gateway itself swallows nothing");
    assert_eq!(seen[0], seen[1], "only the name says that it is a repeat");
}

#[tokio::test]
async fn a_query_without_a_stamp_repeats_only_what_nobody_saw() {
    let mut served = serve(spoken("hollatags", None), 8).await;
    let address = served.address;
    let octets = request("hollatags", (1, 1));
    // The gateway gives up before the node answers: nobody has seen a screen.
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(octets.as_bytes()).await.unwrap();
    let lost = served.events.recv().await.unwrap();
    drop(stream);
    lost.reply.send(Reply::Busy).unwrap();
    let mut names = vec![ussd(&lost.event).step.clone().unwrap()];
    for _ in 0..2 {
        let octets = octets.clone();
        let asked = tokio::spawn(async move { exchange(address, octets.as_bytes()).await });
        let Delivery { event, reply } = served.events.recv().await.unwrap();
        names.push(ussd(&event).step.clone().unwrap());
        let (text, end) = ("Name?".to_owned(), false);
        reply.send(Reply::Screen { text, end }).unwrap();
        assert_eq!(asked.await.unwrap().0, 200);
    }
    assert_eq!(
        names[0], names[1],
        "the repeat of a lost answer is the same step"
    );
    assert_ne!(
        names[1], names[2],
        "after a screen the same digit is another answer"
    );
}

#[tokio::test]
async fn signed_callers_need_no_address_and_unsigned_ones_learn_nothing() {
    let how = (Algorithm::Sha256, Spelling::Hex);
    let signature = Signature::try_new(("x-signature", "sha256="), how, KEY).unwrap();
    let admission = Admission::try_new(SECRET, Vec::new(), Some(signature)).unwrap();
    let config = UssdGatewayConfig::new(LinkName("signed".to_owned()), admission);
    let dialect = Dialect::named("sendexa").unwrap();
    let served = serve(config.with_dialect(dialect, None).unwrap(), 8).await;
    let node = echo(served.events);
    let body = r#"{"sessionId":"s","phone":"256770000001","type":"new","timestamp":"1"}"#;
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes()),
        body.as_bytes(),
    );
    let hex = tag.as_ref().iter().fold(String::new(), |mut hex, octet| {
        write!(hex, "{octet:02x}").unwrap();
        hex
    });
    let header = format!("X-Signature: sha256={hex}\r\n");
    let answered = exchange(served.address, posted(body, &header).as_bytes()).await;
    assert_eq!(
        answered,
        (200, r#"{"message":"<>","shouldClose":false}"#.to_owned())
    );
    let changed = body.replace("256770000001", "256770000002");
    for (body, header) in [(body, ""), (&changed, header.as_str())] {
        let answered = exchange(served.address, posted(body, header).as_bytes()).await;
        assert_eq!(answered, (404, String::new()));
    }
    drop(served.outgoing);
    served.channel.await.unwrap();
    assert_eq!(node.await.unwrap().len(), 1);
}

#[tokio::test]
async fn screens_are_posted_where_the_dialect_wants_it() {
    let peer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ussd/send", peer.local_addr().unwrap());
    let target = PushTarget {
        client: HttpClient::new(&url, "", Duration::from_secs(5)).unwrap(),
        account: Account {
            name: "APP_1".to_owned(),
            secret: "pass".to_owned(),
        },
    };
    let served = serve(spoken("ideamart", Some(target)), 8).await;
    let node = echo(served.events);
    let answered = exchange(served.address, request("ideamart", (1, 1)).as_bytes()).await;
    assert_eq!(answered.0, 200);
    let said: Value = serde_json::from_str(&answered.1).unwrap();
    assert_eq!(said["statusCode"], "S1000");
    let (mut stream, _) = peer.accept().await.unwrap();
    let mut octets = vec![0; 4_096];
    let mut text = String::new();
    while !text.contains('}') {
        let read = stream.read(&mut octets).await.unwrap();
        assert_ne!(read, 0);
        text.push_str(&String::from_utf8_lossy(&octets[..read]));
    }
    let body: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(
        (&body["message"], &body["ussdOperation"]),
        (&json!("<1>"), &json!("mt-cont"))
    );
    assert_eq!(
        (&body["sessionId"], &body["password"]),
        (&json!("1"), &json!("pass"))
    );
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"statusCode\":\"S1000\"}")
        .await
        .unwrap();
    drop(served.outgoing);
    served.channel.await.unwrap();
    assert_eq!(node.await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_dialect_and_its_target_belong_together() {
    let push = Dialect::named("ideamart").unwrap();
    let refused = config(&["127.0.0.1"]).with_dialect(push, None);
    assert_eq!(refused.err(), Some(DialectError::NoTarget));
    let target = PushTarget {
        client: HttpClient::new("http://127.0.0.1:9/", "", Duration::from_secs(5)).unwrap(),
        account: Account::default(),
    };
    let answering = Dialect::named("sendexa").unwrap();
    let refused = config(&["127.0.0.1"]).with_dialect(answering, Some(target));
    assert_eq!(refused.err(), Some(DialectError::IdleTarget));
}
