//! The check of derived tables against the log: quiet on what the application itself wrote, and each rule speaks when
//! it is broken by hand.

mod rules;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pixeld::clock::Clock;
use pixeld::domain::{
    Caller, CampaignId, ConversionChange, ConversionName, Currency, Fire, FireDetails, Flags, Micros, PixelId, Segment,
    SegmentLoad, Seq, TagKind, Warning,
};
use pixeld::store::{FILE_NAME, ImportMark, ImportRow, LogRow, Store, Verification};

use crate::harness::{TestApp, derived_file, open_database};
use crate::judge::{HOUR, adjustment, click, convert, fire, segment_load, show, view};
use crate::tables;

/// A log with something of every kind, judged, in a closed database.
async fn every_kind(directory: &Path) {
    let app = TestApp::start_on(directory).await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(60)).await;
    let (pixel, line_item) = (shop.pixel.id, shop.line_item.id);
    let mut seen = view(line_item, 7, 0);
    seen.campaign_id = Some(CampaignId(3));
    seen.ancost = Some(Micros(1_500));
    show(&app.store, seen).await;
    show(&app.store, click(line_item, 8, 1_000)).await;
    let nobodys = show(&app.store, click(line_item, 0, 1_500)).await;
    let mut bot = view(line_item, 9, 2_000);
    bot.flags = Flags { bot: true, ..Flags::default() };
    show(&app.store, bot).await;

    let order = |visitor, after, order_id: &str, event_id: &str| Fire {
        order_id: Some(order_id.to_owned()),
        event_id: Some(event_id.to_owned()),
        value: Some(Micros(19_990_000)),
        currency: Currency::parse("EUR"),
        ..fire(pixel, visitor, after)
    };
    convert(&app, order(7, 3_000, "A1", "e1")).await;
    convert(&app, order(8, 4_000, "A2", "e2")).await;
    convert(&app, order(8, 5_000, "A2", "e2")).await;
    convert(&app, order(8, 2 * HOUR, "A3", "e3")).await;
    convert(&app, fire(pixel, 99, 3 * HOUR)).await;
    convert(&app, fire(PixelId(404), 7, 3 * HOUR)).await;
    let warnings = vec![Warning { parameter: "value".into(), raw: "$1".into(), rule: "not_a_plain_decimal".into() }];
    convert(&app, Fire { warnings, ..fire(pixel, 0, 3 * HOUR) }).await;
    let test = Flags { test: true, ..Flags::default() };
    convert(&app, Fire { flags: test, ..order(7, 4 * HOUR, "T1", "t1") }).await;
    convert(&app, Fire { exposure: Some(nobodys), ..order(0, 5 * HOUR, "S1", "s1") }).await;
    convert(&app, Fire { exposure: Some(Seq(1)), ..fire(pixel, 0, 5 * HOUR) }).await;
    adjusted(&app, order(8, 6 * HOUR, "X1", "x1"), order(8, 8 * HOUR, "X3", "x3")).await;
    segments(&app).await;
    let imported = Fire { tag: TagKind::Import, ..fire(pixel, 7, -HOUR) };
    let row = |mark, row| vec![ImportRow { mark: ImportMark([mark; 16]), row, clicked: None }];
    let rows = row(1, LogRow::Fire(Box::new(imported)));
    app.store.import(&Caller::shell().collector().unwrap(), rows).await.unwrap();
    let rows = row(2, LogRow::Exposure(Box::new(view(line_item, 70, -HOUR))));
    app.store.import(&Caller::shell().collector().unwrap(), rows).await.unwrap();
    app.get("/px?id=junk", &[]).await;
    app.judged().await;
    app.stop();
}

