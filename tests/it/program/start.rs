//! It starts, answers, stops, and refuses what it cannot open.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use pixeld::app::App;
use pixeld::clock::Clock;
use pixeld::config::{Config, RawSettings};
use pixeld::domain::{Advertiser, Pixel, Role};
use pixeld::store::{ClickTracker, SettingChange, Store};

use crate::api::Api;
use crate::collect::endpoints::server::token;
use crate::collect::{header, visit};
use crate::harness::{Shop, TestApp, open_database};
use crate::program::{Program, pixeld};

#[tokio::test]
async fn definitions_survive_a_restart() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    app.stop();

    let app = TestApp::start_on(directory.path()).await;
    let pixel: Pixel = app.store.get(&app.reader(), shop.pixel.id.0).await.unwrap();
    assert_eq!(pixel, shop.pixel);
    assert_eq!(app.store.catalog().pixel(pixel.id).as_deref(), Some(&pixel), "tags know it from the start");
}

#[tokio::test]
async fn a_file_of_another_program_is_refused() {
    let directory = tempfile::TempDir::new().unwrap();
    std::fs::write(directory.path().join(pixeld::store::FILE_NAME), "not a database, but some notes").unwrap();
    let refused = Store::open(directory.path(), Clock::System).err().expect("refused").to_string();
    assert!(refused.contains("file is not a database"), "{refused}");
}

#[actix_web::test]
async fn a_directory_that_is_served_is_refused_to_a_second_server() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let given = RawSettings { data_dir: Some(directory.path().display().to_string()), ..RawSettings::default() };
    let refused = App::build(Config::resolve(&given).unwrap(), Clock::System).err().expect("refused").to_string();
    let expected = format!(
        "another pixeld serves from {}: stop it first, or give this one a directory of its own with --data-dir",
        directory.path().display()
    );
    assert_eq!(refused, expected);
    app.stop();
    TestApp::start_on(directory.path()).await;
}

/// The program under the usual umask of a shell.
fn program(arguments: &str, directory: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("umask 022; exec \"$0\" {arguments} --data-dir \"$1\"")]);
    command.arg(env!("CARGO_BIN_EXE_pixeld")).arg(directory).stdin(Stdio::null());
    command
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn what_the_program_makes_is_for_its_owner_alone() {
    let outside = tempfile::TempDir::new().unwrap();
    for command in ["user list", "token list", "serve --listen 127.0.0.1:0"] {
        let directory = outside.path().join(format!("{command}/data"));
        let mut started = program(command, &directory).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        if command.starts_with("serve") {
            let mut line = String::new();
            BufReader::new(started.stdout.take().unwrap()).read_line(&mut line).unwrap();
            assert!(line.contains("ready"), "{line}");
            started.kill().unwrap();
        }
        started.wait().unwrap();
        assert!(program("rebuild", &directory).stdout(Stdio::null()).status().unwrap().success());
        assert_eq!((mode(&directory), mode(directory.parent().unwrap())), (0o700, 0o700), "{command}");
        for file in std::fs::read_dir(&directory).unwrap().map(|file| file.unwrap().path()) {
            assert_eq!(mode(&file) & 0o077, 0, "{command}: {}", file.display());
        }
    }
}

