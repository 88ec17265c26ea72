//! The link against a scripted API over real sockets: what is sent, held, asked for, taken in.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use channels_core::{Address, Msisdn, Reply};

use super::*;
use crate::Delivery;
use crate::callback::caller::CallerRange;

const SECRET: &str = "0123456789abcdef";
const TALKING: &str =
    r#"{"SMSMessageData":{"Recipients":[{"status":"STATUS","messageId":"ATXid_1"}]}}"#;

/// Answers one request after the other with the given statuses and bodies; the last answer goes on.
/// A status of 0 closes the connection without an answer. Gives the heads and bodies that came.
async fn scripted(answers: Vec<(u16, String)>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/messaging", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut seen = Vec::new();
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            seen.push(request(&mut stream).await);
            let answer = format!(
                "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            if status > 0 {
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
        seen
    });
    (url, served)
}

async fn request(stream: &mut TcpStream) -> String {
    let (mut octets, mut text) = (vec![0; 8_192], String::new());
    loop {
        let read = stream.read(&mut octets).await.unwrap();
        text.push_str(&String::from_utf8_lossy(&octets[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        });
        if body.len() >= length.unwrap().parse().unwrap() {
            return text;
        }
    }
}

struct Link {
    address: SocketAddr,
    outgoing: mpsc::Sender<Outgoing>,
    events: mpsc::Receiver<Delivery>,
    channel: JoinHandle<()>,
}

async fn link(api: &str, submit: &str, query: Option<&str>) -> Link {
    let client = |url: &str| HttpClient::new(url, "", Duration::from_secs(5)).unwrap();
    let here = vec![CallerRange::parse("127.0.0.1").unwrap()];
    let config = HttpSmsConfig {
        link: LinkName("sms".to_owned()),
        admission: Admission::try_new(SECRET, here, None).unwrap(),
        api: SmsApi::named(api).unwrap(),
        account: Account {
            name: "clinic".to_owned(),
            secret: "secret key".to_owned(),
        },
        submit: client(submit),
        query: query.map(client),
        rate: RATE_MAX,
        pauses: Pauses {
            question: Duration::from_millis(1),
            ..Pauses::default()
        },
    };
    let channel = HttpSms::bind("127.0.0.1:0".parse().unwrap(), config)
        .await
        .unwrap();
    let address = channel.local_addr();
    let (inbound, events) = mpsc::channel(8);
    let (outgoing, queue) = mpsc::channel(8);
    let io = ChannelIo {
        inbound,
        outgoing: queue,
    };
    let channel = tokio::spawn(channel.run(io));
    Link {
        address,
        outgoing,
        events,
        channel,
    }
}

impl Link {
    async fn send(&self) -> SubmitOutcome {
        let (done, outcome) = oneshot::channel();
        let sms = OutgoingSms {
            id: "00ff".to_owned(),
            to: Msisdn::parse("+254700000001").unwrap(),
            from: Address::parse("384").unwrap(),
            data: Vec::new(),
            text: "Amina is born.".to_owned(),
            validity_s: 0,
        };
        self.outgoing.send(Outgoing { sms, done }).await.unwrap();
        outcome.await.unwrap()
    }

    async fn stop(self) {
        drop(self.outgoing);
        self.channel.await.unwrap();
    }
}

fn talking(status: &str) -> (u16, String) {
    (201, TALKING.replace("STATUS", status))
}

fn sent(message_id: &str) -> SubmitOutcome {
    SubmitOutcome::Sent {
        message_id: message_id.to_owned(),
    }
}

#[tokio::test]
async fn the_recipients_status_decides_and_not_the_status_of_http() {
    let answers = [
        "Success",
        "UserInBlacklist",
        "Sideways",
        "InsufficientBalance",
    ];
    let (url, api) = scripted(answers.map(talking).to_vec()).await;
    let link = link("africas-talking", &url, None).await;
    assert_eq!(link.send().await, sent("ATXid_1"));
    assert_eq!(link.send().await, SubmitOutcome::Failed { code: 0 });
    assert_eq!(link.send().await, SubmitOutcome::Unknown);
    assert_eq!(link.send().await, SubmitOutcome::NoCredit);
    let seen = api.await.unwrap();
    assert!(
        seen[0].starts_with("POST /messaging HTTP/1.1\r\n"),
        "{}",
        seen[0]
    );
    assert!(seen[0].contains("apikey: secret key\r\n"));
    let body = seen[0].split_once("\r\n\r\n").unwrap().1;
    assert_eq!(
        body,
        "username=clinic&to=%2B254700000001&message=Amina%20is%20born.&from=384"
    );
    link.stop().await;
}

#[tokio::test]
async fn without_credit_the_link_pauses_and_asks_nobody() {
    // One answer only: a second request would find nobody and be told as not sent.
    let (url, api) = scripted(vec![talking("InsufficientBalance")]).await;
    let link = link("africas-talking", &url, None).await;
    for _ in 0..3 {
        assert_eq!(link.send().await, SubmitOutcome::NoCredit);
    }
    assert_eq!(api.await.unwrap().len(), 1);
    link.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_question_settles_it() {
    let (url, api) = scripted(vec![(0, String::new())]).await;
    let mute = link("africas-talking", &url, None).await;
    assert_eq!(mute.send().await, SubmitOutcome::Unknown);
    assert_eq!(api.await.unwrap().len(), 1, "not sent again blindly");
    mute.stop().await;

    let said = |word: &str| {
        (
            200,
            format!(r#"{{"message":{{"status":"{word}","id":"x"}}}}"#),
        )
    };
    for (word, outcome) in [
        ("accepted", sent("00ff")),
        ("not-found", SubmitOutcome::TryLater { after_s: 30 }),
    ] {
        let (submit, submitted) = scripted(vec![(0, String::new())]).await;
        let (query, asked) = scripted(vec![(503, String::new()), said(word)]).await;
        let link = link("json", &submit, Some(&query)).await;
        assert_eq!(link.send().await, outcome);
        assert!(submitted.await.unwrap()[0].contains("\"reference\":\"00ff\""));
        let asked = asked.await.unwrap();
        assert_eq!(asked.len(), 2);
        assert!(asked[1].contains("\"reference\":\"00ff\"") && !asked[1].contains("2547"));
        link.stop().await;
    }
}

#[tokio::test]
async fn an_api_that_is_not_there_took_nothing() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    let link = link("africas-talking", &url, None).await;
    assert_eq!(
        link.send().await,
        SubmitOutcome::TryLater {
            after_s: NOT_SENT_S
        }
    );
    link.stop().await;
}

async fn post_to(address: SocketAddr, path: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let octets = format!(
        "POST {path} HTTP/1.1\r\nHost: g\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(octets.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn callbacks_are_answered_after_commit_and_by_nobody_else() {
    let mut link = link("africas-talking", "http://127.0.0.1:9/", None).await;
    let address = link.address;
    let receipt = "id=ATXid_1&status=Success";
    for (reply, status) in [(Reply::Accepted, 200), (Reply::Busy, 503)] {
        let posted =
            tokio::spawn(
                async move { post_to(address, &format!("/receipt/{SECRET}"), receipt).await },
            );
        let Delivery {
            event,
            reply: answer,
        } = link.events.recv().await.unwrap();
        assert!(!posted.is_finished(), "answered before the commit");
        assert!(matches!(event, Inbound::Status(status) if status.delivered == Some(true)));
        answer.send(reply).unwrap();
        assert_eq!(posted.await.unwrap(), status);
    }
    let text = "from=%2B254700000001&to=384&text=1&date=2017-05-03+06%3A04%3A45";
    let posted =
        tokio::spawn(async move { post_to(address, &format!("/sms/{SECRET}"), text).await });
    let Delivery { event, reply } = link.events.recv().await.unwrap();
    assert!(matches!(event, Inbound::Sms(sms) if sms.sent.is_some()));
    reply.send(Reply::Accepted).unwrap();
    assert_eq!(posted.await.unwrap(), 200);
    assert_eq!(post_to(address, "/sms/0123456789abcdeF", text).await, 404);
    assert_eq!(
        post_to(address, &format!("/sms/{SECRET}"), "from=1").await,
        400
    );
    link.stop().await;
}
