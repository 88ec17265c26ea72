//! The generic suite of `HubStore`: every check takes any implementation, SQLite is the first. Those
//! of module `both` need accept, claim and finish alone, and run on PostgreSQL too (postgres.rs).

#[cfg(test)]
#[path = "hub_store/acceptance.rs"]
mod acceptance;
#[cfg(test)]
#[path = "hub_store/alert.rs"]
mod alert;
#[cfg(test)]
#[path = "hub_store/application.rs"]
mod application;
#[cfg(test)]
#[path = "hub_store/author.rs"]
mod author;
#[cfg(test)]
mod both {
    crate::subject::both_suites!(crate::on_sqlite::OnSqlite);
}
#[cfg(test)]
#[path = "hub_store/broadcast.rs"]
mod broadcast;
#[cfg(test)]
#[path = "hub_store/consent.rs"]
mod consent;
#[cfg(test)]
#[path = "hub_store/conversation.rs"]
mod conversation;
#[cfg(test)]
#[path = "hub_store/district.rs"]
mod district;
#[cfg(test)]
#[path = "hub_store/duplicate.rs"]
mod duplicate;
#[cfg(test)]
#[path = "hub_store/enrolment.rs"]
mod enrolment;
#[cfg(test)]
#[path = "hub_store/field.rs"]
mod field;
#[cfg(test)]
#[path = "hub_store/growth.rs"]
mod growth;
#[cfg(test)]
#[path = "hub_store/hold.rs"]
mod hold;
#[cfg(test)]
#[path = "hub_store/home.rs"]
mod home;
#[cfg(test)]
#[path = "hub_store/household.rs"]
mod household;
#[cfg(test)]
#[path = "hub_store/interleaved.rs"]
mod interleaved;
#[cfg(test)]
#[path = "hub_store/leasing.rs"]
mod leasing;
#[cfg(test)]
#[path = "hub_store/log.rs"]
mod log;
#[cfg(test)]
#[path = "hub_store/menu.rs"]
mod menu;
#[cfg(test)]
#[path = "hub_store/messaging.rs"]
mod messaging;
#[cfg(test)]
#[path = "hub_store/network.rs"]
mod network;
#[cfg(test)]
#[path = "hub_store/newcomer.rs"]
mod newcomer;
#[cfg(test)]
#[path = "hub_store/number.rs"]
mod number;
#[cfg(test)]
#[path = "hub_store/office.rs"]
mod office;
#[cfg(test)]
#[path = "hub_store/on_sqlite.rs"]
mod on_sqlite;
#[cfg(test)]
#[path = "hub_store/outbox.rs"]
mod outbox;
#[cfg(test)]
#[path = "hub_store/packed.rs"]
mod packed;
#[cfg(test)]
#[path = "hub_store/path.rs"]
mod path;
#[cfg(test)]
#[path = "hub_store/pin.rs"]
mod pin;
#[cfg(test)]
#[path = "hub_store/receipt.rs"]
mod receipt;
#[cfg(test)]
#[path = "hub_store/reference.rs"]
mod reference;
#[cfg(test)]
#[path = "hub_store/relay.rs"]
mod relay;
#[cfg(test)]
#[path = "hub_store/robot.rs"]
mod robot;
#[cfg(test)]
#[path = "hub_store/role.rs"]
mod role;
#[cfg(test)]
#[path = "hub_store/secrecy.rs"]
mod secrecy;
#[cfg(test)]
#[path = "hub_store/slip.rs"]
mod slip;
#[cfg(test)]
#[path = "hub_store/staff_pin.rs"]
mod staff_pin;
#[cfg(test)]
#[path = "hub_store/stop.rs"]
mod stop;
#[cfg(test)]
#[path = "hub_store/subject.rs"]
mod subject;
#[cfg(test)]
#[path = "hub_store/taking.rs"]
mod taking;
#[cfg(test)]
#[path = "hub_store/village.rs"]
mod village;
#[cfg(test)]
#[path = "hub_store/withdrawn.rs"]
mod withdrawn;
#[cfg(test)]
#[path = "hub_store/world.rs"]
mod world;
#[cfg(test)]
#[path = "hub_store/year.rs"]
mod year;
