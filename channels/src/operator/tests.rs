//! People, the operator and a real ESME on a loopback socket.

use tokio::task::JoinHandle;

use channels_core::{Address, Inbound, LinkName, OutgoingSms, Reply, SubmitOutcome, UssdOp};

use super::*;
use crate::smpp::esme::{Esme, EsmeConfig};
use crate::{Channel, ChannelIo, Delivery, Outgoing};

const NODE: &str = "node-a";

/// An application: an ESME link and what it brings in.
struct Linked {
    outgoing: mpsc::Sender<Outgoing>,
    events: mpsc::Receiver<Delivery>,
    channel: JoinHandle<()>,
}

fn times() -> OperatorTimes {
    OperatorTimes {
        repeat_after: Duration::from_millis(10),
        receipt_after: Duration::from_millis(1),
        ..OperatorTimes::default()
    }
}

async fn operator(times: OperatorTimes) -> Operator {
    let application = |system_id: &str, short_code: &str, ussd_code: &str| Application {
        system_id: system_id.to_owned(),
        password: "secret".to_owned(),
        short_code: short_code.to_owned(),
        ussd_code: ussd_code.to_owned(),
    };
    let applications = vec![
        application(NODE, "38401", "*384*1#"),
        application("hub", "384", "*384#"),
    ];
    Operator::start("127.0.0.1:0".parse().unwrap(), applications, times)
        .await
        .unwrap()
}

async fn link(operator: &Operator, system_id: &str) -> Linked {
    let config = EsmeConfig::new(system_id, operator.local_addr(), system_id, "secret");
    let (inbound, events) = mpsc::channel(16);
    let (outgoing, to_send) = mpsc::channel(16);
    let io = ChannelIo {
        inbound,
        outgoing: to_send,
    };
    let channel = tokio::spawn(Esme::new(config).unwrap().run(io));
    operator.bound(system_id).await;
    Linked {
        outgoing,
        events,
        channel,
    }
}

fn phone(last: u8) -> Msisdn {
    Msisdn::parse(&format!("+2547000000{last:02}")).unwrap()
}

fn screen(text: &str, end: bool) -> Reply {
    Reply::Screen {
        text: text.to_owned(),
        end,
    }
}

/// Shows what was typed; `0` ends the session, receipts and SMS are accepted.
fn echo(mut events: mpsc::Receiver<Delivery>) -> JoinHandle<Vec<Inbound>> {
    tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Some(Delivery { event, reply }) = events.recv().await {
            let answer = match &event {
                Inbound::Ussd(step) if step.op == UssdOp::Abort => Reply::Accepted,
                Inbound::Ussd(step) => {
                    screen(&format!("{}<{}>", step.code, step.text), step.text == "0")
                }
                _ => Reply::Accepted,
            };
            seen.push(event);
            // The link may be closing.
            drop(reply.send(answer));
        }
        seen
    })
}

/// Hands a message over; a link whose bind was accepted may still have to hear so itself.
async fn send(outgoing: &mpsc::Sender<Outgoing>, to: Msisdn, text: &str) -> SubmitOutcome {
    let from = Address::parse("38401").unwrap();
    for _ in 0..10_000 {
        let (done, outcome) = oneshot::channel();
        let sms = OutgoingSms {
            id: "1".to_owned(),
            to: to.clone(),
            from: from.clone(),
            data: Vec::new(),
            text: text.to_owned(),
            validity_s: 0,
        };
        outgoing.send(Outgoing { sms, done }).await.unwrap();
        match outcome.await.unwrap() {
            SubmitOutcome::TryLater { .. } => tokio::task::yield_now().await,
            outcome => return outcome,
        }
    }
    panic!("the link never took the message");
}

#[tokio::test]
async fn a_person_dials_answers_and_ends_over_smpp() {
    let operator = operator(times()).await;
    let node = link(&operator, NODE).await;
    let seen = echo(node.events);
    let menu = operator.dial(&phone(1), "*384*1#").await;
    assert_eq!(
        (menu.text.as_str(), menu.open, menu.network),
        ("*384*1#<>", true, false)
    );
    assert_eq!(
        operator.answer(&phone(1), "Amina {W}").await.text,
        "<Amina {W}>"
    );
    assert!(!operator.answer(&phone(1), "0").await.open);
    assert_eq!(
        operator.answer(&phone(1), "1").await,
        network(SCREEN_NO_SESSION)
    );
    assert!(operator.dial(&phone(1), "*384*1#").await.open);
    operator.hang_up(&phone(1)).await;
    assert_eq!(operator.evidence().screens, 4);
    drop(node.outgoing);
    node.channel.await.unwrap();
    let seen = seen.await.unwrap();
    let ops: Vec<UssdOp> = seen
        .iter()
        .map(|event| match event {
            Inbound::Ussd(step) => step.op,
            other => panic!("not a step: {other:?}"),
        })
        .collect();
    let Inbound::Ussd(first) = &seen[0] else {
        panic!("no step")
    };
    assert_eq!(
        (&first.from, &first.link),
        (&phone(1), &LinkName(NODE.to_owned()))
    );
    let (begin, go_on) = (UssdOp::Begin, UssdOp::Continue);
    assert_eq!(ops, [begin, go_on, go_on, begin, UssdOp::Abort]);
}

