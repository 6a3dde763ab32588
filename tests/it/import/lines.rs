//! Each rule of a line, by a line that breaks it; and what a line that breaks none becomes.

use std::fmt::Write;

use pixeld::clock::Clock;
use pixeld::domain::{Caller, LineItem, Publisher};
use pixeld::store::Store;

use super::{import, shop};

/// The beginnings of lines that are right but for what follows.
const FIRE: &str = r#"{"kind":"fire","at":"2026-09-03T10:00:00Z","pixel_id":1"#;
const CLICK: &str = r#"{"kind":"click","at":"2026-09-03T10:00:00Z""#;

#[tokio::test]
async fn each_broken_rule_is_reported_with_line_field_and_value() {
    let directory = tempfile::TempDir::new().unwrap();
    let shop = shop(directory.path()).await;
    let store = Store::open(directory.path(), Clock::System).unwrap();
    let by = Caller::shell().editor().unwrap();
    store.create(&by, LineItem::new(shop.advertiser.id, "Winter sale")).await.unwrap();
    store.create(&by, Publisher::new("Evening Post")).await.unwrap();
    store.stop();
    let fire = |more: &str| format!("{FIRE}{more}}}");
    let click = |more: &str| format!("{CLICK}{more}}}");
    let long = "x".repeat(300_000);
    let wrong = [
        "x".to_owned(),
        "[1]".to_owned(),
        r#"{"kind":"fire""#.to_owned(),
        r#"{"at":"2026-09-03T10:00:00Z"}"#.to_owned(),
        r#"{"kind":"conversion"}"#.to_owned(),
        r#"{"kind":"fire","pixel_id":1}"#.to_owned(),
        r#"{"kind":"fire","pixel_id":1,"at":"yesterday"}"#.to_owned(),
        r#"{"kind":"fire","pixel_id":1,"at":"2226-09-03T10:00:00Z"}"#.to_owned(),
        r#"{"kind":"fire","pixel_id":1,"at":"1999-12-31T23:59:59Z"}"#.to_owned(),
        r#"{"kind":"fire","at":"2026-09-03T10:00:00Z"}"#.to_owned(),
        r#"{"kind":"fire","at":"2026-09-03T10:00:00Z","pixel_id":9}"#.to_owned(),
        r#"{"kind":"fire","at":"2026-09-03T10:00:00Z","pixel_id":"one"}"#.to_owned(),
        r#"{"kind":"fire","at":"2026-09-03T10:00:00Z","pixel_code":"sell"}"#.to_owned(),
        fire(r#","value":1e12"#),
        fire(r#","value":-1"#),
        fire(r#","currency":"euro""#),
        fire(&format!(r#","order_id":"{}""#, "1".repeat(256))),
        fire(r#","other":"[OTHER]""#),
        fire(r#","num_items":1.5"#),
        fire(r#","content_ids":[[1]]"#),
        fire(r#","hashed_email":"anna@shop.example""#),
        fire(r#","visitor_id":"anna""#),
        fire(r#","visitor":"anna","visitor_id":"2a""#),
        fire(r#","sspdata":"AAAA""#),
        fire(r#","test":"maybe""#),
        fire(r#","gdpr":"${GDPR}""#),
        click(""),
        click(r#","line_item_id":9"#),
        click(r#","line_item_code":"winter""#),
        click(r#","line_item_id":1,"advertiser_id":9"#),
        click(r#","line_item_id":1,"publisher_id":9"#),
        click(r#","line_item_id":1,"publisher_code":"x""#),
        click(r#","tracker_id":1"#),
        click(r#","tracker_code":"x""#),
        click(r#","tracker_id":2,"line_item_id":9"#),
        click(r#","tracker_id":2,"line_item_id":2"#),
        click(r#","tracker_id":2,"publisher_id":2"#),
        click(r#","line_item_id":1,"ancost":1000000"#),
        click(r#","line_item_id":1,"campaign_id":"x""#),
        click(r#","line_item_id":1,"imp":"AAAA""#),
        click(&format!(r#","line_item_id":1,"impression":"{}""#, "x".repeat(257))),
        fire(&format!(r#","other":"{long}""#)),
    ];
    let mut told = String::new();
    for line in &wrong {
        let said = import(directory.path(), &[], line);
        assert!(!said.well, "{line}");
        let reason = said.out.lines().next().unwrap();
        writeln!(told, "{}", reason.trim()).unwrap();
    }
    insta::assert_snapshot!(told, @r#"
    line 1: the line is no JSON: expected value at character 1
    line 1: the line is no JSON object
    line 1: the line is no JSON: EOF while parsing an object at character 14
    line 1: kind is missing: say impression, click or fire
    line 1: kind must be impression, click or fire: "conversion"
    line 1: at is missing: when did it happen?
    line 1: at must be a time such as 2026-10-01T12:00:00Z, or seconds since 1970, and is "yesterday"
    line 1: at lies in the future (2226-09-03 10:00:00 UTC): "2226-09-03T10:00:00Z"
    line 1: at lies before the year 2000 (1999-12-31 23:59:59 UTC): "1999-12-31T23:59:59Z"
    line 1: pixel_id is missing
    line 1: pixel_id names no pixel: "9"
    line 1: pixel_id must be a whole number from 1 up: "one"
    line 1: pixel_code names no pixel: "sell"
    line 1: value is too large, and is "1000000000000"
    line 1: value must be a plain decimal number such as 10 or 10.50, and is "-1"
    line 1: currency must be an ISO 4217 code such as EUR, and is "euro"
    line 1: order_id may have at most 255 characters: "111111111111111111111111111111111111111111111111111111111111"
    line 1: other is a placeholder that was not filled in, and is "[OTHER]"
    line 1: num_items must be a whole number from 0 to 4294967295, and is "1.5"
    line 1: content_ids must be a list of texts, and is "[[1]]"
    line 1: hashed_email must be a SHA-256 as 64 hexadecimal digits: 17 characters
    line 1: visitor_id must be the value of the cookie pxid: 4 characters
    line 1: visitor_id is one too many: there is a visitor already: "2a"
    line 1: sspdata is no token of this server, or was altered: "AAAA"
    line 1: test must be 0 or 1, and is "maybe"
    line 1: gdpr is a placeholder that was not filled in, and is "${GDPR}"
    line 1: line_item_id is missing: name the line item, by its id or code, or the tracker
    line 1: line_item_id names no line item: "9"
    line 1: line_item_code names no line item: "winter"
    line 1: advertiser_id names no advertiser: "9"
    line 1: publisher_id names no publisher: "9"
    line 1: publisher_code names no publisher: "x"
    line 1: tracker_id names no click tracker: "1"
    line 1: tracker_code names no click tracker: "x"
    line 1: line_item_id names no line item: "9"
    line 1: line_item_id is not the line item of tracker 2: "2"
    line 1: publisher_id is not the publisher of tracker 2: "2"
    line 1: ancost is too large, and is "1000000"
    line 1: campaign_id must be a whole number from 1 up, and is "x"
    line 1: imp is no token of this server, or was altered: "AAAA"
    line 1: impression may have at most 256 characters: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    line 1: the line is longer than 262144 bytes
    "#);

    // Every one is reported, however many there are.
    let said = import(directory.path(), &[], &wrong.join("\n"));
    let told: Vec<_> = said.out.lines().collect();
    let numbered = (1..).zip(&told[..wrong.len()]).all(|(number, line)| line.starts_with(&format!("line {number}: ")));
    assert!(numbered, "{told:?}");
    assert_eq!(told[wrong.len()..], ["42 lines invalid, see above."]);
    assert!(said.err.ends_with("pixeld: nothing was appended, since every line is invalid\n"), "{}", said.err);
}

#[tokio::test]
async fn a_visitor_who_opted_out_is_taken_without_a_name() {
    let directory = tempfile::TempDir::new().unwrap();
    shop(directory.path()).await;
    let secret = format!(r#","visitor_id":" OptOut ","hashed_email":"{}""#, "ab".repeat(32));
    let lines =
        format!("\u{feff}{FIRE}{secret}}}\n{CLICK},\"line_item_code\":\"autumn\",\"visitor_id\":\"optout\"}}\n");
    let said = import(directory.path(), &[], &lines);
    assert!(said.well, "{said:?}");
    let log = crate::harness::open_database(directory.path());
    let named = "SELECT count(*), count(visitor_id), sum(query LIKE '%optout%' OR query LIKE '%abab%') FROM ";
    for table in ["fires", "exposures"] {
        let counts: (i64, i64, i64) =
            log.query_row(&format!("{named}{table}"), [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(counts, (1, 0, 0), "{table}");
    }
}

#[tokio::test]
async fn a_file_in_utf_16_is_refused_as_such() {
    let directory = tempfile::TempDir::new().unwrap();
    shop(directory.path()).await;
    // Without line ends: a stream of UTF-16 splits into lines elsewhere.
    let text = format!("\u{feff}{FIRE}}}");
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = directory.path().join("history");
    std::fs::write(&file, bytes).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pixeld"));
    let output = command.arg("import").arg(&file).arg("--data-dir").arg(directory.path()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && told.contains("line 1: the line is UTF-16; save the file as UTF-8"), "{told}");
}
