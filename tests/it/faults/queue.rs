//! A full queue: what finds no room is refused at once, and what is answered 200 is in the log.

use std::collections::BTreeSet;
use std::sync::mpsc;

use pixeld::domain::Pixel;
use pixeld::store::{LogRow, StoreError};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::collect::{BROWSER, header, transcript, visit};
use crate::harness::TestApp;
use crate::judge::fire;

/// How many rows may wait, as `store/writer` has it.
const MOST: usize = 16_384;

/// Holds the writer up, as a disk does that has stopped answering, until it is dropped.
struct Held(#[expect(dead_code, reason = "dropping it is what counts")] mpsc::Sender<()>);

async fn hold(app: &TestApp, pixel: &Pixel) -> Held {
    let (release, held) = mpsc::channel();
    let (begins, begun) = oneshot::channel();
    let (store, by, id) = (app.store.clone(), app.editor(), pixel.id.0);
    tokio::spawn(async move {
        let wait = move |_: &mut Pixel| {
            let _ = begins.send(());
            let _ = held.recv();
            Ok(())
        };
        store.update(&by, id, wait).await.unwrap();
    });
    begun.await.unwrap();
    Held(release)
}

/// Queues fires behind it; they are answered once it is let go.
async fn queue(app: &TestApp, pixel: &Pixel, count: usize) -> JoinSet<Result<(), StoreError>> {
    let mut waiting = JoinSet::new();
    for _ in 0..count {
        let (store, row) = (app.store.clone(), LogRow::Fire(Box::new(fire(pixel.id, 1, 0))));
        waiting.spawn(async move { store.append(row).await.map(drop) });
    }
    while app.store.queue_depth() < count.min(MOST) {
        tokio::task::yield_now().await;
    }
    waiting
}

#[tokio::test]
async fn a_full_queue_refuses_requests_at_once() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let before = app.store.logged();
    let held = hold(&app, &shop.pixel).await;
    let waiting = queue(&app, &shop.pixel, MOST + 100).await;
    let refused = |kind: &str, length: usize, body: &str| {
        format!(
            "503 Service Unavailable\ncache-control: no-store\ncontent-length: {length}\ncontent-type: {kind}\n\
             cross-origin-resource-policy: cross-origin\npragma: no-cache\nretry-after: 1\nx-pixeld: error=overloaded\n\n{body}"
        )
    };
    let (px, click) = (shop.pixel.id, shop.click.id);
    for (path, kind, length, body) in [
        (format!("/px?id={px}"), "image/gif", 43, "(the image)"),
        (format!("/px?id={px}&t=1"), "application/javascript", 0, ""),
        (format!("/imptr?id={}&t=2", shop.impression.id), "image/gif", 43, "(the image)"),
        // Not even for rejected requests there is room.
        ("/px?id=999".to_owned(), "image/gif", 43, "(the image)"),
    ] {
        assert_eq!(transcript(visit(&app, &path, &[]).await).await, refused(kind, length, body), "{path}");
    }
    let response = visit(&app, &format!("/clktr?id={click}"), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "retry-after").as_str()), (302, ""));
    assert_eq!(header(&response, "location"), "https://shop.example/landing", "the visitor arrives all the same");
    assert_eq!(header(&response, "x-pixeld"), "error=overloaded");
    let lost = app.store.losses().unwrap().to_string();
    let told = "1 ad click was led on but not recorded, and 2 pixel events, 1 ad view were refused, between 12:00 and ";
    assert!(lost.starts_with(told), "{lost}");
    drop(held);

    let answers = waiting.join_all().await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((taken.len(), refused.len()), (MOST, 100));
    assert!(refused.iter().all(|error| matches!(error, Err(StoreError::Overloaded))));
    assert_eq!(visit(&app, &format!("/px?id={px}"), &[]).await.status(), 200, "it recovers by itself");
    assert_eq!(usize::try_from(app.store.logged().0 - before.0).unwrap(), MOST + 1);
}

#[tokio::test]
async fn the_log_holds_exactly_the_fires_answered_200() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let held = hold(&app, &shop.pixel).await;
    let waiting = queue(&app, &shop.pixel, MOST - 4).await;
    let mut sent = JoinSet::new();
    for order in 0..10 {
        let url = app.url(&format!("/px?id={}&order_id=A{order}", shop.pixel.id));
        let request = app.client.get(url).header("user-agent", BROWSER);
        sent.spawn(async move { (order, request.send().await.unwrap().status().as_u16()) });
    }
    for _ in 0..6 {
        assert_eq!(sent.join_next().await.unwrap().unwrap().1, 503);
    }
    let before = app.store.logged();
    drop(held);
    let answered: BTreeSet<_> = sent.join_all().await.into_iter().collect();
    assert_eq!(answered.iter().map(|(_, status)| *status).collect::<Vec<_>>(), [200; 4]);
    assert!(waiting.join_all().await.iter().all(Result::is_ok));

    let reader = app.store.judge_file().unwrap();
    let rows = reader.snapshot().unwrap().rows(before, app.store.logged()).unwrap();
    let orders: BTreeSet<_> = rows.fires().filter_map(|fire| fire.order_id.clone()).collect();
    assert_eq!(orders, answered.iter().map(|(order, _)| format!("A{order}")).collect());
}
