//! Exposure tokens: given out with impressions and clicks, taken with conversions and clicks, genuine to the last
//! character.

use pixeld::domain::{Advertiser, RedirectHosts, Seq};
use pixeld::store::ClickTracker;

use crate::collect::{exposure, fire, header, visit, warnings};
use crate::harness::{Shop, TestApp};

/// Makes the shop's landing page carry macros, and allows it as `redir`.
async fn with_macros(app: &TestApp) -> Shop {
    let shop = app.shop().await;
    let landing = |tracker: &mut ClickTracker| {
        let url = "https://shop.example/landing?c=${CLICK_ID}&s=${SSP_DATA}&l=${LINE_ITEM_ID}&k=${CAMPAIGN_ID}";
        tracker.0.click_url = Some(url.to_owned());
        Ok(())
    };
    app.store.update(&app.editor(), shop.click.id.0, landing).await.unwrap();
    let allow = |advertiser: &mut Advertiser| {
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".to_owned()]);
        Ok(())
    };
    app.store.update(&app.editor(), shop.advertiser.id.0, allow).await.unwrap();
    shop
}

fn parameter(url: &str, name: &str) -> String {
    let url = reqwest::Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_landing_page_gets_the_clicks_own_token() {
    let app = TestApp::start().await;
    let shop = with_macros(&app).await;
    let click = format!("/clktr?id={}&campaign_id=7", shop.click.id);
    let location = header(&visit(&app, &click, &[]).await, "location");
    let token = parameter(&location, "c");
    assert_eq!((token.len(), parameter(&location, "s")), (40, token.clone()));
    assert_eq!((parameter(&location, "l"), parameter(&location, "k").as_str()), (shop.line_item.id.to_string(), "7"));
    let clicked = app.store.logged();
    // By `redir` as well.
    let redir = "&redir=https%3A%2F%2Fshop.example%2F%3Fx%3D%24%7BCLICK_ID%7D";
    let other = parameter(&header(&visit(&app, &(click.clone() + redir), &[]).await, "location"), "x");
    assert!(other.len() == 40 && other != token);
    // A click that is not logged gives no token.
    let asked = app.client.head(app.url(&click)).send().await.unwrap();
    assert_eq!(parameter(&header(&asked, "location"), "c"), "");

    visit(&app, &format!("/px?id={}&sspdata={token}", shop.pixel.id), &[]).await;
    let logged = fire(&app).await;
    assert_eq!((logged.exposure, logged.warnings), (Some(clicked), vec![]));
    app.judged().await;
    let conversion = app.store.conversion(&app.reader(), app.store.logged()).await.unwrap();
    assert_eq!(conversion.outcome.reason().as_str(), "post_click");
    assert_eq!(conversion.credit.unwrap().exposure, clicked);
}

#[tokio::test]
async fn an_impressions_token_ties_the_click_to_it() {
    let app = TestApp::start().await;
    let shop = with_macros(&app).await;
    let seen = visit(&app, &format!("/imptr?id={}", shop.impression.id), &[]).await;
    let impression = exposure(&app).await;
    let token = header(&seen, "x-pixeld-imp");
    app.wait_minutes(5);
    let click = visit(&app, &format!("/clktr?id={}&imp={token}", shop.click.id), &[]).await;
    let logged = exposure(&app).await;
    assert_eq!((logged.impression, logged.row.warnings), (Some((impression.seq, impression.at)), vec![]));
    // A click is no impression.
    let own = parameter(&header(&click, "location"), "c");
    let response = visit(&app, &format!("/clktr?id={}&imp={own}", shop.click.id), &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (302, "warning=imp"));
    let logged = exposure(&app).await;
    assert_eq!((logged.impression, warnings(&logged.warnings)), (None, vec!["imp not_an_impression".to_owned()]));
    // An impression tells its token where it leads to, too.
    let redir = "https%3A%2F%2Fshop.example%2F%3Fx%3D%24%7BSSP_DATA%7D";
    let seen = visit(&app, &format!("/imptr?id={}&redir={redir}", shop.impression.id), &[]).await;
    assert_eq!(parameter(&header(&seen, "location"), "x"), header(&seen, "x-pixeld-imp"));
}

#[tokio::test]
async fn a_token_is_neither_guessed_nor_altered() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let token = header(&visit(&app, &format!("/imptr?id={}", shop.impression.id), &[]).await, "x-pixeld-imp");
    let other = TestApp::start().await;
    let others = other.shop().await;
    let foreign = header(&visit(&other, &format!("/imptr?id={}", others.impression.id), &[]).await, "x-pixeld-imp");
    assert_ne!(token, foreign);
    for bad in [
        foreign.as_str(),
        &format!("{token}."),
        &token[..39],
        &format!("{token}A"),
        &token.to_lowercase(),
        "x",
        "x%00x",
        &"A".repeat(40),
    ] {
        let response = visit(&app, &format!("/px?id={}&sspdata={bad}", shop.pixel.id), &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (200, "warning=sspdata"));
        let logged = fire(&app).await;
        assert_eq!(
            (logged.exposure, warnings(&logged.warnings)),
            (None, vec!["sspdata bad_token".to_owned()]),
            "{bad}"
        );
        let response = visit(&app, &format!("/clktr?id={}&imp={bad}", shop.click.id), &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "x-pixeld").as_str()), (302, "warning=imp"));
        assert_eq!(exposure(&app).await.impression, None, "{bad}");
    }
}

#[tokio::test]
async fn tokens_outlive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    let token = header(&visit(&app, &format!("/imptr?id={}", shop.impression.id), &[]).await, "x-pixeld-imp");
    let seq = app.store.logged();
    app.stop();
    let app = TestApp::start_on(directory.path()).await;
    visit(&app, &format!("/px?id={}&sspdata={token}", shop.pixel.id), &[]).await;
    assert_eq!(fire(&app).await.exposure, Some(seq));
    assert_ne!(seq, Seq(0));
}
