//! Lists with figures: rows and totals by currency, any order, the file, who sees what, and odd addresses.

use pixeld::domain::{LineItem, PublisherId, Role, TrackerId};
use reqwest::header::CONTENT_DISPOSITION;

use super::rows;
use crate::admin::{Browser, Seen};
use crate::judge::{click, show};
use crate::store::figures::{Log, log};

const LISTS: [&str; 6] = ["line-items", "campaigns", "publishers", "trackers", "advertisers", "pixels"];

async fn file(browser: &Browser, path: &str) -> Vec<String> {
    let file = browser.get(path).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"), "{path}");
    assert!(file.header(CONTENT_DISPOSITION.as_str()).starts_with("attachment; filename="), "{path}");
    file.body.split_terminator("\r\n").map(str::to_owned).collect()
}

/// The lines of totals: the first cell, and the others.
pub fn totals(seen: &Seen) -> Vec<String> {
    let lines = seen.body.split(r#"<tr class="total">"#).skip(1);
    let line = |line: &str| {
        let cells = line.split("</tr>").next().unwrap().split("<td").skip(1);
        let text = |cell: &str| {
            let parts = cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
            parts.collect::<String>().replace("–none", "–")
        };
        cells.map(|cell| text(&format!("td{cell}").replacen("td", "<td", 1))).collect::<Vec<_>>().join(" ")
    };
    lines.map(line).collect()
}

#[actix_web::test]
async fn rows_stand_below_the_totals_of_their_currency() {
    let Log { app, .. } = log().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let seen = browser.get("/admin/line-items?category=all").await;
    assert_eq!(rows(&seen), ["Herbst", "Autumn sale", "Autumn sale"]);
    assert_eq!(
        totals(&seen),
        [
            "EUR · 1 line item – 1 – 1 – 7.00 – – – –",
            "GBP · 1 line item – – – – – 30.00 – – – –",
            "USD · 1 line item 2 1 50.00% 3 1 70.00 6.00 1.00 0.25 70.00",
        ]
    );
    assert_eq!(seen.column("Order value"), ["7.00", "30.00", "70.00"]);
    assert!(seen.text().contains("All 2 line items. Amounts are never converted"), "{}", seen.text());
    // Purchases alone, unless somebody asks for all.
    let purchases = browser.get("/admin/line-items").await;
    assert_eq!(totals(&purchases)[0], "EUR · 1 line item – 1 – – – – – – – –");
    let one_day = browser.get("/admin/line-items?from=2026-09-30&to=2026-09-30&category=all").await;
    assert_eq!(one_day.column("Impressions"), ["–none", "1"], "{}", one_day.text());
    assert!(one_day.text().contains("30 Sep"), "{}", one_day.text());
}

#[actix_web::test]
async fn every_list_has_a_file_of_what_it_shows() {
    let Log { app, dollars, euro } = log().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let buyer = "imps,clicks,ctr,click_convs,view_convs,order_value,payout,cost,cpa,roas";
    let (usd, gbp) = ("2,1,50.00,3,1,70.00,6.00,1.00,0.25,70.00", ",,,,,30.00,,,,");
    let eur = ",1,,1,,7.00,,,,";
    for (list, first, lines) in [
        ("line-items", "", vec!["2,Herbst,active,EUR,E", "1,Autumn sale,active,GBP,G", "1,Autumn sale,active,USD,U"]),
        (
            "advertisers",
            "",
            vec!["2,Alpenrad,active,EUR,E", "1,ProStarr Sportswear,active,GBP,G", "1,ProStarr Sportswear,active,USD,U"],
        ),
        ("publishers", "", vec!["1,Daily News,active,EUR,E", "1,Daily News,active,GBP,G", "1,Daily News,active,USD,U"]),
    ] {
        let file = file(&browser, &format!("/admin/{list}?category=all&format=csv")).await;
        let lines = lines.into_iter().map(|line| {
            let (line, figures) = line.rsplit_once(',').unwrap();
            format!(
                "{line},{}",
                match figures {
                    "E" => eur,
                    "G" => gbp,
                    _ => usd,
                }
            )
        });
        let expected: Vec<_> =
            std::iter::once(format!("id,name,status,currency,{first}{buyer}")).chain(lines).collect();
        assert_eq!(file, expected, "{list}");
    }
    let trackers = file(&browser, "/admin/trackers?category=all&columns=advertiser&format=csv").await;
    assert_eq!(
        trackers,
        [
            "id,name,status,currency,kind,imps,clicks,click_convs,view_convs,convs,order_value,payout".to_owned(),
            format!("{},Banner 300x250,active,USD,Ad views,2,,,1,1,10.00,", dollars.impression.id),
            format!("{},Banner 300x250,active,USD,Ad clicks,,1,3,,3,60.00,6.00", dollars.click.id),
            format!("{},Banner 300x250,active,GBP,Ad clicks,,,,,,30.00,", dollars.click.id),
            ",Without a tracker,,EUR,,,1,1,,1,7.00,".to_owned(),
        ]
    );
    let pixels = file(&browser, "/admin/pixels?format=csv&columns=media_buyer").await;
    assert_eq!(pixels[0], "id,name,status,reason,advertiser,trigger_type,events_12h,last_event,convs");
    assert_eq!(pixels.len(), 3);
    assert!(pixels[2].starts_with(&format!("{},Purchase,active,", dollars.pixel.id)) && pixels[2].ends_with(",4"));
    assert!(pixels[1].starts_with(&format!("{},Kauf,", euro.1.id)) && pixels[1].ends_with(",1"), "{pixels:?}");
}

#[actix_web::test]
async fn a_list_is_sorted_and_totalled_over_all_pages() {
    let Log { app, dollars, .. } = log().await;
    for n in 1..=30_i64 {
        let line_item = LineItem::new(dollars.advertiser.id, format!("Part {n:02}"));
        let line_item = app.store.create(&app.editor(), line_item).await.unwrap();
        for _ in 0..n {
            let mut click = click(line_item.id, 0, n);
            (click.tracker_id, click.publisher_id) = (TrackerId::NONE, PublisherId(1));
            show(&app.store, click).await;
        }
    }
    let formula = LineItem::new(dollars.advertiser.id, "=1+1");
    app.store.create(&app.editor(), formula).await.unwrap();
    app.judged().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let list = async |query: &str| browser.get(&format!("/admin/line-items?advertiser_id=1&{query}")).await;
    let first = list("size=25&sort=clicks.desc&columns=media_buyer").await;
    // The block of pounds has one row and comes last.
    assert_eq!(rows(&first)[..2], ["Part 30", "Part 29"]);
    assert_eq!(rows(&first).len(), 25);
    assert!(totals(&first)[0].starts_with("USD · 32 line items 2 466 50.00% 3 "), "{:?}", totals(&first));
    assert!(first.has(r#"aria-sort="descending""#) && first.has("sort=clicks.asc"));
    let second = list("start=25&sort=clicks.desc").await;
    assert_eq!(
        rows(&second),
        ["Part 05", "Part 04", "Part 03", "Part 02", "Autumn sale", "Part 01", "=1+1", "Autumn sale"]
    );
    assert!(totals(&second)[0].starts_with("USD · 32 line items 2 466 "), "{:?}", totals(&second));
    assert!(second.text().contains("26–33 of 33 rows."), "the size is remembered: {}", second.text());
    assert_eq!(rows(&list("sort=clicks.asc&search=part").await)[0], "Part 01");
    assert_eq!(rows(&list("sort=clicks&search=part").await)[0], "Part 30", "figures go down first");
    assert_eq!(rows(&list("sort=name.desc").await)[0], "Part 30");
    assert_eq!(rows(&list("sort=pixels.desc").await)[0], "Autumn sale", "a column that is not shown sorts, too");
    let shown = list("columns=details&sort=name.asc").await;
    assert_eq!(shown.column("Advertiser")[..2], ["ProStarr Sportswear", "ProStarr Sportswear"]);
    let own = list("column=roas&column=imps&sort=name.asc").await;
    assert!(own.text().contains("Columns Own columns") && own.column("Cost").is_empty());
    let remembered = list("").await;
    assert_eq!((remembered.column("ROAS").len(), remembered.column("Cost").len()), (25, 0));
    let file =
        file(&browser, "/admin/line-items?advertiser_id=1&sort=clicks.asc&search=1&columns=advertiser&format=csv")
            .await;
    let names: Vec<&str> = file.iter().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    let parts = (1..=30).map(|n| format!("Part {n:02}")).filter(|name| name.contains('1'));
    let others = ["'=1+1", "Autumn sale"].map(str::to_owned);
    let expected: Vec<String> = std::iter::once("Autumn sale".to_owned()).chain(parts).chain(others).collect();
    assert_eq!(names, expected, "by number and name, ties by name");
}

#[actix_web::test]
async fn a_limited_user_sees_the_own_figures() {
    let Log { app, euro, .. } = log().await;
    let browser = Browser::of(&app, Role::Viewer, Some(euro.0.id)).await;
    for (list, line) in [
        ("line-items", "2,Herbst,active,EUR,,1,,1,,7.00,,,,"),
        ("advertisers", "2,Alpenrad,active,EUR,,1,,1,,7.00,,,,"),
        ("publishers", "1,Daily News,active,EUR,,1,,1,,7.00,,,,"),
    ] {
        let own = file(&browser, &format!("/admin/{list}?category=all&format=csv")).await;
        assert_eq!(own[1..], [line], "{list}");
        let other = file(&browser, &format!("/admin/{list}?category=all&format=csv&advertiser_id=1")).await;
        assert_eq!(other, own, "{list}");
    }
    assert_eq!(
        browser.get("/admin/live?test=on&tracker=1").await.notes(),
        ["There is no tracker 1. Choose a pixel to test."]
    );
}

#[actix_web::test]
async fn an_odd_address_says_what_is_wrong_and_shows_the_rest() {
    let Log { app, dollars, .. } = log().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let campaign = pixeld::domain::Campaign::new(dollars.advertiser.id, dollars.line_item.id, "Spring");
    app.store.create(&app.editor(), campaign).await.unwrap();
    app.store.create(&app.editor(), pixeld::domain::Segment::new("Buyers")).await.unwrap();
    for list in LISTS {
        let usual = rows(&browser.get(&format!("/admin/{list}")).await);
        assert!(!usual.is_empty(), "{list}");
        let status = if list == "pixels" { "status" } else { "state" };
        let odd = format!("{status}=foo");
        for (query, sentence) in [
            ("start=99999", "There is no row “99999”. The last page is shown."),
            ("start=-1", "“-1” is no number of a row. The first page is shown."),
            ("sort=foo", "The list cannot be sorted by “foo”. The usual order is shown."),
            ("size=-1", "“-1” is no number of rows. Choose one of 25, 50, 100, 250, 500."),
            ("size=1000000", "“1000000” is no number of rows."),
            (odd.as_str(), "“foo” is no status. All are shown."),
            ("range=foo", "“foo” is no range."),
            ("from=2026-13-01", "“2026-13-01” is no day."),
        ] {
            let seen = browser.get(&format!("/admin/{list}?{query}")).await;
            assert!(seen.status == 200 && seen.text().contains(sentence), "{list}?{query}: {}", seen.text());
            assert_eq!(rows(&seen), usual, "{list}?{query}");
        }
        let several = browser.get(&format!("/admin/{list}?start=x&sort=y&size=z&{status}=u")).await;
        assert_eq!(several.body.matches(" shown.").count(), 3, "{list}: {}", several.text());
    }
}

#[actix_web::test]
async fn a_tracker_is_tested_on_the_live_page() {
    let Log { app, dollars, .. } = log().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let page = browser.get(&format!("/admin/trackers/{}", dollars.click.id)).await;
    let address = format!("/admin/live?test=on&tracker={}", dollars.click.id);
    assert!(page.has(&address.replace('&', "&amp;")), "{}", page.body);
    assert!(page.text().contains("Last 30 days Days in UTC. Impressions – 1 click Conversions 3 3 click · 0 view"));
    let click = browser.get(&address).await;
    assert!(click.has("test=1") && click.text().contains("Open the link") && !click.has("Load the tag here"));
    let view = browser.get(&format!("/admin/live?test=on&tracker={}", dollars.impression.id)).await;
    assert!(view.has("Load the tag here"), "{}", view.text());
    let loaded = browser.get(&format!("/admin/live?test=on&tracker={}&load=on", dollars.impression.id)).await;
    assert!(loaded.has(r#"<div class="tag-under-test">"#));
    app.get(&format!("/imptr?id={}&t=2&test=1", dollars.impression.id), &[]).await;
    let arrived = browser.get(&format!("/admin/live?test=on&tracker={}", dollars.impression.id)).await;
    assert!(arrived.has("data-live-empty hidden"), "{}", arrived.text());
}
