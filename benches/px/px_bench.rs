//! Helps `benches/px/run`: prepares a database that has seen traffic, says what to send, watches how far the judge is
//! behind, counts what was logged, and serves the bare handler that pixeld is held against. No part of the product.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the shell")]

mod past;

use std::path::Path;
use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::{App, HttpResponse, HttpServer, web};
use pixeld::clock::Clock;
use pixeld::domain::{Caller, Seq};
use pixeld::judge::Judge;
use pixeld::store::Store;

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
        ["count", directory] => count(Path::new(directory)).await,
        ["bare"] => bare().await,
        _ => anyhow::bail!("prepare DIR ROWS | requests ROWS | count DIR | bare; see benches/px/run"),
    }
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
