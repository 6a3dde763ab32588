//! Helps `benches/px/run`: prepares a database with a pixel, counts what was logged, and serves the bare handler that
//! pixeld is held against. No part of the product.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the shell")]

use std::path::Path;
use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::{App, HttpResponse, HttpServer, web};
use pixeld::clock::Clock;
use pixeld::domain::{Advertiser, Caller, Pixel, Seq};
use pixeld::store::Store;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["prepare", directory] => prepare(Path::new(directory)).await,
        ["count", directory] => count(Path::new(directory)).await,
        ["bare"] => bare().await,
        _ => anyhow::bail!("prepare DIR | count DIR | bare; see benches/px/run"),
    }
}

/// Makes the pixel with id 1.
async fn prepare(directory: &Path) -> anyhow::Result<()> {
    let store = Store::open(directory, Clock::System)?;
    let by = Caller::shell().editor()?;
    let advertiser = store.create(&by, Advertiser::new("Bench")).await?;
    let pixel = store.create(&by, Pixel::new(advertiser.id, "Purchase")).await?;
    anyhow::ensure!(pixel.id.0 == 1, "the directory is to be a new one");
    store.stop();
    Ok(())
}

/// Prints how many fires were logged, once all of them are judged.
async fn count(directory: &Path) -> anyhow::Result<()> {
    let store = Store::open(directory, Clock::System)?;
    let judge = pixeld::judge::Judge::start(store.clone())?;
    let logged = store.logged();
    let mut judged = store.judged();
    tokio::time::timeout(Duration::from_secs(120), judged.wait_for(|seq| *seq >= logged)).await??;
    let found = store.verify(&Caller::shell().reader()?).await?;
    anyhow::ensure!(found.faults.is_empty() && found.judged >= Seq(found.fires), "{found:?}");
    println!("{}", found.fires);
    judge.finish(Duration::ZERO);
    store.stop();
    Ok(())
}

/// A GIF and a cookie, from one thread; nothing is read, nothing is stored.
async fn bare() -> anyhow::Result<()> {
    let server = HttpServer::new(|| App::new().route("/px", web::get().to(gif))).workers(1).bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("the bare handler is ready at http://{address}");
    }
    Ok(server.run().await?)
}

async fn gif() -> HttpResponse {
    let cookie = Cookie::build("pxid", "00000000000001ef").path("/").http_only(true).finish();
    HttpResponse::Ok().content_type("image/gif").cookie(cookie).body(GIF)
}