/// A conversion that is updated by a reference and restated, and one that is taken back.
async fn adjusted(app: &TestApp, restated: Fire, retracted: Fire) {
    let name = |fire: Fire, reference: &str, parent: Option<&str>| Fire {
        details: FireDetails {
            reference_id: Some(reference.to_owned()),
            parent_reference_id: parent.map(str::to_owned),
            ..FireDetails::default()
        },
        ..fire
    };
    let (pixel, visitor) = (restated.pixel_id, 8);
    let sent = convert(app, name(restated, "R1", None)).await;
    convert(app, retracted).await;
    let update = Fire { value: Some(Micros(5_000_000)), ..fire(pixel, visitor, 9 * HOUR) };
    convert(app, name(update, "R2", Some("R1"))).await;
    let dollars = ConversionChange::Restate { value: Some(Micros(7_000_000)), currency: Some(Currency::USD) };
    for (order, correction) in [("X1", dollars), ("X3", ConversionChange::Retract)] {
        let of = ConversionName::OrderId(order.to_owned());
        let adjustment = adjustment(sent.advertiser_id, of, correction);
        app.store.append(LogRow::Adjustment(Box::new(adjustment))).await.unwrap();
    }
    app.judged().await;
}

/// Visitors who join, stay on and leave.
async fn segments(app: &TestApp) {
    for name in ["Buyers", "Readers"] {
        app.store.create(&app.editor(), Segment::new(name)).await.unwrap();
    }
    for (visitor, ops) in [(7, "1:5,2"), (8, "1,2"), (9, "2"), (8, "-2"), (0, "1")] {
        let segments = ops.split(',').map(|op| op.parse().unwrap()).collect();
        let load = SegmentLoad { segments, ..segment_load(visitor, 10 * HOUR) };
        app.store.append(LogRow::SegmentLoad(Box::new(load))).await.unwrap();
    }
}

async fn verify(directory: &Path) -> Verification {
    let store = Store::open(directory, Clock::System).unwrap();
    let found = store.verify(&Caller::shell().reader().unwrap()).await.unwrap();
    store.stop();
    found
}

#[tokio::test]
async fn the_check_finds_no_fault_in_what_the_application_wrote() {
    let directory = tempfile::TempDir::new().unwrap();
    every_kind(directory.path()).await;
    let found = verify(directory.path()).await;
    assert_eq!(found.faults, []);
    assert_eq!((found.fires, found.exposures, found.judged), (14, 5, found.logged));
}

#[tokio::test]
async fn a_row_that_is_not_judged_yet_is_no_fault() {
    let directory = tempfile::TempDir::new().unwrap();
    every_kind(directory.path()).await;
    let store = Store::open(directory.path(), Clock::System).unwrap();
    let logged = store.append(LogRow::Fire(Box::new(fire(PixelId(1), 7, 6 * HOUR)))).await.unwrap();
    store.stop();
    let found = verify(directory.path()).await;
    assert_eq!(found.faults, []);
    assert!(found.judged < logged, "{found:?}");
}

fn copy(sound: &Path) -> tempfile::TempDir {
    let copy = tempfile::TempDir::new().unwrap();
    for file in std::fs::read_dir(sound).unwrap().map(Result::unwrap) {
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
    }
    // All of it stands in the files themselves, so that damage to one is not mended from its WAL.
    let conn = open_database(copy.path());
    conn.execute_batch("PRAGMA main.wal_checkpoint(TRUNCATE); PRAGMA derived.wal_checkpoint(TRUNCATE)").unwrap();
    copy
}

fn breaks(directory: &Path, breaking: &str) {
    let conn = open_database(directory);
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    assert!(conn.execute(breaking, []).unwrap() > 0, "{breaking}");
}

