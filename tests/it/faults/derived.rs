//! A derived file that is damaged while the server runs: it is derived again beside the running server, and the pages say so.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use pixeld::domain::{Role, User};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::admin::{Browser, PASSWORD};
use crate::harness::{TestApp, derived_file, open_database};
use crate::judge::{HOUR, convert, fire, show, view};
use crate::program::{Program, pixeld};

const PATIENCE: Duration = Duration::from_secs(40);

/// A judged log of a few hundred conversions.
async fn a_log(directory: &Path) -> i64 {
    let app = TestApp::start_on(directory).await;
    let shop = app.shop().await;
    for visitor in 1..=300 {
        show(&app.store, view(shop.line_item.id, visitor, 0)).await;
        convert(&app, fire(shop.pixel.id, visitor, HOUR)).await;
    }
    let by = pixeld::domain::Caller::shell().admin().unwrap();
    app.auth.create_user(&by, User::new("mira", Role::Admin), PASSWORD).await.unwrap();
    app.judged().await;
    app.stop();
    shop.pixel.id.0
}

/// Spoils all pages of the conversions but the first.
fn spoil(file: &Path) {
    let conn = Connection::open(file).unwrap();
    let root: i64 =
        conn.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'conversions'", [], |row| row.get(0)).unwrap();
    drop(conn);
    let bytes = std::fs::read(file).unwrap();
    let page = |number: i64| usize::try_from((number - 1) * 1024).unwrap();
    let pages = children(&bytes[page(root)..page(root) + 1024]);
    let file = OpenOptions::new().write(true).open(file).unwrap();
    for number in pages {
        file.write_all_at(&[0xa5; 1024], u64::try_from(page(number)).unwrap()).unwrap();
    }
}

/// The pages below an interior page of a table.
fn children(page: &[u8]) -> Vec<i64> {
    assert_eq!(page[0], 5, "an interior page");
    let cells = usize::from(u16::from_be_bytes([page[3], page[4]]));
    let number = |at: usize| i64::from(u32::from_be_bytes(page[at..at + 4].try_into().unwrap()));
    let left = (0..cells).map(|cell| {
        let at = 12 + 2 * cell;
        number(usize::from(u16::from_be_bytes([page[at], page[at + 1]])))
    });
    left.chain([number(8)]).collect()
}

#[tokio::test]
async fn a_derived_file_that_is_damaged_is_derived_again_while_it_serves() {
    let other = TempDir::new().unwrap();
    a_log(other.path()).await;
    let other = other.path().join("derived-1.sqlite3");
    for (what, change) in [
        ("pages", &spoil as &dyn Fn(&Path)),
        ("truncated", &|file| OpenOptions::new().write(true).open(file).unwrap().set_len(20_480).unwrap()),
        ("removed", &|file| std::fs::remove_file(file).unwrap()),
        ("of another log", &|file| {
            std::fs::copy(&other, file.with_extension("new")).unwrap();
            std::fs::rename(file.with_extension("new"), file).unwrap();
        }),
    ] {
        let directory = TempDir::new().unwrap();
        let pixel = a_log(directory.path()).await;
        let (first, second) = (directory.path().join("derived-1.sqlite3"), directory.path().join("derived-2.sqlite3"));
        assert_eq!(derived_file(directory.path()), first);
        let program = Program::start(directory.path());
        let browser = Browser::at(&program.address);
        browser.sign_in("mira").await;
        change(&first);
        let (end, mut fires) = (Instant::now() + PATIENCE, 300);
        loop {
            let page = browser.get("/admin/conversions").await;
            let px = reqwest::get(format!("{}/px?id={pixel}", program.address)).await.unwrap();
            assert_eq!(px.status(), 200, "{what}: tags are answered as before");
            fires += 1;
            let health = reqwest::get(format!("{}/healthz", program.address)).await.unwrap().text().await.unwrap();
            if page.status == 200 && derived_file(directory.path()) == second && health == "ok\n" {
                break;
            }
            let says_so = |text: &str| text.contains("is damaged (") && text.contains("derives it from the log again");
            if says_so(&health) {
                let text = browser.get("/admin/pixels").await.text();
                let has_ended = derived_file(directory.path()) == second;
                assert!(has_ended || says_so(&text), "{what}: {text}");
            }
            assert!(Instant::now() < end, "{what}: {} {} {health}", page.status, page.text());
        }
        let log = program.stop();
        assert!(log.contains("derived-1.sqlite3 is damaged") && log.contains("is derived again, and in use"), "{log}");
        let (well, said) = pixeld(directory.path(), "check");
        assert!(well && said.contains(&format!("holds {fires} fires")), "{what}: {said}");
    }
}

#[tokio::test]
async fn damage_that_comes_back_soon_is_not_derived_again_at_once() {
    let directory = TempDir::new().unwrap();
    a_log(directory.path()).await;
    spoil(&derived_file(directory.path()));
    let app = TestApp::start_on(directory.path()).await;
    let browser = Browser::at(&format!("http://{}", app.address));
    browser.sign_in("mira").await;
    let end = Instant::now() + PATIENCE;
    while app.store.derived_file().ends_with("derived-1.sqlite3") {
        browser.get("/admin/conversions").await;
        assert!(Instant::now() < end, "it is never derived again");
    }
    let second = app.store.derived_file();
    // By another process: POSIX would drop this one's locks.
    let root: i64 = open_database(app.data_dir())
        .query_row("SELECT rootpage FROM derived.sqlite_schema WHERE name = 'conversions'", [], |row| row.get(0))
        .unwrap();
    let spoil = format!(
        "head -c 1024 /dev/zero | tr '\\0' x | dd of={} bs=1024 seek={} conv=notrunc status=none",
        second.display(),
        root - 1
    );
    let mending = loop {
        assert!(std::process::Command::new("sh").args(["-c", &spoil]).status().unwrap().success());
        browser.get("/admin/conversions").await;
        if let Some(mending) = app.store.mending()
            && mending.waits.is_some()
        {
            break mending;
        }
        assert!(Instant::now() < end, "it is never noticed");
    };
    assert!(mending.file == second && mending.to_string().contains("so the disk may fail"), "{mending}");
    assert_eq!(app.store.derived_file(), second);
    assert!(browser.get("/admin").await.text().contains("cannot derive it again now"));
    assert!(app.get("/healthz", &[]).await.text().await.unwrap().contains("cannot derive it again now"));

    app.wait_minutes(16);
    while app.store.derived_file() == second {
        assert!(Instant::now() < end, "it tries again after a while");
        tokio::task::yield_now().await;
    }
}
