//! An enrolment over the real link: the code proves the node, the roots come sealed.

use sync_core::enrolment::{EnrolRequest, EnrolResponse, Roots};
use sync_core::id::Epoch;

use super::*;
use crate::identity::{AgeIdentity, seal};

/// Stands for Argon2id(code, slot), which the program computes.
const STRETCHED: [u8; 32] = [5; 32];

fn respond(hub: &Hub, bytes: &[u8]) -> LinkReply {
    let proven = EnrolRequest::open(bytes).and_then(|opened| opened.prove(&STRETCHED));
    let Ok(request) = proven else {
        return LinkReply {
            status: 403,
            body: Vec::new(),
        };
    };
    let roots = Roots {
        enrolment: [1; 32],
        sms: [2; 32],
    };
    let tls_certificate = hub
        .authority
        .issue(&request.public_key, "node-8", validity())
        .unwrap();
    let response = EnrolResponse {
        certificate: b"node certificate".to_vec(),
        hub_certificate: b"hub certificate".to_vec(),
        tls_certificate,
        ca_certificate: hub.authority.certificate().to_vec(),
        ca_key: hub.authority.key().public_key(),
        receipt_key: [3; 32],
        revocation_key: [4; 32],
        issuer_number: 9,
        leased_numbers: vec![4_711],
        provisional_prefix: "T9".to_owned(),
        sealed_roots: seal(&request.age_recipient, &roots.encode().unwrap()).unwrap(),
        revocation_list: Vec::new(),
    };
    LinkReply {
        status: 200,
        body: response.encode().unwrap(),
    }
}

async fn enrol(
    hub: &mut Hub,
    stretched: [u8; 32],
) -> Result<(SigningKey, EnrolResponse), LinkError> {
    let key = SigningKey::generate().unwrap();
    let age = AgeIdentity::generate();
    let request = EnrolRequest {
        slot: "clinic-12".to_owned(),
        public_key: key.public_key(),
        age_recipient: age.recipient(),
        epoch: Epoch::new(1, 0),
    };
    let bytes = request.sign(&key.pair().unwrap(), &stretched).unwrap();
    let mut link = hub.road.link(Endpoint::Enrol, None);
    let (answer, ()) = tokio::join!(link.round(bytes, false), async {
        let request = hub.requests.recv().await.unwrap();
        assert_eq!(
            (request.peer_key, request.endpoint),
            (None, Endpoint::Enrol)
        );
        let reply = respond(hub, &request.body);
        request.reply.send(reply).unwrap();
    });
    let response = EnrolResponse::decode(&answer?.body).unwrap();
    let roots = Roots::decode(&age.open(&response.sealed_roots).unwrap()).unwrap();
    assert_eq!(
        roots,
        Roots {
            enrolment: [1; 32],
            sms: [2; 32]
        }
    );
    Ok((key, response))
}

#[tokio::test]
async fn an_enrolled_node_speaks_with_its_new_key() {
    let mut hub = hub().await;
    let (key, response) = enrol(&mut hub, STRETCHED).await.unwrap();
    let public = key.public_key();
    let identity = TlsIdentity {
        certificate: response.tls_certificate,
        key,
    };
    let mut link = hub.road.link(Endpoint::Session, Some(&identity));
    let (answer, ()) = tokio::join!(link.round(b"hello".to_vec(), false), async {
        let request = hub.requests.recv().await.unwrap();
        assert_eq!(request.peer_key, Some(public));
        request
            .reply
            .send(LinkReply {
                status: 200,
                body: b"hello".to_vec(),
            })
            .unwrap();
    });
    assert_eq!(answer.unwrap().body.as_ref(), b"hello");
}

#[tokio::test]
async fn a_wrong_code_is_refused() {
    let mut hub = hub().await;
    let refused = enrol(&mut hub, [6; 32]).await;
    assert!(matches!(refused, Err(LinkError::Refused { status: 403 })));
}