#[test]
fn an_open_directory_is_named_in_the_log_and_stays_as_it_is() {
    let outside = tempfile::TempDir::new().unwrap();
    for (bits, is_named) in [(0o755, true), (0o700, false)] {
        let directory = outside.path().join(format!("{bits:o}"));
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(&directory, PermissionsExt::from_mode(bits)).unwrap();
        let serve = "serve --listen 127.0.0.1:0";
        let mut started = program(serve, &directory).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(started.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        started.kill().unwrap();
        let log = String::from_utf8(started.wait_with_output().unwrap().stderr).unwrap();
        let named = format!("close it with: chmod 700 {}", directory.display());
        assert_eq!((log.contains(&named), mode(&directory)), (is_named, bits), "{log}");
    }
}

#[tokio::test]
async fn the_terminal_prints_a_link_to_the_set_up_with_its_code() {
    let directory = tempfile::TempDir::new().unwrap();
    let mut started = program("serve --listen 127.0.0.1:0 --public-url px.shop.example", directory.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines: Vec<_> = BufReader::new(started.stdout.take().unwrap()).lines().take(3).map(Result::unwrap).collect();
    started.kill().unwrap();
    started.wait().unwrap();
    let (link, code) = lines[1].split_once("?code=").unwrap();
    assert_eq!(link, "To create the first account, open https://px.shop.example/admin/setup");
    assert_eq!(lines[2], format!("The link holds the set-up code: {code}"));
}

#[tokio::test]
async fn commands_go_by_the_settings_of_the_page() {
    let directory = tempfile::TempDir::new().unwrap();
    let print = || program("serve --print-config", directory.path()).output().unwrap();
    let printed = |name: &str| {
        let said = String::from_utf8(print().stdout).unwrap();
        said.lines().find(|line| line.starts_with(name)).unwrap().to_owned()
    };
    assert_eq!(printed("cookie_days"), "cookie_days = \"90\"  (default)");
    assert!(std::fs::read_dir(directory.path()).unwrap().next().is_none(), "it makes no database");
    let add = "user add mira --role admin --password-stdin";
    let mut added = program(add, directory.path()).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut added.stdin.take().unwrap(), b"correct horse battery\n").unwrap();
    assert!(added.wait().unwrap().success());
    let app = TestApp::start_on(directory.path()).await;
    assert_eq!(app.store.member().await.unwrap().name, "My organisation");
    let by = pixeld::domain::Caller::shell().admin().unwrap();
    let change = |name, value: &str, default| SettingChange { name, value: value.to_owned(), was: None, default };
    let changes = vec![change("cookie_days", "30", "90"), change("ip_storage", "full", "truncated")];
    app.store.save_settings(&by, None, changes).await.unwrap();
    assert_eq!(printed("cookie_days"), "cookie_days = \"30\"  (settings page)", "beside a running server");
    let shop = app.shop().await;
    let line = format!(
        r#"{{"kind":"fire","at":"2026-09-01T00:00:00Z","id":"1","pixel_id":{},"ip":"203.0.113.7","visitor":"a"}}"#,
        shop.pixel.id
    );
    let file = directory.path().join("history.ndjson");
    std::fs::write(&file, line).unwrap();
    let import = program(&format!("import {}", file.display()), directory.path()).output().unwrap();
    assert!(import.status.success(), "{import:?}");
    let conn = crate::harness::open_database(directory.path());
    let ip: String = conn.query_row("SELECT ip FROM fires", [], |row| row.get(0)).unwrap();
    assert_eq!(ip, "203.0.113.7");
}

/// A click's token, and the token of a collector.
async fn tokens(app: &TestApp, shop: &Shop) -> (String, String) {
    let landing = |tracker: &mut ClickTracker| {
        tracker.0.click_url = Some("https://shop.example/?c=${CLICK_ID}".to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), shop.click.id.0, landing).await.unwrap();
    let allow = |advertiser: &mut Advertiser| {
        advertiser.allow_any_redirect = true;
        Ok(())
    };
    app.store.update(&app.editor(), shop.advertiser.id.0, allow).await.unwrap();
    let clicked = visit(app, &format!("/clktr?id={}", shop.click.id), &[]).await;
    let click = header(&clicked, "location").strip_prefix("https://shop.example/?c=").unwrap().to_owned();
    (click, token(app, Role::Collector, None).await)
}

#[tokio::test]
async fn a_setting_adds_click_ids_to_every_way_in_and_a_rebuild_goes_by_the_log() {
    const ADDED: &str = "zclid,RB_click";
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    let (click, collector) = tokens(&app, &shop).await;
    app.stop();
    let server = Program::start_with(directory.path(), &format!("export PIXELD_CLICK_IDS={ADDED}"));
    let client = reqwest::Client::new();
    let (advertiser, pixel, at) = (shop.advertiser.id, shop.pixel.id, &server.address);
    let script = client.get(format!("{at}/site.js?id={advertiser}")).send().await.unwrap();
    assert!(script.text().await.unwrap().contains("\"zclid\",\"rb_click\""));
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let body = serde_json::json!({"id": advertiser.0, "parameters": {"ZCLID": ["Abc-1"], "colour": ["red"]}});
    let landing = client.post(format!("{at}/landing")).header("user-agent", browser);
    assert_eq!(landing.body(body.to_string()).send().await.unwrap().status(), 204);
    let event =
        serde_json::json!({"events": [{"pixel_id": pixel.0, "order_id": "A3", "Zclid": "Abc-3", "rb_click": "r9"}]});
    for request in [
        client.get(format!("{at}/px?id={pixel}&t=2&order_id=A1&zclid=Abc-1&RB_CLICK=r7")).header("user-agent", browser),
        client.get(format!("{at}/sspx?id={pixel}&order_id=A2&zclid=Abc-2&rb_click=r8&sspdata={click}")),
        client.post(format!("{at}/conversions")).header("authorization", &collector).body(event.to_string()),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
    server.stop();

    let file = directory.path().join("orders.jsonl");
    let line =
        r#"{"kind":"fire","at":"2026-09-03T10:00:00Z","visitor":"anna","pixel_id":1,"order_id":"A4","zclid":"Abc-4"}"#;
    std::fs::write(&file, format!("{line}\n")).unwrap();
    let mut import = program("import -", directory.path());
    let said = import.stdin(std::fs::File::open(&file).unwrap()).env("PIXELD_CLICK_IDS", ADDED).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));

    let (made, said) = pixeld(directory.path(), "rebuild");
    assert!(made, "{said}");
    let (agrees, said) = pixeld(directory.path(), "check");
    assert!(agrees, "{said}");
    let conn = open_database(directory.path());
    let text = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("SELECT arrival FROM exposures WHERE arrival IS NOT NULL"), r#"{"click_ids":[["zclid","Abc-1"]]}"#);
    for (order, ids) in [
        ("A1", r#"[["zclid","Abc-1"],["rb_click","r7"]]"#),
        ("A2", r#"[["zclid","Abc-2"],["rb_click","r8"]]"#),
        ("A3", r#"[["zclid","Abc-3"],["rb_click","r9"]]"#),
        ("A4", r#"[["zclid","Abc-4"]]"#),
    ] {
        assert_eq!(text(&format!("SELECT click_ids FROM fires WHERE order_id = '{order}'")), ids, "{order}");
    }
    let hash = pixeld::store::ClickIdKey::of(advertiser, "zclid", "Abc-1").hash();
    assert_eq!(conn.query_row("SELECT hash FROM click_ids", [], |row| row.get::<_, i64>(0)).unwrap(), hash);

    // The API names them, whatever the setting says by then.
    let api = Api::on(TestApp::start_on(directory.path()).await).await;
    api.app.judged().await;
    for (order, ids) in [("A2", ["zclid Abc-2", "rb_click r8"].as_slice()), ("A4", &["zclid Abc-4"])] {
        let sql = format!("SELECT seq FROM fires WHERE order_id = '{order}'");
        let seq: i64 = conn.query_row(&sql, [], |row| row.get(0)).unwrap();
        let answer = api.get(&format!("/conversion?id={seq}")).await;
        let named = answer["conversion"]["click_ids"].as_array().unwrap().iter();
        let named = named.map(|id| format!("{} {}", id["name"].as_str().unwrap(), id["value"].as_str().unwrap()));
        assert_eq!(named.collect::<Vec<_>>(), ids, "{order}");
    }
}
