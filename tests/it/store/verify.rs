//! The check of derived tables against the log: quiet on what the application itself wrote, and each rule speaks when
//! it is broken by hand.

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
async fn what_the_application_wrote_is_sound() {
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

const HOURLY_LOADS: &str = "the hourly loads of a pixel differ from its conversions (hour)";
const EFFECT: &str = "an adjustment's effect is not of one in the log, or of no conversion before it";
const STANDING: &str = "an adjusted conversion does not have the value of its adjustments";
const MEMBERSHIP: &str = "a membership is none that the log gave";
const DAILY_LOADS: &str = "the daily loads of a segment differ from the log (segment)";

#[tokio::test]
async fn each_rule_speaks_when_it_is_broken() {
    let sound = tempfile::TempDir::new().unwrap();
    every_kind(sound.path()).await;
    for (breaking, said) in [
        ("DELETE FROM conversions WHERE order_id = 'A1'", "a judged fire has no conversion"),
        ("DELETE FROM fires WHERE order_id = 'A1'", "a conversion has no fire"),
        ("UPDATE judge_cursor SET seq = 1", "a conversion lies after the cursor of the judge"),
        ("UPDATE fires SET value = 5 WHERE order_id = 'A1'", "a conversion differs from its fire"),
        ("UPDATE fires SET flags = flags | 2 WHERE order_id = 'A1'", "a conversion differs from its fire"),
        ("UPDATE conversions SET visitor_id = 8 WHERE order_id = 'A1'", "a conversion differs from its fire"),
        ("UPDATE conversions SET order_id = NULL WHERE order_id = 'A1'", "a conversion differs from its fire"),
        (
            "UPDATE conversions SET exposure_seq = NULL WHERE order_id = 'A1'",
            "a conversion is attributed without an exposure, or has one without being attributed",
        ),
        (
            "UPDATE conversions SET campaign_id = 4 WHERE order_id = 'A1'",
            "an attributed conversion differs from the exposure it is credited to",
        ),
        (
            "UPDATE conversions SET reason = 'post_click' WHERE order_id = 'A1'",
            "an attributed conversion differs from the exposure it is credited to",
        ),
        (
            "UPDATE conversions SET reason = 'repeat' WHERE order_id = 'A1'",
            "the outcome attributed cannot have the reason repeat",
        ),
        (
            "DELETE FROM touches WHERE visitor_id = 8",
            "a judged exposure is not kept by its visitor, or otherwise than logged",
        ),
        (
            "UPDATE touches SET at = at + 1 WHERE visitor_id = 8",
            "a judged exposure is not kept by its visitor, or otherwise than logged",
        ),
        ("UPDATE touches SET visitor_id = 80 WHERE visitor_id = 8", "a visitor's exposure is not in the log"),
        ("DELETE FROM events_seen WHERE event_id = 'e1'", "an event that counts once is not kept"),
        (
            "INSERT INTO events_seen SELECT pixel_id, 'x', at, seq FROM fires WHERE order_id = 'A1'",
            "an event that is kept is not in the log",
        ),
        ("DELETE FROM counted WHERE visitor_id = 7", "an attributed conversion is not kept for the repeat rule"),
        (
            "UPDATE counted SET at = at - 1 WHERE visitor_id = 7",
            "an entry for the repeat rule has no attributed conversion",
        ),
        ("DELETE FROM orders_counted WHERE order_id = 'A1'", "an attributed conversion's order is not kept"),
        (
            "UPDATE orders_counted SET order_id = 'A9' WHERE order_id = 'A1'",
            "an order is kept that no attributed conversion has",
        ),
        (
            "UPDATE conversions_hourly SET fires = fires + 1 WHERE reason = 'post_view'",
            "the hourly sums of conversions differ from the conversions (hour)",
        ),
        (
            "UPDATE conversions_hourly SET value_thousands = value_thousands - 1 WHERE reason = 'post_view'",
            "the hourly sums of conversions differ from the conversions (hour)",
        ),
        (
            "UPDATE conversions_hourly SET static_value_micros = static_value_micros + 1 WHERE reason = 'post_view'",
            "the hourly sums of conversions differ from the conversions (hour)",
        ),
        (
            "UPDATE conversions_hourly SET net_value_thousands = 1, net_value_micros = net_value_micros - 1000000000",
            "the hourly sums of conversions differ from the conversions (hour)",
        ),
        (
            "UPDATE conversions_hourly SET net_static_value_micros = 1 WHERE reason = 'no_visitor'",
            "the hourly sums of conversions differ from the conversions (hour)",
        ),
        (
            "UPDATE conversions_hourly SET hour = hour + 3600000 WHERE reason = 'no_visitor'",
            "the hourly sums of conversions differ from the conversions (hour)",
        ),
        (
            "UPDATE exposures_hourly SET cost_micros = cost_micros - 1",
            "the hourly sums of exposures differ from the exposures (hour)",
        ),
        (
            "UPDATE exposures_hourly SET cost_thousands = cost_thousands + 1",
            "the hourly sums of exposures differ from the exposures (hour)",
        ),
        ("DELETE FROM exposures_hourly", "the hourly sums of exposures differ from the exposures (hour)"),
        ("UPDATE pixel_last_fired SET at = at + 1", "when a pixel last fired differs from its conversions (pixel)"),
        (
            "INSERT INTO fires (seq, at, received, pixel_id, flags, tag, query)
                SELECT e.seq, f.at, received, pixel_id, f.flags, tag, f.query
                FROM fires f, exposures e WHERE order_id = 'A1' LIMIT 1",
            "two rows have one number in the log",
        ),
        (
            "INSERT INTO segment_loads (seq, at, flags, tag, query) SELECT seq, at, 0, 1, '' FROM exposures LIMIT 1",
            "two rows have one number in the log",
        ),
        (
            "INSERT INTO adjustments (seq, at, received, advertiser_id, order_id, kind, source)
                SELECT seq, at, at, 1, 'A1', 'retract', '' FROM fires LIMIT 1",
            "two rows have one number in the log",
        ),
        (
            "INSERT INTO segment_versions SELECT (SELECT min(seq) FROM fires), at, segment_id, deleted, state, 0
                FROM segment_versions LIMIT 1",
            "two rows have one number in the log",
        ),
        ("UPDATE pixels_hourly SET loads = loads + 1", HOURLY_LOADS),
        ("UPDATE pixels_hourly SET warned = warned + 1", HOURLY_LOADS),
        ("UPDATE pixels_hourly SET attributed = attributed - 1 WHERE attributed > 0", HOURLY_LOADS),
        ("DELETE FROM pixels_hourly", HOURLY_LOADS),
        ("UPDATE pixels_hourly SET pixel_id = 77 WHERE hour = (SELECT max(hour) FROM pixels_hourly)", HOURLY_LOADS),
        ("UPDATE adjustment_effects SET adjustment_seq = adjustment_seq + 1000", EFFECT),
        ("UPDATE adjustment_effects SET conversion_seq = conversion_seq + 1000", EFFECT),
        ("UPDATE adjustment_effects SET effect = 'not_counted' WHERE effect = 'retracted'", EFFECT),
        ("DELETE FROM adjustments WHERE kind = 'retract'", EFFECT),
        ("UPDATE adjusted SET value = value + 1", STANDING),
        ("UPDATE adjusted SET currency = 'GBP'", STANDING),
        ("UPDATE adjusted SET retracted = 1 - retracted", STANDING),
        ("DELETE FROM adjusted", STANDING),
        ("UPDATE adjusted SET seq = seq + 1000", STANDING),
        ("UPDATE adjustments SET value = value + 1 WHERE kind = 'restate'", STANDING),
        ("DELETE FROM adjustment_effects", "an update of a conversion has no effect"),
        ("DELETE FROM references_seen WHERE reference_id = 'R1'", "a fire's reference is not kept"),
        ("UPDATE references_seen SET advertiser_id = 9", "a fire's reference is not kept"),
        ("UPDATE references_seen SET reference_id = 'R9'", "a reference is kept that no fire brought"),
        ("UPDATE references_seen SET seq = named_by + 1", "a reference is kept that no fire brought"),
        ("UPDATE memberships SET expires_at = expires_at + 1", MEMBERSHIP),
        ("UPDATE memberships SET added_at = added_at - 1", MEMBERSHIP),
        ("UPDATE memberships SET value = 6 WHERE value = 5", MEMBERSHIP),
        ("UPDATE memberships SET value = 6 WHERE value IS NULL", MEMBERSHIP),
        ("UPDATE memberships SET visitor_id = visitor_id + 100", MEMBERSHIP),
        ("UPDATE memberships SET seq = seq + 1000", MEMBERSHIP),
        ("UPDATE segment_loads SET flags = flags | 2 WHERE visitor_id = 7", MEMBERSHIP),
        ("UPDATE segment_versions SET expire_minutes = 5", MEMBERSHIP),
        ("UPDATE segment_versions SET state = 'inactive'", MEMBERSHIP),
        (
            "INSERT INTO memberships SELECT 2, 8, seq, NULL, at, at + 15552000000 FROM segment_loads
                WHERE visitor_id = 8 LIMIT 1",
            "a visitor is in a segment who has left it",
        ),
        ("DELETE FROM memberships WHERE visitor_id = 9", "a visitor is not in a segment, or for too short a time"),
        (
            "UPDATE memberships SET expires_at = expires_at - 1",
            "a visitor is not in a segment, or for too short a time",
        ),
        (
            "UPDATE segment_loads SET segments = '1' WHERE segments = '-2'",
            "a visitor is not in a segment, or for too short a time",
        ),
        ("UPDATE segment_loads_daily SET loads = loads + 1", DAILY_LOADS),
        ("UPDATE segment_loads_daily SET uniques = uniques + 1", DAILY_LOADS),
        ("UPDATE segment_loads_daily SET day = day + 86400000", DAILY_LOADS),
        ("DELETE FROM segment_loads_daily WHERE segment_id = 2", DAILY_LOADS),
        ("UPDATE imported SET seq = seq + 1000", "the mark of an imported line has no row"),
        ("DELETE FROM exposures WHERE visitor_id = 70", "the mark of an imported line has no row"),
        ("UPDATE imported SET seq = (SELECT min(seq) FROM fires)", "the mark of an imported line has no row"),
        ("DELETE FROM imported", "imported fires and their marks are not as many (how many marks)"),
        ("UPDATE fires SET tag = 7", "imported fires and their marks are not as many (how many marks)"),
        (
            "UPDATE rejected_hours SET requests = requests - 1",
            "more rejected requests are kept than were counted (hour)",
        ),
        ("DELETE FROM rejected", "fewer rejected requests are kept of an hour than there was room for (hour)"),
        (
            "UPDATE rejected_hours SET requests = requests + 1",
            "fewer rejected requests are kept of an hour than there was room for (hour)",
        ),
        ("DELETE FROM rejected_hours", "more rejected requests are kept than were counted (hour)"),
        ("DELETE FROM publishers", "a row of trackers refers to no row of publishers"),
    ] {
        let broken = copy(sound.path());
        breaks(broken.path(), breaking);
        let found = verify(broken.path()).await;
        assert!(found.faults.iter().any(|fault| fault.what == said && fault.rows > 0), "{breaking}: {found:#?}");
    }
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

/// What fits the rules and is wrong all the same, only judging once more can tell.
#[tokio::test]
async fn what_no_rule_tells_is_found_by_judging_once_more() {
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
        ("UPDATE conversions_hourly SET advertiser_id = 9", differ("conversions_hourly")),
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
    // What is over and not swept yet is no fault.
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

/// What cannot be used is not replaced by a check: it is told.
#[tokio::test]
async fn a_derived_file_that_cannot_be_used_is_told_and_left() {
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
async fn what_is_logged_during_a_comparison_is_compared_too() {
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

/// What `pixeld check` says, and whether it ends well.
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
    conn.execute("DELETE FROM conversions WHERE order_id = 'A1'", []).unwrap();
    let (well, said) = check(directory.path());
    assert!(!well, "{said}");
    assert!(said.contains("FAULT: a judged fire has no conversion: 1 row, the first at"), "{said}");
    assert!(said.contains("pixeld: the database is not sound"), "{said}");
}

#[tokio::test]
async fn a_damaged_file_is_told() {
    let directory = tempfile::TempDir::new().unwrap();
    every_kind(directory.path()).await;
    let conn = open_database(directory.path());
    // An index that lacks a row it should have: made anew with a condition, then told to be without one.
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
