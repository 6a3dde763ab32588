//! Helps `benches/px/run`: prepares a database that has seen traffic, says what to send, watches how far the judge is
//! behind, counts what was logged, and serves the bare handler that pixeld is held against. No part of the product.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the shell")]

mod past;

use std::path::Path;
use std::time::{Duration, Instant};

use actix_web::cookie::Cookie;
use actix_web::{App, HttpResponse, HttpServer, web};
use pixeld::clock::Clock;
use pixeld::domain::{Caller, Seq};
use pixeld::judge::Judge;
use pixeld::store::{FILE_NAME, Store};
use rusqlite::{Connection, OpenFlags};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["prepare", directory, rows] => past::prepare(Path::new(directory), rows.parse()?).await,
        ["requests", rows] => {
            print!("{}", past::requests(rows.parse()?));
            Ok(())
        }
        ["lag", directory, seconds] => lag(Path::new(directory), Duration::from_secs(seconds.parse()?)),
        ["count", directory] => count(Path::new(directory)).await,
        ["bare"] => bare().await,
        _ => anyhow::bail!("prepare DIR ROWS | requests ROWS | lag DIR SECONDS | count DIR | bare; see benches/px/run"),
    }
}

/// Watches a running server for so long: prints how old the oldest row was that was not judged yet, at worst, and how many
/// rows were behind then (milliseconds, rows).
fn lag(directory: &Path, seconds: Duration) -> anyhow::Result<()> {
    let open = |file: &Path| Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let log = open(&directory.join(FILE_NAME))?;
    let generation: i64 = log.query_row("SELECT generation FROM derived_file", [], |row| row.get(0))?;
    let derived = open(&directory.join(format!("derived-{generation}.sqlite3")))?;
    let oldest =
        "SELECT min(at) FROM (SELECT at FROM fires WHERE seq = ?1 UNION ALL SELECT at FROM exposures WHERE seq = ?1)";
    let end = "SELECT max((SELECT max(seq) FROM fires), (SELECT max(seq) FROM exposures))";
    let (began, mut worst) = (Instant::now(), (0, 0));
    while began.elapsed() < seconds {
        let judged: i64 = derived.query_row("SELECT seq FROM judge_cursor", [], |row| row.get(0))?;
        let at: Option<i64> = log.query_row(oldest, [judged + 1], |row| row.get(0))?;
        if let Some(at) = at {
            let behind: i64 = log.query_row(end, [], |row| row.get(0))?;
            worst = worst.max((Clock::System.now().0 - at, behind - judged));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("{} {}", worst.0, worst.1);
    Ok(())
}

/// Prints how many exposures and fires are in the log, once all of it is judged and checked.
async fn count(directory: &Path) -> anyhow::Result<()> {
    let store = Store::open(directory, Clock::System)?;
    let judge = Judge::start(store.clone())?;
    past::judged(&store).await?;
    let found = store.verify(&Caller::shell().reader()?).await?;
    anyhow::ensure!(found.faults.is_empty() && found.judged >= Seq(found.fires + found.exposures), "{found:?}");
    println!("{}", found.fires + found.exposures);
    judge.finish(Duration::ZERO);
    store.stop();
    Ok(())
}

/// A GIF and a cookie, from one thread; nothing is read, nothing is stored.
async fn bare() -> anyhow::Result<()> {
    let server = HttpServer::new(|| App::new().default_service(web::to(gif))).workers(1).bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("the bare handler is ready at http://{address}");
    }
    Ok(server.run().await?)
}

async fn gif() -> HttpResponse {
    let cookie = Cookie::build("pxid", "00000000000001ef").path("/").http_only(true).finish();
    HttpResponse::Ok().content_type("image/gif").cookie(cookie).body(GIF)
}
