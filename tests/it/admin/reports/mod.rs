//! The pages of reports: rows, totals, charts, errors.

mod files;
mod saved;

use pixeld::domain::{Pixel, Role};

use crate::admin::objects::beside;
use crate::admin::{Browser, Seen};
use crate::api::report_sums::trade;
use crate::harness::{START, Shop, TestApp};
use crate::judge::MIN;

const DAY: i64 = 24 * 60 * MIN;

/// A shop that traded on 1 and 2 October, a day ago, and the browser of an admin.
async fn looked_at() -> (TestApp, Shop, Browser) {
    let app = TestApp::start().await;
    let shop = trade(&app).await;
    app.clock.set(START.plus(DAY));
    let admin = Browser::of(&app, Role::Admin, None).await;
    (app, shop, admin)
}

/// The cells of the report's table, a line a row.
pub fn cells(seen: &Seen) -> Vec<String> {
    let Some((_, table)) = seen.body.split_once(r#"aria-label="Report""#) else { return Vec::new() };
    let table = table.split("</table>").next().unwrap();
    let cell = |cell: &str| {
        let text = cell.split_once('>').unwrap().1.split("</td>").next().unwrap();
        text.replace(
            r#"<span class="nil"><span aria-hidden="true">–</span><span class="unseen">none</span></span>"#,
            "-",
        )
        .trim()
        .to_owned()
    };
    let row = |row: &str| row.split("<td").skip(1).map(cell).collect::<Vec<_>>().join(" | ");
    table.split("<tr").skip(2).map(row).collect()
}

#[actix_web::test]
async fn every_kind_of_report_is_on_offer_and_runs() {
    let (_app, _, admin) = looked_at().await;
    let start = admin.get("/admin/reports").await;
    for (kind, name) in [
        ("advertiser_analytics", "Performance"),
        ("attributed_conversions", "Conversion list"),
        ("pixel_outcomes", "Outcomes by pixel"),
        ("segment_load", "Segment activity"),
        ("pixel_fired", "Last activity of pixels"),
    ] {
        assert!(start.has(&format!(r#"href="/admin/reports?type={kind}">{name}</a>"#)), "{kind}");
        let seen = admin.get(&format!("/admin/reports?type={kind}")).await;
        assert_eq!(seen.status, 200, "{kind}: {}", seen.text());
        assert!(seen.has(&format!("<h1>{name}</h1>")) && seen.text().contains("Show report"), "{kind}");
    }
    assert!(start.text().contains("No saved reports yet."), "{}", start.text());
    assert_eq!(admin.get("/admin/reports?type=network_analytics").await.status, 200);
}

#[actix_web::test]
async fn figures_are_shown_with_a_total_for_each_currency() {
    let (_app, _, admin) = looked_at().await;
    let columns =
        "column=day&column=currency&column=imps&column=ctr&column=total_convs&column=total_revenue&column=cpa";
    let seen = admin.get(&format!("/admin/reports?type=advertiser_analytics&{columns}")).await;
    assert_eq!(
        cells(&seen),
        [
            "Total | EUR | 0 | - | 0 | 7.00 | -",
            "Total | USD | 4 | 25.00% | 3 | 10.00 | 1.00",
            "1 Oct 2026 | EUR | 0 | - | 0 | 7.00 | -",
            "1 Oct 2026 | USD | 3 | 33.33% | 2 | 10.00 | 1.25",
            "2 Oct 2026 | USD | 1 | 0.00% | 1 | 0.00 | 0.50",
        ]
    );
    assert!(seen.text().contains("3 rows"), "{}", seen.text());
    // The drawing shows a count; money of two currencies has no drawing.
    assert!(seen.has("Impressions by day"), "{}", seen.body);
    let money = admin.get(&format!("/admin/reports?type=advertiser_analytics&{columns}&chart=total_revenue")).await;
    assert!(money.text().contains("Select one currency to see amounts in the chart."), "{}", money.text());
    let dollars = admin
        .get(&format!("/admin/reports?type=advertiser_analytics&{columns}&chart=total_revenue&currency=USD"))
        .await;
    assert!(dollars.has("Order value by day") && dollars.text().contains("Order value: 10 at most, 1 Oct"));
    // Without the column, rows of several currencies would look alike: that is said.
    let apart = admin.get("/admin/reports?type=advertiser_analytics&column=day&column=total_revenue").await;
    assert!(apart.text().contains("Amounts of several currencies are never added up"), "{}", apart.text());
}

#[actix_web::test]
async fn conversions_are_shown_drawn_and_added_up() {
    let (_app, _, admin) = looked_at().await;
    let columns = "column=datetime&column=post_click_or_post_view_conv&column=post_click_or_post_view_revenue\
                   &column=currency&column=imp_time";
    let seen = admin.get(&format!("/admin/reports?type=attributed_conversions&{columns}&timezone=Europe/Berlin")).await;
    assert_eq!(
        cells(&seen),
        [
            "Total |  | 7.00 | EUR | ",
            "Total |  | 10.00 | USD | ",
            "1 Oct 2026 14:40:00 | Click | 10.00 | USD | 1 Oct 2026 14:30:00",
            "1 Oct 2026 16:00:00 | View | 7.00 | EUR | 1 Oct 2026 14:01:00",
            "2 Oct 2026 03:00:00 | View | - | - | 1 Oct 2026 14:02:00",
        ]
    );
    assert!(seen.text().contains("3 conversions"), "{}", seen.text());
    assert!(
        seen.text().contains("Credited: click: 1 at most, 1 Oct. Credited: view: 1 at most, 2 Oct"),
        "{}",
        seen.text()
    );
    let hours = admin.get("/admin/reports?type=attributed_conversions&range=today").await;
    assert!(hours.has("Conversions by hour"), "{}", hours.text());
    let sorted = admin.get(&format!("/admin/reports?type=attributed_conversions&{columns}&sort=currency.asc")).await;
    assert!(cells(&sorted)[3].contains("EUR") && sorted.has(r#"aria-sort="ascending""#), "{:?}", cells(&sorted));
    assert!(sorted.has("sort=currency.desc"), "a second click turns it around");
    let clicks = "post_click_or_post_view_conv=Post+Click";
    let clicks = admin.get(&format!("/admin/reports?type=attributed_conversions&{columns}&{clicks}")).await;
    assert_eq!(cells(&clicks).len(), 1, "a single row has no sum: {:?}", cells(&clicks));
}

#[actix_web::test]
async fn the_zone_is_that_of_the_advertiser_it_is_about() {
    let (app, shop, admin) = looked_at().await;
    let change = |advertiser: &mut pixeld::domain::Advertiser| {
        advertiser.timezone = "Asia/Tokyo".to_owned();
        Ok(())
    };
    app.store.update(&app.editor(), shop.advertiser.id.0, change).await.unwrap();
    assert_eq!(admin.get("/admin/reports?type=pixel_outcomes").await.typed("timezone"), "Asia/Tokyo");
    let other = app.advertiser("Other").await.id;
    assert_eq!(admin.get("/admin/reports?type=pixel_outcomes").await.typed("timezone"), "UTC");
    for (advertiser, name) in [(other, "Its own"), (shop.advertiser.id, "Lead")] {
        app.store.create(&app.editor(), Pixel::new(advertiser, name)).await.unwrap();
    }
    for filter in ["advertiser_id=1", "pixel_id=1", "pixel_id=1,3", "line_item_id=1"] {
        let seen = admin.get(&format!("/admin/reports?type=advertiser_analytics&{filter}")).await;
        assert_eq!(seen.typed("timezone"), "Asia/Tokyo", "{filter}");
    }
    for filter in ["advertiser_id=2", "advertiser_id=9", "pixel_id=9", "pixel_id=1&pixel_id=2"] {
        let seen = admin.get(&format!("/admin/reports?type=pixel_outcomes&{filter}")).await;
        assert_eq!((seen.status, seen.typed("timezone").as_str()), (200, "UTC"), "{filter}");
    }
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_the_input_stays() {
    let (_app, _, admin) = looked_at().await;
    let wrong = admin.get("/admin/reports?type=pixel_outcomes&range=dates&from=x&timezone=Mars&currency=EUR").await;
    assert_eq!(wrong.status, 200);
    assert!(wrong.text().contains("This report cannot be run yet"), "{}", wrong.text());
    assert_eq!(beside(&wrong, "from"), "“x” is not a day. Write it as 2026-10-01.");
    assert_eq!(beside(&wrong, "to"), "The last day is missing. Choose a day, such as 2026-10-01.");
    assert_eq!(beside(&wrong, "timezone"), "“Mars” is not a time zone. Write one such as Europe/Berlin.");
    assert_eq!(wrong.typed("timezone"), "Mars");
    for (query, id, error) in [
        ("type=pixel_outcomes&from=2026-10-02&to=2026-10-01", "to", "The last day is before the first day."),
        (
            "type=pixel_outcomes&pixel_id=x",
            "pixel_id",
            "Pixel must hold values such as the column shows, and holds [\"x\"].",
        ),
        (
            "type=pixel_outcomes&column=odd",
            "columns",
            "The list of columns names \"odd\", which pixel_outcomes does not have; its meta lists the columns that it has.",
        ),
        ("type=pixel_outcomes&column=day&column=day", "columns", "The list of columns names \"day\" again."),
    ] {
        let seen = admin.get(&format!("/admin/reports?{query}")).await;
        assert_eq!((seen.status, beside(&seen, id).as_str()), (200, error), "{query}");
        assert!(cells(&seen).is_empty() && !seen.has("/admin/reports/files\""), "nothing ran: {query}");
    }
    let range = admin.get("/admin/reports?type=pixel_outcomes&range=fortnight").await;
    assert!(beside(&range, "range").starts_with("The period must be one of current_hour,"));
    let empty = admin.get("/admin/reports?type=pixel_outcomes&from=2020-01-01&to=2020-01-31").await;
    assert!(empty.status == 200 && empty.is_empty(), "{}", empty.text());
}

#[actix_web::test]
async fn the_pages_of_objects_link_to_their_reports() {
    let (app, shop, admin) = looked_at().await;
    app.store.create(&app.editor(), Pixel::new(shop.advertiser.id, "Sign-up")).await.unwrap();
    for (page, link) in [
        ("/admin/pixels/1", "type=pixel_outcomes&amp;pixel_id=1"),
        ("/admin/line-items/1", "type=advertiser_analytics&amp;line_item_id=1"),
        ("/admin/publishers/1", "type=advertiser_analytics&amp;publisher_id=1"),
        ("/admin/advertisers/1", "type=advertiser_analytics&amp;advertiser_id=1"),
    ] {
        assert!(admin.get(page).await.has(&format!("/admin/reports?{link}")), "{page}");
    }
    let chosen = [("do", "report"), ("id", "1"), ("id", "2"), ("back", "/admin/pixels")];
    let led = admin.submit("/admin/pixels/selected", &chosen).await;
    assert_eq!((led.status, led.location()), (303, "/admin/reports?type=pixel_outcomes&pixel_id=1,2"));
    let seen = admin.get(led.location()).await;
    assert!(seen.text().contains("Filters pixel") && seen.text().contains("Purchase, Sign-up"), "{}", seen.text());
    assert!(!cells(&seen).is_empty());
}
