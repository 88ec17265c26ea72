//! Over a network: the server proves who it is, or nothing is sent to it.

use std::sync::Arc;

use node_store::postgres::{PostgresStore, Server, migrate};
use rustls::{ClientConfig, RootCertStore};

use crate::cluster::{Cluster, Database, Papers, REPLICA};
use crate::on_server::{OnPostgres, replica_config};
use crate::subject::Subject;

/// A certificate for this machine, and a configuration that trusts it alone.
fn papers() -> (Papers, ClientConfig) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let papers = Papers {
        certificate: made.cert.pem(),
        key: made.signing_key.serialize_pem(),
    };
    (papers, config)
}

async fn refusal(database: &Database, trusted: ClientConfig) -> String {
    let parameters = database.parameters_by_network("owner");
    let server = Server::new(&parameters, Some(trusted)).unwrap();
    migrate(&server).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_server_on_a_network_is_spoken_to_over_tls_1_3_and_only_after_it_proved_itself() {
    let (papers, trusting) = papers();
    let (_, other) = self::papers();
    let database = Database::of(Arc::new(Cluster::start_on_network(Some(&papers))));
    let told = refusal(&database, other).await;
    assert!(told.contains("TLS"), "{told}");
    let owner = database.parameters_by_network("owner");
    migrate(&Server::new(&owner, Some(trusting.clone())).unwrap())
        .await
        .unwrap();
    let subject = OnPostgres::on(database).await;
    let parameters = subject.database.parameters_by_network(REPLICA);
    let server = Server::new(&parameters, Some(trusting)).unwrap();
    let config = replica_config(subject.world(), subject.folder());
    let store = PostgresStore::open(config, &server, None).await.unwrap();
    let (entries, findings) = store.check().await.unwrap();
    assert!(entries > 0 && findings.is_empty(), "{findings:?}");
    let admin = subject.database.admin().await;
    let sql = "SELECT DISTINCT version FROM pg_stat_ssl WHERE ssl";
    let versions = admin.query(sql, &[]).await.unwrap();
    let versions: Vec<String> = versions.iter().map(|row| row.get(0)).collect();
    assert_eq!(versions, ["TLSv1.3"]);
}

#[tokio::test]
async fn a_server_on_a_network_that_speaks_no_tls_gets_no_login() {
    let (_, trusting) = papers();
    let database = Database::of(Arc::new(Cluster::start_on_network(None)));
    let told = refusal(&database, trusting).await;
    assert!(told.contains("TLS"), "{told}");
}

#[test]
fn a_server_over_a_network_is_not_reached_without_tls() {
    for parameters in [
        "host=db.example user=hub dbname=outpost",
        "host=127.0.0.1 user=hub",
        "host=/run/postgresql,db.example user=hub",
        "host=/run/postgresql hostaddr=192.0.2.1 user=hub",
        "user=hub",
        "host=db.example sslmode=disable",
    ] {
        let refused = Server::new(parameters, None).unwrap_err().to_string();
        assert!(refused.contains("TLS only"), "{parameters}: {refused}");
    }
    let local = Server::new("host=/run/postgresql user=hub password=secret", None).unwrap();
    assert!(!format!("{local:?}").contains("secret"), "{local:?}");
}

#[test]
fn parameters_that_cannot_be_read_are_refused_without_their_password() {
    let refused = Server::new("host=/run/x password=secret port=none", None).unwrap_err();
    assert!(!refused.to_string().contains("secret"), "{refused}");
}
