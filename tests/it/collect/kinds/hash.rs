//! A `#` in a tag's address: browsers send nothing of what follows it.

use super::Site;
use crate::collect::{exposure, fire, header, load, segment, send, visit, warnings};

#[tokio::test]
async fn an_address_that_ends_in_an_empty_parameter_may_be_cut() {
    let site = Site::start().await;
    let (app, pixel, click) = (&site.app, site.shop.pixel.id, &site.click);
    let (advertiser, tracker) = (site.shop.advertiser.id, site.shop.click.id);
    let segment = segment(app, "buyers").await.id;
    let px = format!("/px?id={pixel}&t=2");
    let invoca = format!("/pixels/conversion/{advertiser}.gif?test=0");
    let older = format!("/tracked_actions/web_sale/{advertiser}?test=0");
    for (path, told) in [
        // In a page: /px?id=1&t=2&order_id=#1003&value=10
        (format!("{px}&order_id="), "warning=order_id"),
        (format!("{px}&order_id=+"), "warning=order_id"),
        (format!("{px}&order_id=%20"), "warning=order_id"),
        (format!("/px?id={pixel}&t=1&order_id="), "warning=order_id"),
        (format!("{px}&amp;order_id="), "warning=order_id"),
        (format!("{px}&value="), "warning=value"),
        (format!("{px}&event_id="), "warning=event_id"),
        (format!("{px}&order_id=&value="), "warning=value"),
        (format!("/sspx?id={pixel}&sspdata={click}&order_id="), "warning=order_id"),
        (format!("/seg?add={segment}&value="), "warning=value"),
        (format!("/clktr?id={tracker}&ancost="), "warning=ancost"),
        (format!("{invoca}&sale_amount="), "warning=sale_amount"),
        (format!("{invoca}&reference_id="), "warning=reference_id"),
        (format!("{older}&external_data="), "warning=external_data"),
        // Others are rightly empty at the end, or something follows them.
        (format!("{px}&order_id=&value=10"), "ok"),
        (format!("{px}&order_id=&cb=7"), "ok"),
        (format!("{px}&order_id=&"), "ok"),
        (format!("{px}&order_id=A1&order_id="), "warning=order_id"),
        (format!("{px}&order_id=%231003"), "ok"),
        (format!("{px}&order_id=&redir="), "ok"),
        (format!("{px}&redir="), "ok"),
        (format!("{px}&gdpr_consent="), "ok"),
        (format!("{px}&seg="), "ok"),
        (format!("{px}&sspdata="), "ok"),
        (format!("{px}&x="), "ok"),
        (format!("{px}&redir=https://shop.example/?order_id="), "ok"),
        (format!("{invoca}&sale_amount=&reason_code=x"), "ok"),
        (format!("{invoca}&sale_amount=5&sale_amount="), "warning=sale_amount"),
    ] {
        let response = visit(app, &path, &[("cookie", "pxid=2b")]).await;
        assert_eq!(header(&response, "x-pixeld"), told, "{path}");
        let Some(name) = told.strip_prefix("warning=") else { continue };
        let rule = if path.matches(name).count() > 1 { "repeated" } else { "cut_by_hash" };
        let logged = match path.split('?').next() {
            Some("/clktr") => exposure(app).await.row.warnings,
            Some("/seg") => load(app).await.warnings,
            _ => fire(app).await.warnings,
        };
        assert_eq!(warnings(&logged), [format!("{name} {rule}")], "{path}");
    }
}

#[tokio::test]
async fn a_body_is_never_cut() {
    let site = Site::start().await;
    let id = site.shop.pixel.id;
    for (path, kind, body) in [
        ("/px".to_owned(), "application/x-www-form-urlencoded", format!("id={id}&order_id=")),
        (format!("/px?id={id}&order_id="), "application/x-www-form-urlencoded", String::new()),
        ("/px".to_owned(), "text/plain", format!(r#"{{"id":{id},"order_id":""}}"#)),
    ] {
        let response = send(&site.app, &path, kind, body).await;
        assert_eq!(header(&response, "x-pixeld"), "ok", "{path}");
    }
}