/// Some faults break no rule; only judging again finds them.
#[tokio::test]
async fn judging_again_finds_faults_that_no_rule_finds() {
    let sound = tempfile::TempDir::new().unwrap();
    every_kind(sound.path()).await;
    let differ = |table: &str| format!("FAULT: rows of {table} are not as the log yields them: ");
    let needless = |table: &str| format!("FAULT: rows of {table} do not follow from the log: ");
    let missing = |table: &str| format!("FAULT: rows of {table} that the log yields are missing: ");
    for (breaking, said) in [
        ("UPDATE conversions SET advertiser_id = 9 WHERE order_id = 'A1'", differ("conversions")),
        ("UPDATE conversions SET pixel_version = pixel_version + 1", differ("conversions")),
        ("UPDATE conversions SET line_item_version = 9 WHERE line_item_id IS NOT NULL", differ("conversions")),
        ("UPDATE conversions SET window_mins = window_mins + 1 WHERE window_mins > 0", differ("conversions")),
        ("UPDATE conversions_quarters SET advertiser_id = 9 WHERE line_item_id = 0", differ("conversions_quarters")),
        (
            "INSERT INTO references_seen SELECT advertiser_id, reference_id, named_by, seq - 1 FROM references_seen LIMIT 1",
            needless("references_seen"),
        ),
        ("INSERT INTO segment_sizes VALUES (1, 0, 5)", needless("segment_sizes")),
        ("DELETE FROM segment_visitors WHERE visitor_id = 8", missing("segment_visitors")),
        (
            "INSERT INTO segment_visitors SELECT segment_id, day, 999 FROM segment_visitors LIMIT 1",
            needless("segment_visitors"),
        ),
        ("INSERT INTO rejudged VALUES (0, 0, 0, 0)", needless("rejudged")),
        ("UPDATE judge_cursor SET touched = 3", differ("judge_cursor")),
    ] {
        let broken = copy(sound.path());
        breaks(broken.path(), breaking);
        assert_eq!(verify(broken.path()).await.faults, [], "{breaking}");
        let before = derived_file(broken.path());
        let (well, told) = check(broken.path());
        assert!(!well && told.contains(&said), "{breaking}: {told}");
        assert!(told.contains("pixeld rebuild derives everything again."), "{told}");
        assert_eq!(derived_file(broken.path()), before, "it repairs nothing");
        let left = std::fs::read_dir(broken.path()).unwrap().map(|file| file.unwrap().file_name());
        let left = left.filter(|name| name.to_string_lossy().ends_with(".sqlite3")).count();
        assert_eq!(left, 2, "and leaves nothing behind");
    }
    // An expired row that has not been swept yet is no fault.
    let unswept = copy(sound.path());
    breaks(
        unswept.path(),
        "INSERT INTO memberships SELECT segment_id, 999, seq, NULL, added_at - 8640000000, added_at - 86400000
            FROM memberships LIMIT 1",
    );
    breaks(unswept.path(), "INSERT INTO segment_visitors SELECT segment_id, 0, 999 FROM segment_visitors LIMIT 1");
    let (_, told) = check(unswept.path());
    assert!(!told.contains("rows of memberships") && !told.contains("rows of segment_visitors"), "{told}");
}

/// A check reports an unusable file and does not replace it.
#[tokio::test]
async fn an_unusable_derived_file_is_reported_and_left_in_place() {
    let sound = tempfile::TempDir::new().unwrap();
    every_kind(sound.path()).await;
    type Breaks = fn(&Path);
    let cases: [(Breaks, &str); 4] = [
        (|directory| std::fs::remove_file(derived_file(directory)).unwrap(), "is missing"),
        (
            |directory| std::fs::write(derived_file(directory), "junk".repeat(5_000)).unwrap(),
            "is damaged (file is not a ",
        ),
        (|directory| breaks(directory, "DELETE FROM judge_cursor"), "is damaged (Query returned no rows)"),
        (|directory| breaks(directory, "UPDATE judge_cursor SET seq = seq + 1"), "beyond the log's end at"),
    ];
    for (breaking, why) in cases {
        let broken = copy(sound.path());
        breaking(broken.path());
        let file = derived_file(broken.path());
        let was_there = file.exists();
        let (well, told) = check(broken.path());
        assert!(!well && told.contains("FAULT: the derived file ") && told.contains(why), "{why}: {told}");
        assert!(told.contains("derives everything again"), "{told}");
        assert_eq!((derived_file(broken.path()), file.exists()), (file.clone(), was_there), "{why}");
    }
}

