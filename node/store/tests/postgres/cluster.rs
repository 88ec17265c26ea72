//! A throw-away PostgreSQL server on a Unix socket, started from the installed programs.
//!
//! Each test has one of its own, which ends with it. `initdb` refuses root, so root runs it as the user
//! `postgres` that the package makes.

use std::io::{Read, Seek};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use node_store::postgres::{HUB_ROLE, Server, migrate};
use tokio_postgres::Client;

/// The login of a replica.
pub(crate) const REPLICA: &str = "replica";
const OWNER: &str = "owner";
/// No crash of the machine is tested here, only of connections.
const FAST: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off";

/// A running server.
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
}

/// A certificate and its key, both PEM.
pub(crate) struct Papers {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// A migrated database of a server.
pub(crate) struct Database {
    cluster: Arc<Cluster>,
    name: String,
}

/// The folder of the newest installed server.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut path = std::env::split_paths(&path);
    found
        .pop()
        .or_else(|| path.find(|folder| folder.join("initdb").exists()))
        .expect("initdb was not found: install the Debian package postgresql")
}

/// Number of a user or of its group, as `id` prints it.
fn number(of: &str, user: &str) -> u32 {
    let output = Command::new("id").args([of, user]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim().parse().expect("the user postgres exists")
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

/// Gives a path to the user of the server.
fn give(path: &Path) {
    if is_root() {
        let (user, group) = (number("-u", "postgres"), number("-g", "postgres"));
        chown(path, Some(user), Some(group)).unwrap();
    }
}

impl Cluster {
    /// Starts a server with options of its own.
    pub(crate) fn start(options: &str) -> Self {
        Self::prepare(5_432).run_with(options)
    }

    /// Starts a server on a free port of the loopback interface; it speaks TLS where it has papers.
    pub(crate) fn start_on_network(papers: Option<&Papers>) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let cluster = Self::prepare(port);
        let tls = papers.map_or_else(String::new, |papers| {
            let certificate = cluster.put("server.crt", &papers.certificate);
            let key = cluster.put("server.key", &papers.key);
            format!(
                "-c ssl=on -c ssl_cert_file={} -c ssl_key_file={}",
                certificate.display(),
                key.display()
            )
        });
        cluster.run_with(&format!("{FAST} -c listen_addresses=127.0.0.1 {tls}"))
    }

    /// A file that the server alone may read.
    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        give(&path);
        path
    }

    /// A folder of the server's user.
    fn prepare(port: u16) -> Self {
        let cluster = Self {
            folder: tempfile::tempdir().unwrap(),
            programs: programs(),
            port,
            databases: AtomicU32::new(0),
        };
        std::fs::set_permissions(
            cluster.folder.path(),
            std::fs::Permissions::from_mode(0o755),
        )
        .unwrap();
        give(cluster.folder.path());
        cluster
    }

    fn run_with(self, options: &str) -> Self {
        let cluster = self;
        let data = cluster.data();
        let data = data.to_str().unwrap();
        cluster.run(
            "initdb",
            &[
                "-D",
                data,
                "-U",
                OWNER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
        );
        let socket = cluster.socket();
        let options = format!(
            "-k {} -p {} -c listen_addresses= -c max_connections=60 {options}",
            socket.display(),
            cluster.port
        );
        let log = cluster.folder.path().join("log");
        let log = log.to_str().unwrap();
        cluster.run(
            "pg_ctl",
            &[
                "-D", data, "-l", log, "-w", "-t", "60", "-o", &options, "start",
            ],
        );
        cluster.sql(&format!(
            "CREATE ROLE {HUB_ROLE} NOLOGIN; CREATE ROLE {REPLICA} LOGIN IN ROLE {HUB_ROLE}"
        ));
        cluster
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of the socket.
    pub(crate) fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// Runs one of the server's programs as the user who may.
    fn command(&self, program: &str, arguments: &[&str]) -> (bool, String) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).current_dir("/");
        // The server inherits what it is started with: a pipe of ours would never end.
        command.stdin(std::process::Stdio::null());
        let mut file = tempfile::tempfile().unwrap();
        command.stdout(file.try_clone().unwrap());
        command.stderr(file.try_clone().unwrap());
        let status = command.status().unwrap();
        let mut told = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut told).unwrap();
        (status.success(), told)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let (is_done, told) = self.command(program, arguments);
        assert!(is_done, "{program}: {told}");
    }

    fn sql(&self, sql: &str) {
        let socket = self.socket().to_str().unwrap();
        let port = self.port.to_string();
        let place = ["-h", socket, "-p", &port, "-U", OWNER, "-d", "postgres"];
        self.run("psql", &[&place[..], &["-q", "-c", sql]].concat());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let data = data.to_str().unwrap_or_default();
        let (is_done, told) =
            self.command("pg_ctl", &["-D", data, "-m", "immediate", "-w", "stop"]);
        assert!(is_done || std::thread::panicking(), "{told}");
    }
}

impl Database {
    /// A fresh, migrated database of a server of its own.
    pub(crate) async fn fresh() -> Self {
        let database = Self::empty();
        migrate(&database.server(OWNER)).await.unwrap();
        database
    }

    /// A fresh database that nobody migrated.
    pub(crate) fn of(cluster: Arc<Cluster>) -> Self {
        let name = format!("hub_{}", cluster.databases.fetch_add(1, Ordering::Relaxed));
        cluster.sql(&format!("CREATE DATABASE {name}"));
        Self { cluster, name }
    }

    /// A fresh database of a server of its own that nobody migrated.
    pub(crate) fn empty() -> Self {
        Self::of(Arc::new(Cluster::start(FAST)))
    }

    pub(crate) fn parameters(&self, user: &str) -> String {
        self.parameters_at(self.cluster.socket(), user)
    }

    /// The same, reached over another socket.
    pub(crate) fn parameters_at(&self, socket: &Path, user: &str) -> String {
        let (port, name) = (self.cluster.port, &self.name);
        let socket = socket.display();
        format!("host={socket} port={port} user={user} dbname={name}")
    }

    pub(crate) fn server(&self, user: &str) -> Server {
        Server::new(&self.parameters(user), None).unwrap()
    }

    pub(crate) fn replica(&self) -> Server {
        self.server(REPLICA)
    }

    pub(crate) fn owner(&self) -> Server {
        self.server(OWNER)
    }

    /// Parameters over the loopback interface.
    pub(crate) fn parameters_by_network(&self, user: &str) -> String {
        let (port, name) = (self.cluster.port, &self.name);
        format!("host=localhost hostaddr=127.0.0.1 port={port} user={user} dbname={name}")
    }

    /// The file of the socket.
    pub(crate) fn socket_file(&self) -> PathBuf {
        self.cluster
            .socket()
            .join(format!(".s.PGSQL.{}", self.cluster.port))
    }

    /// A connection of the owner, or of a replica's login.
    pub(crate) async fn client(&self, user: &str) -> Client {
        let tls = tokio_postgres::NoTls;
        let made = tokio_postgres::connect(&self.parameters(user), tls).await;
        let (client, connection) = made.unwrap();
        tokio::spawn(async move {
            // Ends with the client, or with the server.
            drop(connection.await);
        });
        client
    }

    pub(crate) async fn admin(&self) -> Client {
        self.client(OWNER).await
    }
}
