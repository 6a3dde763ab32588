//! `pixeld import`: the program itself on a directory of its own, with and without a server on it; whole outputs.

mod bounded;
mod lines;
mod order;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use pixeld::clock::Clock;
use pixeld::domain::{Advertiser, Caller, ExposureKind, Pixel, Role, Seq, Status};
use pixeld::store::{ConversionQuery, LogItem, Store};

use crate::admin::Browser;
use crate::harness::{Shop, TestApp};
use crate::judge::{DAY, convert, fire};

/// The output of the program, and whether it ended well.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub well: bool,
    pub out: String,
    pub err: String,
}

/// Runs `pixeld import - --data-dir DIRECTORY` and more, on these lines.
pub fn import(directory: &Path, more: &[&str], lines: &str) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pixeld"))
        .args(["import", "-", "--data-dir"])
        .arg(directory)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    command.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = command.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { well: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

/// A shop whose pixel and line item have codes, in a closed database.
pub async fn shop(directory: &Path) -> Shop {
    let app = TestApp::start_on(directory).await;
    let mut shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let by = app.editor();
    let name = |pixel: &mut Pixel| {
        pixel.code = Some("buy".to_owned());
        Ok(())
    };
    shop.pixel = app.store.update(&by, shop.pixel.id.0, name).await.unwrap();
    let name = |line_item: &mut pixeld::domain::LineItem| {
        line_item.code = Some("autumn".to_owned());
        Ok(())
    };
    shop.line_item = app.store.update(&by, shop.line_item.id.0, name).await.unwrap();
    app.stop();
    shop
}

/// The rows of the log in order: impressions and clicks by their time, fires by their order.
async fn logged(directory: &Path) -> Vec<String> {
    let store = Store::open(directory, Clock::System).unwrap();
    let reader = store.judge_file().unwrap();
    let rows = reader.snapshot().unwrap().rows(Seq(0), store.logged()).unwrap();
    let told = rows.filter_map(|item| match item {
        LogItem::Fire(fire) => Some(format!("fire {}", fire.order_id.unwrap_or_default())),
        LogItem::Exposure(logged) => {
            let kind = if logged.touch.kind == ExposureKind::Click { "click" } else { "impression" };
            Some(format!("{kind} {}", logged.touch.at.rfc3339()))
        }
        _ => None,
    });
    let told = told.collect();
    let by = Caller::shell().reader().unwrap();
    assert_eq!(store.verify(&by).await.unwrap().faults, []);
    store.stop();
    told
}

const HISTORY: &str = r#"
{"kind":"fire","at":"2026-09-03T10:00:00Z","visitor":"anna","pixel_code":"buy","order_id":"A1","value":49.90}
{"kind":"impression","at":"2026-09-01T08:00:00Z","visitor":"anna","line_item_code":"autumn","publisher_id":1,"ancost":0.002}
{"kind":"click","at":"2026-09-01T08:00:00Z","visitor":"anna","line_item_id":1}
{"kind":"click","at":"2026-09-02 08:00:00","visitor":"ben","tracker_id":2,"campaign_id":7}
{"kind":"fire","at":1788343200,"visitor":"ben","pixel_id":1,"order_id":"A2","value":"10,50"}
{"kind":"fire","at":1788343200,"visitor":"ben","pixel_id":1,"order_id":"A2","value":"10.50","colour":"red"}
{"kind":"fire","at":"2026-09-02T11:00:00Z","visitor":"carl","pixel_id":1,"order_id":"A3"}
{ "at":"2026-09-02T11:00:00Z", "kind":"fire", "visitor":"carl", "order_id":"A3", "pixel_id":1, "value":null }
"#;

#[tokio::test]
async fn history_is_appended_by_time_and_judged() {
    let directory = tempfile::TempDir::new().unwrap();
    shop(directory.path()).await;
    let said = import(directory.path(), &[], HISTORY);
    insta::assert_snapshot!(said.out, @r#"
        line 6: value must be a plain decimal number such as 10 or 10.50, and is "10,50"
        8 lines read.
        Appended: 1 impression, 2 clicks, 3 fires.
        Skipped, duplicates in the file: 1 line.
        Outcomes of the fires:
          2 attributed post_click
          1 unattributed no_exposure
        1 line invalid, see above.
        Unknown fields that were ignored: colour (1 line)
    "#);
    insta::assert_snapshot!(said.err, @r"
        Read 8 lines, 1 of them invalid.
        Appended 6 of them.
        Judged.
    ");
    assert!(said.well);
    let by_time = [
        "impression 2026-09-01T08:00:00.000Z",
        "click 2026-09-01T08:00:00.000Z",
        "click 2026-09-02T08:00:00.000Z",
        "fire A2",
        "fire A3",
        "fire A1",
    ];
    assert_eq!(logged(directory.path()).await, by_time);

    // Once more: nothing is added, and nothing is judged otherwise.
    let said = import(directory.path(), &[], HISTORY);
    insta::assert_snapshot!(said.out, @r#"
        line 6: value must be a plain decimal number such as 10 or 10.50, and is "10,50"
        8 lines read.
        Appended: 0 impressions, 0 clicks, 0 fires.
        Skipped, imported before: 7 lines.
        1 line invalid, see above.
        Unknown fields that were ignored: colour (1 line)
    "#);
    assert!(said.well);
    assert_eq!(logged(directory.path()).await, by_time);
}

#[tokio::test]
async fn strict_appends_all_or_nothing() {
    let directory = tempfile::TempDir::new().unwrap();
    shop(directory.path()).await;
    let wrong = import(directory.path(), &["--strict"], HISTORY);
    insta::assert_snapshot!(wrong.out, @r#"
        line 6: value must be a plain decimal number such as 10 or 10.50, and is "10,50"
        1 line invalid, see above.
        Unknown fields that were ignored: colour (1 line)
    "#);
    insta::assert_snapshot!(wrong.err, @r"
        Read 8 lines, 1 of them invalid.
        pixeld: nothing was appended, since --strict was given
    ");
    assert!(!wrong.well);
    assert_eq!(logged(directory.path()).await, [""; 0]);

    let right: String = HISTORY.lines().filter(|line| !line.contains("A2")).map(|line| format!("{line}\n")).collect();
    let said = import(directory.path(), &["--strict"], &right);
    insta::assert_snapshot!(said.out, @r"
        6 lines read.
        Appended: 1 impression, 2 clicks, 2 fires.
        Skipped, duplicates in the file: 1 line.
        Outcomes of the fires:
          1 attributed post_click
          1 unattributed no_exposure
    ");
    assert!(said.well);
}

#[tokio::test]
async fn a_server_goes_on_serving_and_judges() {
    let directory = tempfile::TempDir::new().unwrap();
    let shop = shop(directory.path()).await;
    let app = TestApp::start_on(directory.path()).await;
    let seen = app.get(&format!("/imptr?id={}&t=2", shop.impression.id), &[]).await;
    assert_eq!(seen.status(), 200);
    let path = directory.path().to_owned();
    let said = tokio::task::spawn_blocking(move || import(&path, &[], HISTORY)).await.unwrap();
    let outcomes: Vec<_> = said.out.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert_eq!(outcomes, ["2 attributed post_click", "1 unattributed no_exposure"]);
    assert!(said.well, "{}", said.err);
    // The server goes on where the import ended.
    let seen = app.get(&format!("/imptr?id={}&t=2", shop.impression.id), &[]).await;
    assert_eq!(seen.status(), 200);
    let last = app.store.logged();
    app.judged().await;
    app.stop();
    assert_eq!(logged(directory.path()).await.len(), 8);
    let store = Store::open(directory.path(), Clock::System).unwrap();
    assert_eq!(store.logged(), last);
    store.stop();
}

#[tokio::test]
async fn unreadable_lines_are_reported() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().display().to_string();
    let said = import(directory.path(), &[], "");
    assert_eq!(said.err, format!("pixeld: there is no database in {path}\n"));
    shop(directory.path()).await;
    let run = |file: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_pixeld"))
            .args(["import", file, "--data-dir", &path])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = format!("{path}/no.ndjson");
    assert_eq!(run(&missing), format!("pixeld: cannot read {missing}: No such file or directory (os error 2)\n"));
    assert_eq!(run(&path), format!("pixeld: {path} is a directory\n"));
    // An empty file is none that is wrong.
    let said = import(directory.path(), &[], "\n\n");
    assert_eq!((said.well, said.out.as_str()), (true, "0 lines read.\nAppended: 0 impressions, 0 clicks, 0 fires.\n"));
}

#[tokio::test]
async fn a_code_that_several_advertisers_use_needs_one() {
    let directory = tempfile::TempDir::new().unwrap();
    let first = shop(directory.path()).await;
    let store = Store::open(directory.path(), Clock::System).unwrap();
    let by = Caller::shell().editor().unwrap();
    let second = store.create(&by, Advertiser::new("Second")).await.unwrap();
    let mut pixel = Pixel::new(second.id, "Purchase");
    (pixel.code, pixel.state) = (Some("buy".to_owned()), Status::Active);
    store.create(&by, pixel).await.unwrap();
    store.stop();
    let fire = |more: &str| format!(r#"{{"kind":"fire","at":"2026-09-03T10:00:00Z","pixel_code":"buy"{more}}}"#);
    let lines =
        [fire(""), fire(r#","advertiser_id":2"#), fire(&format!(r#","advertiser_id":{}"#, first.advertiser.id))];
    let said = import(directory.path(), &[], &lines.join("\n"));
    insta::assert_snapshot!(said.out, @r#"
        line 1: pixel_code is used by several advertisers; say which by advertiser_id: "buy"
        3 lines read.
        Appended: 0 impressions, 0 clicks, 2 fires.
        Outcomes of the fires:
          1 unattributed no_line_item
          1 unattributed no_visitor
        1 line invalid, see above.
    "#);
    assert!(said.well);
}

#[tokio::test]
async fn the_pages_invent_nothing_that_an_import_left_out() {
    let directory = tempfile::TempDir::new().unwrap();
    shop(directory.path()).await;
    let said = import(directory.path(), &[], HISTORY);
    assert!(said.well, "{said:?}");
    let app = TestApp::start_on(directory.path()).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let fires = app.store.conversions(&app.reader(), ConversionQuery::default()).await.unwrap();
    let credited = fires.items.iter().find(|c| c.fire.order_id.as_deref() == Some("A1")).unwrap();
    let page = browser.get(&format!("/admin/conversions/{}", credited.fire.seq)).await;
    assert!(page.text().contains("Credited to a click, 2 days 2 hours earlier."), "{}", page.text());
    assert!(page.text().contains("pixeld import {") && !page.body.contains("anna"), "{}", page.body);
    let live = browser.get("/admin/live?kind=all").await.text();
    assert!(live.contains("Imported") && !live.contains("Tracker 0") && !live.contains("publisher 0"), "{live}");
}

#[tokio::test]
async fn an_import_judges_logged_fires_again_on_request() {
    let directory = tempfile::TempDir::new().unwrap();
    let shop = shop(directory.path()).await;
    let app = TestApp::start_on(directory.path()).await;
    let early = convert(&app, fire(shop.pixel.id, 0x2a, -40 * DAY)).await;
    let late = convert(&app, fire(shop.pixel.id, 0x2a, 0)).await;
    let lines = r#"{"kind":"click","at":"2026-09-30T12:00:00Z","visitor_id":"2a","line_item_id":1}"#;
    let reasons = async || {
        app.judged().await;
        let mut reasons = Vec::new();
        for seq in [early.fire.seq, late.fire.seq] {
            reasons.push(app.store.conversion(&app.reader(), seq).await.unwrap().outcome.reason().to_string());
        }
        reasons
    };
    assert_eq!(reasons().await, ["no_exposure", "no_exposure"]);
    let run = async |more: &'static [&'static str]| {
        let path = directory.path().to_owned();
        tokio::task::spawn_blocking(move || import(&path, more, lines)).await.unwrap()
    };
    assert!(run(&[]).await.well);
    assert_eq!(reasons().await, ["no_exposure", "no_exposure"]);

    let said = run(&["--rejudge"]).await;
    assert!(said.well, "{said:?}");
    assert!(said.out.starts_with("Everything is recalculated and in use.\n1 line read.\n"), "{said:?}");
    // The server takes the new file up by itself.
    let mut follows = 0;
    while reasons().await != ["no_exposure", "post_click"] {
        follows += 1;
        assert!(follows < 1_000, "the server does not follow: {:?}", reasons().await);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // Once is enough.
    let said = run(&["--rejudge"]).await;
    assert!(said.well && !said.out.contains("new, and in use"), "{said:?}");
    app.stop();
    assert_eq!(logged(directory.path()).await.len(), 3);
}

#[tokio::test]
async fn a_click_is_tied_to_the_impression_that_it_names() {
    let directory = tempfile::TempDir::new().unwrap();
    let shop = shop(directory.path()).await;
    let app = TestApp::start_on(directory.path()).await;
    let seen = app.get(&format!("/imptr?id={}&t=2", shop.impression.id), &[("cookie", "pxid=2a")]).await;
    let token = seen.headers()["x-pixeld-imp"].to_str().unwrap().to_owned();
    app.stop();
    // The click's own window would reach the sales; that of its impression, of 90 days, does not.
    let lines = format!(
        r#"
{{"kind":"impression","at":"2026-05-01T08:00:00Z","visitor":"anna","line_item_id":1,"id":"view 1"}}
{{"kind":"click","at":"2026-09-01T08:00:00Z","visitor":"anna","line_item_id":1,"impression":"view 1","id":"click 1"}}
{{"kind":"fire","at":"2026-09-02T08:00:00Z","visitor":"anna","pixel_id":1}}
{{"kind":"click","at":"2026-09-01T08:00:00Z","visitor":"ben","line_item_id":1,"impression":"view 9"}}
{{"kind":"click","at":"2026-09-01T09:00:00Z","visitor":"ben","line_item_id":1,"impression":"click 1"}}
{{"kind":"fire","at":"2026-09-02T08:00:00Z","visitor":"ben","pixel_id":1}}
{{"kind":"click","at":"2026-09-01T08:00:00Z","visitor":"carl","line_item_id":1,"imp":"{token}"}}
{{"kind":"click","at":"2026-09-01T08:00:00Z","line_item_id":1,"gdpr":1,"impression":"view 1"}}
{{"kind":"impression","at":"2026-09-01T08:00:00Z","line_item_id":1,"impression":"view 1"}}
"#
    );
    let said = import(directory.path(), &[], &lines);
    insta::assert_snapshot!(said.out, @r"
        9 lines read.
        Appended: 2 impressions, 5 clicks, 2 fires.
        2 clicks name an impression that was not imported before; the click window starts at the click.
        Outcomes of the fires:
          1 attributed post_click
          1 unattributed outside_window
        Unknown fields that were ignored: impression (1 line)
    ");
    let conn = crate::harness::open_database(directory.path());
    let mut ties = conn.prepare("SELECT imp_seq, imp_at, warnings FROM exposures WHERE kind = 2 ORDER BY seq").unwrap();
    let ties: Vec<(Option<i64>, Option<i64>, Option<String>)> =
        ties.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect();
    let unknown = |id: &str| Some(format!(r#"[["impression","{id}","unknown_impression"]]"#));
    let first = Some(1_777_622_400_000);
    let view = ties[0].0;
    assert!(view.is_some());
    assert_eq!(ties[0], (view, first, None));
    assert_eq!(ties[1], (None, None, unknown("view 9")));
    assert!(ties[2].0.is_some_and(|seq| Some(seq) < view) && ties[2].1.is_some(), "by its token: {:?}", ties[2]);
    assert_eq!(ties[3], (None, None, None), "a visitor who is not to be known is tied to nothing");
    assert_eq!(ties[4], (None, None, unknown("click 1")), "a click is no impression");
    assert_eq!(logged(directory.path()).await.len(), 10);
}

#[tokio::test]
async fn lines_whose_objects_were_deleted_since_were_imported_before() {
    let directory = tempfile::TempDir::new().unwrap();
    let shop = shop(directory.path()).await;
    let named =
        r#"{"kind":"click","at":"2026-09-01T09:00:00Z","visitor":"anna","line_item_id":1,"publisher_id":1,"id":"c1"}"#;
    let history = format!("{HISTORY}{named}\n");
    let first = import(directory.path(), &[], &history);
    assert!(first.well && first.out.contains("Appended: 1 impression, 3 clicks, 3 fires."), "{first:?}");
    let logged_before = logged(directory.path()).await;

    let app = TestApp::start_on(directory.path()).await;
    app.store.delete::<Advertiser>(&app.editor(), shop.advertiser.id.0).await.unwrap();
    app.store.delete::<pixeld::domain::Publisher>(&app.editor(), shop.publisher.id.0).await.unwrap();
    app.stop();
    let again = import(directory.path(), &[], &history);
    insta::assert_snapshot!(again.out, @r#"
        line 6: pixel_id names no pixel: "1"
        9 lines read.
        Appended: 0 impressions, 0 clicks, 0 fires.
        Skipped, imported before: 8 lines.
        1 line invalid, see above.
    "#);
    assert!(again.well);
    assert_eq!(logged(directory.path()).await, logged_before);
    // Without the line that never was right, even a strict import has nothing against the file.
    let right: String =
        history.lines().filter(|line| !line.contains("10,50")).map(|line| format!("{line}\n")).collect();
    let strict = import(directory.path(), &["--strict"], &right);
    assert!(strict.well && strict.out.contains("Skipped, imported before: 8 lines."), "{strict:?}");
    // A line that no import appended stays wrong.
    let other = import(directory.path(), &[], &named.replace("c1", "c2"));
    assert!(!other.well && other.out.starts_with("line 1: line_item_id names no line item"), "{other:?}");
}