#[tokio::test]
async fn a_check_beside_a_busy_server_is_of_one_moment() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    // Enough that judging it once more takes longer than a few requests.
    let rows = (1..=5_000).map(|n| LogRow::Fire(Box::new(fire(shop.pixel.id, n % 500 + 1, n * 60_000))));
    app.store.append_all(rows.collect()).await.unwrap();
    app.judged().await;
    let directory = app.data_dir().to_owned();
    let checking = tokio::task::spawn_blocking(move || check(&directory));
    let mut answered = 0;
    while !checking.is_finished() {
        let fire = format!("/px?id={}&order_id=n{answered}", shop.pixel.id);
        assert_eq!(app.get(&fire, &[("cookie", "pxid=7")]).await.status(), 200);
        answered += 1;
    }
    let (well, told) = checking.await.unwrap();
    assert!(well && told.contains("OK: no problems found."), "{told}");
    assert!(answered > 1, "something went on meanwhile");
}

/// A row that is logged and judged while the check judges the log once more belongs to both files.
#[tokio::test]
async fn rows_that_are_logged_during_a_comparison_are_compared_too() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    // More places than are judged in one step, so that the comparison looks at the current file twice.
    let rows = (1..=20_001).map(|n| LogRow::Exposure(Box::new(view(shop.line_item.id, 0, n))));
    app.store.append_all(rows.collect()).await.unwrap();
    app.judged().await;
    let (store, runtime) = (app.store.clone(), tokio::runtime::Handle::current());
    let mut last = Some(fire(shop.pixel.id, 7, HOUR));
    let compared = tokio::task::spawn_blocking(move || {
        let rebuilding = store.start_rebuild(None).unwrap().unwrap();
        let faults = pixeld::judge::compare(&store, &rebuilding, &mut |_| {
            if let Some(fire) = last.take() {
                runtime.block_on(async {
                    store.append(LogRow::Fire(Box::new(fire))).await.unwrap();
                    store.caught_up(Duration::from_secs(20)).await.unwrap();
                });
            }
        });
        rebuilding.discard().unwrap();
        (faults.unwrap(), last.is_none())
    });
    assert_eq!(compared.await.unwrap(), (vec![], true));
}

/// The output of `pixeld check`, and whether it ends well.
fn check(directory: &Path) -> (bool, String) {
    let command =
        Command::new(env!("CARGO_BIN_EXE_pixeld")).arg("check").arg("--data-dir").arg(directory).output().unwrap();
    let said = [command.stdout, command.stderr].concat();
    (command.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn the_command_tells_people_and_scripts() {
    let directory = tempfile::TempDir::new().unwrap();
    let (well, said) = check(directory.path());
    assert!(!well && said.contains("there is no database in"), "{said}");
    assert!(!directory.path().join(FILE_NAME).exists(), "it makes none");

    every_kind(directory.path()).await;
    let (well, said) = check(directory.path());
    assert!(well, "{said}");
    assert!(
        said.contains("The log holds 14 fires and 5 exposures.") && said.contains("OK: no problems found."),
        "{said}"
    );

    let conn = open_database(directory.path());
    tables::delete_conversions(&conn, "A1");
    let (well, said) = check(directory.path());
    assert!(!well, "{said}");
    assert!(said.contains("FAULT: a judged fire has no conversion: 1 row, the first at"), "{said}");
    assert!(said.contains("pixeld: the database is not sound"), "{said}");
}

#[tokio::test]
async fn a_damaged_file_is_reported() {
    let directory = tempfile::TempDir::new().unwrap();
    every_kind(directory.path()).await;
    let conn = open_database(directory.path());
    // An index that lacks a row it should have: created with a condition, which the schema then hides.
    conn.execute_batch(
        "DROP INDEX conversions_at;
        CREATE INDEX derived.conversions_at ON conversions (at, reason) WHERE order_id <> 'A1';
        PRAGMA writable_schema = ON;
        UPDATE derived.sqlite_schema SET sql = 'CREATE INDEX conversions_at ON conversions (at, reason)'
            WHERE name = 'conversions_at';",
    )
    .unwrap();
    drop(conn);
    let found = verify(directory.path()).await;
    let said: Vec<_> = found.faults.iter().map(|fault| fault.what.as_str()).collect();
    assert!(!said.is_empty() && said.iter().all(|what| what.starts_with("the derived file is damaged: ")), "{said:?}");
}
