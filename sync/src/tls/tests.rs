//! TLS by hand over memory: versions, pinned authority, client keys, times.

use rustls::{ClientConnection, ServerConnection, version::TLS12};

use super::*;
use crate::identity::{CertificateAuthority, Validity};

const DAY_2026: u64 = 1_775_000_000;
const DAY_2060: u64 = 2_850_000_000;

struct World {
    authority: CertificateAuthority,
    hub: TlsIdentity,
    node: TlsIdentity,
}

fn world() -> World {
    let validity = Validity {
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2046-01-01T00:00:00Z".parse().unwrap(),
    };
    let key = SigningKey::generate().unwrap();
    let authority = CertificateAuthority::create("hub ca", key, validity).unwrap();
    let identity = |name: &str| {
        let key = SigningKey::generate().unwrap();
        let certificate = authority.issue(&key.public_key(), name, validity).unwrap();
        TlsIdentity { certificate, key }
    };
    let (hub, node) = (identity("hub.test"), identity("node-7"));
    World {
        authority,
        hub,
        node,
    }
}

fn at(seconds: u64) -> TimeSource {
    TimeSource::new(move || seconds)
}

/// Runs a handshake; the key that the server saw, or the first error of either side.
fn handshake(
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
) -> Result<Option<[u8; 32]>, rustls::Error> {
    let name = "hub.test".try_into().unwrap();
    let mut client = ClientConnection::new(client, name).unwrap();
    let mut server = ServerConnection::new(server).unwrap();
    for _ in 0..8 {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        let mut bytes = bytes.as_slice();
        while !bytes.is_empty() {
            server.read_tls(&mut bytes).unwrap();
            server.process_new_packets()?;
        }
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        let mut bytes = bytes.as_slice();
        while !bytes.is_empty() {
            client.read_tls(&mut bytes).unwrap();
            client.process_new_packets()?;
        }
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
    let chain = server.peer_certificates();
    Ok(chain
        .and_then(|chain| chain.first())
        .and_then(|first| public_key(first)))
}

#[test]
fn both_sides_prove_their_keys() {
    let w = world();
    let ca = w.authority.certificate();
    let server = server(&w.hub, ca, at(DAY_2026)).unwrap();
    let with = client(ca, Some(&w.node), at(DAY_2026)).unwrap();
    assert_eq!(
        handshake(with, Arc::clone(&server)),
        Ok(Some(w.node.key.public_key()))
    );
    let without = client(ca, None, at(DAY_2026)).unwrap();
    assert_eq!(handshake(without, server), Ok(None));
}

#[test]
fn version_1_2_is_refused_on_either_side() {
    let w = world();
    let ca = w.authority.certificate();
    let old_client = ClientConfig::builder_with_details(provider(), Arc::new(at(DAY_2026)))
        .with_protocol_versions(&[&TLS12])
        .unwrap()
        .with_root_certificates(roots(ca).unwrap())
        .with_no_client_auth();
    let new_server = server(&w.hub, ca, at(DAY_2026)).unwrap();
    handshake(Arc::new(old_client), new_server).unwrap_err();
    let old_server = ServerConfig::builder_with_details(provider(), Arc::new(at(DAY_2026)))
        .with_protocol_versions(&[&TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain(&w.hub), private_key(&w.hub))
        .unwrap();
    let new_client = client(ca, None, at(DAY_2026)).unwrap();
    handshake(new_client, Arc::new(old_server)).unwrap_err();
}

#[test]
fn another_authority_is_trusted_by_nobody() {
    let (ours, theirs) = (world(), world());
    let ca = ours.authority.certificate();
    let server = server(&ours.hub, ca, at(DAY_2026)).unwrap();
    let stranger = client(ca, Some(&theirs.node), at(DAY_2026)).unwrap();
    handshake(stranger, Arc::clone(&server)).unwrap_err();
    let misled = client(theirs.authority.certificate(), None, at(DAY_2026)).unwrap();
    handshake(misled, server).unwrap_err();
}

#[test]
fn validity_follows_the_given_time_and_not_the_wall_clock() {
    let w = world();
    let ca = w.authority.certificate();
    let now = || server(&w.hub, ca, at(DAY_2026)).unwrap();
    let late = client(ca, Some(&w.node), at(DAY_2060)).unwrap();
    handshake(late, now()).unwrap_err();
    let late_server = server(&w.hub, ca, at(DAY_2060)).unwrap();
    let client_now = client(ca, Some(&w.node), at(DAY_2026)).unwrap();
    handshake(Arc::clone(&client_now), late_server).unwrap_err();
    handshake(client_now, now()).unwrap();
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused_at_start() {
    let w = world();
    let mixed = TlsIdentity {
        certificate: w.hub.certificate.clone(),
        key: w.node.key.clone(),
    };
    let built = server(&mixed, w.authority.certificate(), at(DAY_2026));
    assert!(matches!(built, Err(TlsError::Configuration(_))));
    let broken = client(b"no certificate", None, at(DAY_2026));
    assert!(matches!(broken, Err(TlsError::Configuration(_))));
}
