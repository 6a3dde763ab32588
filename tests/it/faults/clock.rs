//! A clock that is set back, as by an operator or by the network's time.

use pixeld::domain::{Millis, Seq};

use crate::admin::Browser;
use crate::collect::{cookie_id, exposure, fire, visit};
use crate::harness::{START, TestApp};

#[tokio::test]
async fn a_clock_that_is_set_back_loses_nothing_and_keeps_the_logs_order() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let admin = Browser::of(&app, pixeld::domain::Role::Admin, None).await;
    let first = app.store.logged();
    let response = visit(&app, &format!("/clktr?id={}", shop.click.id), &[]).await;
    let cookie = format!("pxid={}", cookie_id(&response));
    let buy = |order: &str| format!("/px?id={}&order_id={order}", shop.pixel.id);
    assert_eq!(visit(&app, &buy("before"), &[("cookie", &cookie)]).await.status(), 200);

    app.clock.set(START.plus(-3 * Millis::HOUR));
    assert_eq!(visit(&app, &buy("after"), &[("cookie", &cookie)]).await.status(), 200);
    assert_eq!((fire(&app).await.at, app.store.logged()), (START.plus(-3 * Millis::HOUR), Seq(first.0 + 3)));
    assert_eq!(visit(&app, "/px?id=999", &[]).await.status(), 404);
    assert_eq!(visit(&app, &format!("/clktr?id={}", shop.click.id), &[("cookie", &cookie)]).await.status(), 302);
    assert_eq!((exposure(&app).await.at, app.store.logged()), (START.plus(-3 * Millis::HOUR), Seq(first.0 + 4)));
    assert_eq!(visit(&app, &buy("last"), &[("cookie", &cookie)]).await.status(), 200);
    assert_eq!(admin.get("/admin").await.status, 200, "who is signed in stays so");

    app.judged().await;
    let found = app.store.verify(&app.reader()).await.unwrap();
    assert_eq!((found.faults, found.judged), (vec![], app.store.logged()));
    app.clock.set(START.plus(Millis::HOUR));
    assert_eq!(visit(&app, &buy("again"), &[("cookie", &cookie)]).await.status(), 200);
    app.judged().await;
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}