#[tokio::test]
async fn codes_go_to_the_application_with_the_longest_one() {
    let operator = operator(times()).await;
    let (node, hub) = (link(&operator, NODE).await, link(&operator, "hub").await);
    let (at_node, at_hub) = (echo(node.events), echo(hub.events));
    assert_eq!(
        operator.dial(&phone(1), "*384*1*5#").await.text,
        "*384*1*5#<>"
    );
    assert_eq!(
        operator.dial(&phone(2), "*384*12#").await.text,
        "*384*12#<>"
    );
    assert_eq!(
        operator.dial(&phone(3), "*3845#").await,
        network(SCREEN_NO_CODE)
    );
    drop((node.outgoing, hub.outgoing));
    assert_eq!(
        (at_node.await.unwrap().len(), at_hub.await.unwrap().len()),
        (1, 1)
    );
}

#[tokio::test]
async fn fifty_phones_at_once_see_their_own_screens() {
    let operator = operator(times()).await;
    let node = link(&operator, NODE).await;
    let _seen = echo(node.events);
    let mut people = JoinSet::new();
    for number in 0..50_u8 {
        let operator = operator.clone();
        people.spawn(async move {
            operator.dial(&phone(number), "*384*1#").await;
            let shown = operator.answer(&phone(number), &number.to_string()).await;
            shown.text == format!("<{number}>")
        });
    }
    let served = people.join_all().await;
    assert!(served.into_iter().all(|own| own));
    assert_eq!(operator.evidence().screens, 100);
}

#[tokio::test]
async fn messages_are_received_counted_and_receipted() {
    let operator = operator(times()).await;
    let mut node = link(&operator, NODE).await;
    let long = "Habari {mama}. ".repeat(15);
    for text in ["Reply 1.", &long, "Reply 1."] {
        let outcome = send(&node.outgoing, phone(1), text).await;
        let SubmitOutcome::Sent { message_id } = outcome else {
            panic!("{outcome:?}")
        };
        // The receipt is repeated until the application has committed it.
        for reply in [Reply::Busy, Reply::Accepted] {
            let delivery = node.events.recv().await.unwrap();
            let Inbound::Status(status) = &delivery.event else {
                panic!("no receipt")
            };
            assert_eq!(
                (&status.message_id, status.delivered),
                (&message_id, Some(true))
            );
            delivery.reply.send(reply).unwrap();
        }
    }
    let inbox = operator.inbox_reaches(&phone(1), 3).await;
    assert_eq!(inbox[0].from, "38401");
    assert_eq!(inbox[1].text, long);
    let evidence = operator.evidence();
    assert_eq!((evidence.submits, evidence.duplicate_texts), (3, 1));
    assert_eq!(operator.phones(), [phone(1)]);
}

#[tokio::test]
async fn an_sms_from_a_phone_is_repeated_until_it_is_committed() {
    let operator = operator(times()).await;
    let mut node = link(&operator, NODE).await;
    let texting = operator.clone();
    let sent = tokio::spawn(async move { texting.send_sms(&phone(1), "38401", "ሰላም 1").await });
    for reply in [Reply::Busy, Reply::Busy, Reply::Accepted] {
        let delivery = node.events.recv().await.unwrap();
        let Inbound::Sms(sms) = &delivery.event else {
            panic!("no message")
        };
        assert_eq!(
            (sms.text.as_str(), sms.from.phone()),
            ("ሰላም 1", Some(&phone(1)))
        );
        delivery.reply.send(reply).unwrap();
    }
    assert_eq!(sent.await.unwrap(), Ok(()));
    let lost = operator.send_sms(&phone(1), "999", "a").await;
    assert_eq!(lost, Err(SmsError::NoCode));
}

#[tokio::test]
async fn a_step_that_is_not_committed_is_repeated_and_then_given_up() {
    let quick = OperatorTimes {
        step_within: Duration::from_secs(1),
        ..times()
    };
    let operator = operator(quick).await;
    assert_eq!(
        operator.dial(&phone(1), "*384*1#").await,
        network(SCREEN_NO_SERVICE)
    );
    let mut node = link(&operator, NODE).await;
    let dialling = operator.clone();
    let dialled = tokio::spawn(async move { dialling.dial(&phone(1), "*384*1#").await });
    let first = node.events.recv().await.unwrap();
    first.reply.send(Reply::Busy).unwrap();
    let second = node.events.recv().await.unwrap();
    assert_eq!(first.event, second.event);
    second.reply.send(screen("Menu", false)).unwrap();
    assert_eq!(dialled.await.unwrap().text, "Menu");
    // Nobody answers the next one: the network gives up, and the late screen reaches nobody.
    assert_eq!(
        operator.answer(&phone(1), "1").await,
        network(SCREEN_NO_ANSWER)
    );
    let late = node.events.recv().await.unwrap();
    drop(late.reply.send(screen("Late", false)));
    assert_eq!(
        operator.answer(&phone(1), "1").await,
        network(SCREEN_NO_SESSION)
    );
    assert_eq!(operator.evidence().screens, 1);
}

#[tokio::test]
async fn the_socket_is_free_again_after_the_last_clone() {
    let operator = operator(times()).await;
    let address = operator.local_addr();
    let node = link(&operator, NODE).await;
    drop((node.outgoing, operator));
    node.channel.await.unwrap();
    // The operator's tasks end by themselves; how soon is the runtime's business.
    for _ in 0..10_000 {
        if let Ok(again) = Operator::start(address, Vec::new(), times()).await {
            assert_eq!(again.local_addr(), address);
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the address stays taken");
}

#[test]
fn nothing_personal_is_in_the_debug_form() {
    let shown = network("Amina");
    let sms = ReceivedSms {
        from: "384".to_owned(),
        text: "Amina".to_owned(),
        order: 1,
    };
    assert!(!format!("{shown:?} {sms:?}").contains("Amina"));
}
