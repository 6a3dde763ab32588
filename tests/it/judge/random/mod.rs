//! Random logs, crowded so that duplicates, repeats, ties and edges are common: whatever the size of the slices, the
//! derived tables are what the oracle makes of the log, and explaining a fire ends where judging it did.

mod events;
mod world;

use pixeld::domain::{AdvertiserId, Caller, Rejudge};
use pixeld::judge::{Worker, explain, rebuild};
use proptest::prelude::*;
use proptest::sample::select;

use crate::judge::oracle::{expected, forget, stored};
use crate::judge::*;
use events::{Happens, logs};
use world::World;

/// Judges all there is, so many rows at a time, on a thread that may block.
fn judge_all(store: &Store, rows_a_slice: u16) {
    let store = store.clone();
    let judging = std::thread::spawn(move || {
        let mut worker = Worker::new(store.clone(), rows_a_slice).unwrap();
        while worker.cursor() < store.logged() {
            worker.step(store.logged()).unwrap();
        }
    });
    judging.join().unwrap();
}

/// Decides to judge again when so much has happened.
fn decisions() -> impl Strategy<Value = Vec<(usize, Rejudge)>> {
    let from = select(vec![i64::MIN, START.0 - DAY, START.0, START.0 + HOUR, i64::MAX]);
    let decision = (from, any::<bool>(), any::<bool>());
    let decision = decision.prop_map(|(from, settings, exposures)| Rejudge { from: Millis(from), settings, exposures });
    prop::collection::vec((0..60_usize, decision), 0..3)
}

/// A rebuild, on a thread that may block.
fn rebuild_all(store: &Store, decision: Option<Rejudge>) {
    let store = store.clone();
    let rebuilding = std::thread::spawn(move || {
        let rebuilding = store.start_rebuild(decision).unwrap().unwrap();
        rebuild(&store, &rebuilding, &mut |_| ()).unwrap();
    });
    rebuilding.join().unwrap();
}

async fn holds(log: &[Happens], decided: &[(usize, Rejudge)]) -> Result<(), TestCaseError> {
    let directory = tempfile::tempdir().unwrap();
    let mut world = World::new(directory.path()).await;
    for (n, what) in log.iter().enumerate() {
        world.happen(what).await;
        for (_, decision) in decided.iter().filter(|(after, _)| *after == n) {
            world.log().await;
            rebuild_all(&world.store, Some(*decision));
        }
    }
    world.log().await;
    let conn = open_database(directory.path());
    let (tables, judgements) = expected(&conn);
    for rows_a_slice in [1, 2, 7, 2000] {
        forget(&conn);
        judge_all(&world.store, rows_a_slice);
        for (table, rows) in stored(&conn) {
            prop_assert_eq!(&rows, &tables[table], "{} in slices of {}", table, rows_a_slice);
        }
    }
    rebuild_all(&world.store, None);
    let by = Caller::shell().reader().unwrap();
    let rebuilt = stored(&open_database(directory.path()));
    for (table, rows) in &rebuilt {
        prop_assert_eq!(rows, &tables[table], "{} rebuilt", table);
    }
    prop_assert_eq!(world.store.verify(&by).await.unwrap().faults, []);
    for (seq, judgement) in judgements {
        let explained = explain(&world.store, &by, seq).await.unwrap();
        let conversion = &explained.conversion;
        prop_assert_eq!(conversion.outcome, judgement.outcome, "stored outcome of {}", seq);
        prop_assert_eq!(explained.judgement.outcome, judgement.outcome, "explained outcome of {}", seq);
        prop_assert_eq!(explained.judgement.credit, judgement.credit, "explained credit of {}", seq);
        prop_assert_eq!(explained.judgement.explanation.steps, judgement.explanation.steps, "steps of {}", seq);
        prop_assert_eq!(explained.pixel.version, conversion.pixel_version);
        prop_assert!([AdvertiserId(0), world.advertiser].contains(&conversion.advertiser_id));
    }
    prop_assert_eq!(world.store.verify(&by).await.unwrap().faults, []);
    world.store.stop();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_judge_agrees_with_the_oracle(log in logs(), decided in decisions()) {
        actix_web::rt::System::new().block_on(holds(&log, &decided))?;
    }
}
