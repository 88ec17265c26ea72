//! Temporary.
#[cfg(test)]
#[path = "hub_store/world.rs"]
#[expect(dead_code, reason = "x")]
mod world;
#[cfg(test)]
mod tests {
    use crate::world::*;
    use channels_core::*;
    use node_core::contact::*;
    use node_core::turn::*;
    use node_store::HubStore;
    #[tokio::test]
    async fn measure() {
        let folder = tempfile::tempdir().unwrap();
        let world = sqlite(folder.path()).await;
        let wal = || { let t = std::fs::read_to_string("/proc/self/io").unwrap(); t.lines().find_map(|l| l.strip_prefix("wchar: ").map(|v| v.parse::<u64>().unwrap())).unwrap() };
        for n in 0..300 { register(&world.a, WORKER_A, n, 10).await; }
        let last = wal();
        let t = std::time::Instant::now();
        for n in 1000..1100 { register(&world.a, WORKER_A, n, 10).await; }
        eprintln!("register {} {:?}", (wal()-last)/100, t.elapsed()/100);
        let last = wal();
        let t = std::time::Instant::now();
        for step in 0..200 {
            let c = Contact::Ussd { link: link(), session: "s".into(), from: Msisdn::parse(WORKER_A).unwrap(), op: if step==0 {UssdOp::Begin} else {UssdOp::Continue}, text: "1".into(), step: None, limits: BearerLimits{gsm7:182,ucs2:80}};
            world.a.commit(Turn::Contact(c), at(100+step)).await.unwrap();
        }
        eprintln!("turn {} {:?}", (wal()-last)/200, t.elapsed()/200);
    }
}
