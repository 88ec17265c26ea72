//! The store on a real PostgreSQL server, which each run starts for itself: the suite that SQLite
//! passes, several replicas at once, connections that die at any statement, rights, keys.
//!
//! Built with the feature `postgres` alone and run by the stage `peers`; without the server's
//! programs it fails and says what to install.

#[cfg(test)]
mod both {
    crate::subject::both_suites!(crate::on_server::OnPostgres);
}
#[cfg(test)]
#[path = "postgres/cluster.rs"]
mod cluster;
#[cfg(test)]
#[path = "postgres/killed.rs"]
mod killed;
#[cfg(test)]
#[path = "hub_store/leasing.rs"]
mod leasing;
#[cfg(test)]
#[path = "postgres/on_server.rs"]
mod on_server;
#[cfg(test)]
#[path = "postgres/opening.rs"]
mod opening;
#[cfg(test)]
#[path = "postgres/proxy.rs"]
mod proxy;
#[cfg(test)]
#[path = "postgres/rate.rs"]
mod rate;
#[cfg(test)]
#[path = "postgres/replicas.rs"]
mod replicas;
#[cfg(test)]
#[path = "postgres/rights.rs"]
mod rights;
#[cfg(test)]
#[path = "postgres/same.rs"]
mod same;
#[cfg(test)]
#[path = "hub_store/subject.rs"]
mod subject;
#[cfg(test)]
#[path = "hub_store/taking.rs"]
mod taking;
#[cfg(test)]
#[path = "postgres/tls.rs"]
mod tls;
#[cfg(test)]
#[path = "hub_store/world.rs"]
#[expect(
    dead_code,
    reason = "shared with the suite of SQLite, which uses all of it"
)]
mod world;
