//! Phones that dial, answer, text and receive over the loop-back bearer.

use tokio::task::JoinHandle;

use channels_core::SubmitOutcome;

use super::*;
use crate::{Channel, ChannelIo, Outgoing};

struct Bearer {
    phones: LoopBack,
    outgoing: mpsc::Sender<Outgoing>,
    events: mpsc::Receiver<Delivery>,
    channel: JoinHandle<()>,
}

fn bearer(queue: usize) -> Bearer {
    let (phones, channel) = LoopBack::new(LinkName("handset".to_owned()));
    let (inbound, events) = mpsc::channel(queue);
    let (outgoing, to_send) = mpsc::channel(4);
    let channel = tokio::spawn(channel.run(ChannelIo {
        inbound,
        outgoing: to_send,
    }));
    Bearer {
        phones,
        outgoing,
        events,
        channel,
    }
}

fn number() -> Msisdn {
    Msisdn::parse("+254700000001").unwrap()
}

fn screen(text: &str, end: bool) -> Reply {
    Reply::Screen {
        text: text.to_owned(),
        end,
    }
}

async fn ussd(events: &mut mpsc::Receiver<Delivery>, reply: Reply) -> UssdStep {
    let delivery = events.recv().await.unwrap();
    delivery.reply.send(reply).unwrap();
    match delivery.event {
        Inbound::Ussd(step) => step,
        other => panic!("not a step: {other:?}"),
    }
}

#[tokio::test]
async fn a_dialogue_runs_to_its_end() {
    let mut bearer = bearer(4);
    let mut phone = bearer.phones.handset(number(), USSD_LIMITS);
    let node = async {
        let begin = ussd(&mut bearer.events, screen("1 New person", false)).await;
        let first = ussd(&mut bearer.events, screen("Name?", false)).await;
        let again = ussd(&mut bearer.events, screen("Name?", false)).await;
        let last = ussd(&mut bearer.events, screen("Thank you.", true)).await;
        (begin, first, again, last)
    };
    let person = async {
        let menu = phone.dial("*384#").await.unwrap();
        phone.answer("1").await.unwrap();
        phone.repeat().await.unwrap();
        let thanks = phone.answer("Amina").await.unwrap();
        (menu, thanks, phone.answer("2").await)
    };
    let ((begin, first, again, last), (menu, thanks, after)) = tokio::join!(node, person);
    assert_eq!(
        (begin.op, begin.code.as_str(), begin.limits),
        (UssdOp::Begin, "*384#", (182, 80))
    );
    assert_eq!(first, again);
    assert_eq!((last.op, last.text.as_str()), (UssdOp::Continue, "Amina"));
    assert_ne!(first.step, last.step);
    assert_eq!((menu.text.as_str(), menu.open), ("1 New person", true));
    assert_eq!((thanks.text.as_str(), thanks.open), ("Thank you.", false));
    assert_eq!(after, Err(HandsetError::NoSession));
}

#[tokio::test]
async fn a_screen_over_the_bearers_limit_is_a_fault() {
    let mut bearer = bearer(4);
    let mut phone = bearer.phones.handset(number(), (160, 0));
    let (_, shown) = tokio::join!(
        ussd(&mut bearer.events, screen("ሰላም", false)),
        phone.dial("*384#")
    );
    assert_eq!(shown, Err(HandsetError::DoesNotFit { got: 3, limit: 0 }));
    let long = "a".repeat(161);
    let (_, shown) = tokio::join!(
        ussd(&mut bearer.events, screen(&long, false)),
        phone.repeat()
    );
    assert_eq!(
        shown,
        Err(HandsetError::DoesNotFit {
            got: 161,
            limit: 160
        })
    );
}

#[tokio::test]
async fn hanging_up_tells_the_node_once() {
    let mut bearer = bearer(4);
    let mut phone = bearer.phones.handset(number(), USSD_LIMITS);
    let (_, menu) = tokio::join!(
        ussd(&mut bearer.events, screen("Menu", false)),
        phone.dial("*384#")
    );
    assert!(menu.unwrap().open);
    let (abort, hung_up) = tokio::join!(ussd(&mut bearer.events, Reply::Accepted), phone.hang_up());
    assert_eq!((abort.op, hung_up), (UssdOp::Abort, Ok(())));
    assert_eq!(phone.hang_up().await, Ok(()));
    assert_eq!(
        bearer.events.try_recv().unwrap_err(),
        mpsc::error::TryRecvError::Empty
    );
}

#[tokio::test]
async fn busy_and_gone_nodes_are_told_apart() {
    let mut bearer = bearer(4);
    let mut phone = bearer.phones.handset(number(), USSD_LIMITS);
    let (_, shown) = tokio::join!(ussd(&mut bearer.events, Reply::Busy), phone.dial("*384#"));
    assert_eq!(shown, Err(HandsetError::Busy));
    drop(bearer.outgoing);
    bearer.channel.await.unwrap();
    assert_eq!(phone.repeat().await, Err(HandsetError::Closed));
}

#[tokio::test]
async fn a_message_reaches_the_inbox_and_its_receipt_the_node() {
    let mut bearer = bearer(4);
    let phone = bearer.phones.handset(number(), USSD_LIMITS);
    let (done, outcome) = oneshot::channel();
    let sms = OutgoingSms {
        id: "out-1".to_owned(),
        to: number(),
        from: Address::parse("384").unwrap(),
        data: Vec::new(),
        text: "Reply 1.".to_owned(),
        validity_s: 0,
    };
    bearer.outgoing.send(Outgoing { sms, done }).await.unwrap();
    let inbox = phone.inbox_reaches(1).await;
    assert_eq!(
        (inbox[0].from.as_str(), inbox[0].text.as_str()),
        ("384", "Reply 1.")
    );
    let SubmitOutcome::Sent { message_id } = outcome.await.unwrap() else {
        panic!("not sent")
    };
    for reply in [Reply::Busy, Reply::Accepted] {
        let delivery = bearer.events.recv().await.unwrap();
        let Inbound::Status(status) = delivery.event else {
            panic!("no receipt")
        };
        assert_eq!(
            (&status.message_id, status.delivered),
            (&message_id, Some(true))
        );
        delivery.reply.send(reply).unwrap();
    }
    let to = Address::parse("384").unwrap();
    let (delivery, sent) = tokio::join!(
        async {
            let delivery = bearer.events.recv().await.unwrap();
            delivery.reply.send(Reply::Accepted).unwrap();
            delivery.event
        },
        phone.sms(to, "1")
    );
    assert_eq!(sent, Ok(()));
    assert!(matches!(delivery, Inbound::Sms(sms) if sms.text == "1"));
}
