//! The pages of reports: what they show, what they refuse, the files, the saved ones, and who sees what.

use std::process::Command;

use pixeld::domain::{Pixel, Role, SavedReport};
use serde_json::Value;

use super::objects::{beside, rows};
use crate::admin::{Browser, PASSWORD, Seen};
use crate::api::report_sums::trade;
use crate::harness::{START, Shop, TestApp};
use crate::judge::MIN;

const DAY: i64 = 24 * 60 * MIN;

/// A shop that traded on 1 and 2 October, a day ago, and an admin who looks.
async fn looked_at() -> (TestApp, Shop, Browser) {
    let app = TestApp::start().await;
    let shop = trade(&app).await;
    app.clock.set(START.plus(DAY));
    let admin = Browser::of(&app, Role::Admin, None).await;
    (app, shop, admin)
}

/// The cells of the report's table, a line a row.
fn cells(seen: &Seen) -> Vec<String> {
    let Some((_, table)) = seen.body.split_once(r#"<div class="table-scroll""#) else { return Vec::new() };
    let table = table.split("</table>").next().unwrap();
    let cell = |cell: &str| {
        let text = cell.split_once('>').unwrap().1.split("</td>").next().unwrap();
        text.replace(r#"<span class="soft">–</span>"#, "-").trim().to_owned()
    };
    let row = |row: &str| row.split("<td").skip(1).map(cell).collect::<Vec<_>>().join(" | ");
    table.split("<tr>").skip(2).map(row).collect()
}

#[actix_web::test]
async fn every_kind_of_report_is_on_offer_and_runs() {
    let (_app, _, admin) = looked_at().await;
    let start = admin.get("/admin/reports").await;
    for (kind, name) in [
        ("advertiser_analytics", "Performance"),
        ("attributed_conversions", "Conversions one by one"),
        ("pixel_outcomes", "What became of fires"),
        ("segment_load", "Loads of segments"),
        ("pixel_fired", "When pixels last fired"),
    ] {
        assert!(start.has(&format!(r#"href="/admin/reports?type={kind}">{name}</a>"#)), "{kind}");
        let seen = admin.get(&format!("/admin/reports?type={kind}")).await;
        assert_eq!(seen.status, 200, "{kind}: {}", seen.text());
        assert!(seen.has(&format!("<h1>{name}</h1>")) && seen.text().contains("Show the report"), "{kind}");
    }
    assert!(start.text().contains("No saved reports yet"), "{}", start.text());
    assert_eq!(admin.get("/admin/reports?type=network_analytics").await.status, 200);
    assert_eq!(admin.get("/admin/reports?type=odd").await.status, 404);
}

#[actix_web::test]
async fn figures_are_shown_with_what_they_add_up_to_for_each_currency() {
    let (_app, _, admin) = looked_at().await;
    let columns =
        "column=day&column=currency&column=imps&column=ctr&column=total_convs&column=total_revenue&column=cpa";
    let seen = admin.get(&format!("/admin/reports?type=advertiser_analytics&{columns}")).await;
    assert_eq!(
        cells(&seen),
        [
            "2026-10-01 | EUR | 0 | - | 0 | 7.00 | -",
            "2026-10-01 | USD | 3 | 33.33 % | 2 | 10.00 | 1.25",
            "2026-10-02 | USD | 1 | 0.00 % | 1 | 0.00 | 0.50",
            "In all | EUR | 0 | - | 0 | 7.00 | -",
            "In all | USD | 4 | 25.00 % | 3 | 10.00 | 1.00",
        ]
    );
    assert!(seen.text().contains("3 rows"), "{}", seen.text());
    // The drawing shows a count; money of two currencies has no drawing.
    assert!(seen.has("Views by day"), "{}", seen.body);
    let money = admin.get(&format!("/admin/reports?type=advertiser_analytics&{columns}&chart=total_revenue")).await;
    assert!(money.text().contains("Amounts of several currencies share no scale."), "{}", money.text());
    let dollars = admin
        .get(&format!("/admin/reports?type=advertiser_analytics&{columns}&chart=total_revenue&currency=USD"))
        .await;
    assert!(dollars.has("Value passed by day") && dollars.text().contains("Value passed: 10 at most, 1 Oct"));
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
            "2026-10-01 14:40:00 | Post Click | 10.00 | USD | 2026-10-01 14:30:00",
            "2026-10-01 16:00:00 | Post View | 7.00 | EUR | 2026-10-01 14:01:00",
            "2026-10-02 03:00:00 | Post View | - | - | 2026-10-01 14:02:00",
            "In all | - | 7.00 | EUR | -",
            "In all | - | 10.00 | USD | -",
        ]
    );
    assert!(seen.text().contains("3 conversions"), "{}", seen.text());
    assert!(seen.text().contains("Post-click: 1 at most, 1 Oct; Post-view: 1 at most, 2 Oct"), "{}", seen.text());
    let hours = admin.get("/admin/reports?type=attributed_conversions&range=today").await;
    assert!(hours.has("Post-click and post-view by hour"), "{}", hours.text());
    let sorted = admin.get(&format!("/admin/reports?type=attributed_conversions&{columns}&sort=currency.asc")).await;
    assert!(cells(&sorted)[1].contains("EUR") && sorted.has(r#"aria-sort="ascending""#), "{:?}", cells(&sorted));
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
    app.advertiser("Other").await;
    assert_eq!(admin.get("/admin/reports?type=pixel_outcomes").await.typed("timezone"), "UTC");
    for filter in ["advertiser_id=1", "pixel_id=1", "line_item_id=1"] {
        let seen = admin.get(&format!("/admin/reports?type=advertiser_analytics&{filter}")).await;
        assert_eq!(seen.typed("timezone"), "Asia/Tokyo", "{filter}");
    }
    for filter in ["advertiser_id=2", "advertiser_id=9", "pixel_id=9", "pixel_id=1&pixel_id=2"] {
        let seen = admin.get(&format!("/admin/reports?type=pixel_outcomes&{filter}")).await;
        assert_eq!((seen.status, seen.typed("timezone").as_str()), (200, "UTC"), "{filter}");
    }
}

#[actix_web::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let (_app, _, admin) = looked_at().await;
    let wrong = admin.get("/admin/reports?type=pixel_outcomes&range=dates&from=x&timezone=Mars&currency=EUR").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("This report cannot be run yet"), "{}", wrong.text());
    assert_eq!(beside(&wrong, "from"), "From cannot be \"x\": choose a day, such as 2026-10-01.");
    assert_eq!(beside(&wrong, "to"), "To is required: choose a day, such as 2026-10-01.");
    assert_eq!(
        beside(&wrong, "timezone"),
        "Time zone must be an IANA time zone such as Europe/Berlin, and is \"Mars\"."
    );
    assert_eq!(wrong.typed("timezone"), "Mars");
    for (query, id, told) in [
        (
            "type=pixel_outcomes&from=2026-10-02&to=2026-10-01",
            "to",
            "To must not be before From: 2026-10-01 is before 2026-10-02.",
        ),
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
        assert_eq!((seen.status, beside(&seen, id).as_str()), (422, told), "{query}");
        assert!(cells(&seen).is_empty() && !seen.has("/admin/reports/files\""), "nothing ran: {query}");
    }
    let range = admin.get("/admin/reports?type=pixel_outcomes&range=fortnight").await;
    assert!(beside(&range, "range").starts_with("The range must be one of current_hour,"));
    let empty = admin.get("/admin/reports?type=pixel_outcomes&from=2020-01-01&to=2020-01-31").await;
    assert!(empty.status == 200 && empty.text().contains("Nothing to report"), "{}", empty.text());
}

#[actix_web::test]
async fn long_reports_are_cut_in_words_and_the_files_hold_all() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for n in 0..204 {
        app.store.create(&app.editor(), Pixel::new(shop.advertiser.id, format!("Pixel {n}"))).await.unwrap();
    }
    let admin = Browser::of(&app, Role::Admin, None).await;
    let seen = admin.get("/admin/reports?type=pixel_fired&sort=pixel_id.desc").await;
    assert!(seen.text().contains("205 pixels The first 200 are shown; the files hold them all."), "{}", seen.text());
    assert_eq!((cells(&seen).len(), cells(&seen)[0].contains("205")), (200, true), "sorted before it is cut");
    let file = file(&admin, &[("type", "pixel_fired"), ("format", "csv")]).await;
    assert_eq!(file.body.lines().count(), 206);
}

/// Asks for a file and fetches it.
async fn file(browser: &Browser, fields: &[(&str, &str)]) -> Seen {
    let asked = browser.submit("/admin/reports/files", fields).await;
    assert!(asked.status == 303 && asked.location().ends_with("/download"), "{} {}", asked.status, asked.location());
    browser.get(asked.location()).await
}

#[actix_web::test]
async fn files_are_those_of_the_api_in_every_format() {
    let (app, _, admin) = looked_at().await;
    let definition = [("type", "pixel_outcomes"), ("column", "day"), ("column", "fires"), ("name", "Weekly")];
    for (format, content_type, extension) in [
        ("csv", "text/csv; charset=utf-8", "csv"),
        ("excel", "text/tab-separated-values; charset=utf-8", "tsv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("json", "application/json", "json"),
    ] {
        let fields: Vec<_> = definition.iter().chain(&[("format", format)]).copied().collect();
        let file = file(&admin, &fields).await;
        assert_eq!((file.status, file.header("content-type")), (200, content_type));
        assert!(file.header("content-disposition").ends_with(&format!(".{extension}\"")), "{format}");
        match format {
            "csv" => assert_eq!(file.body, "day,fires\r\n2026-10-01,2\r\n2026-10-02,2\r\n"),
            "excel" => assert_eq!(file.body, "day\tfires\r\n2026-10-01\t2\r\n2026-10-02\t2\r\n"),
            "json" => {
                let rows: Value = serde_json::from_str(&file.body).unwrap();
                assert_eq!(rows[1]["fires"], 2);
            }
            _ => assert!(file.body.starts_with("PK"), "{:?}", &file.body[..20]),
        }
    }
    let start = admin.get("/admin/reports").await;
    assert!(start.text().contains("2 rows, 39 bytes CSV ready"), "{}", start.text());
    let run = app.store.report_runs(&app.reader(), 1).await.unwrap().pop().unwrap();
    assert_eq!(
        run.request,
        format!(
            r#"{{"report":{{"report_type":"pixel_outcomes","name":"Weekly","report_interval":"last_7_days","timezone":"UTC","format":"{}","columns":["day","fires"]}}}}"#,
            run.format
        )
    );
    for (fields, told) in [
        (vec![("type", "pixel_outcomes"), ("format", "pdf")], "must be one of csv, excel, xlsx, json, and is"),
        (vec![("type", "pixel_outcomes"), ("from", "x")], "choose a day, such as 2026-10-01."),
    ] {
        let refused = admin.submit("/admin/reports/files", &fields).await;
        assert!(refused.status == 303 && refused.location().starts_with("/admin/reports?type=pixel_outcomes"));
        let back = admin.get(refused.location()).await;
        assert!(back.text().contains(told), "{}", back.text());
    }
    assert_eq!(admin.submit("/admin/reports/files", &[("type", "odd")]).await.status, 404);
    for path in ["/admin/reports/files/odd", "/admin/reports/files/odd/download"] {
        assert_eq!(admin.get(path).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn the_commands_for_a_shell_do_what_they_say() {
    let (_app, _, admin) = looked_at().await;
    let seen = admin.get("/admin/reports?type=pixel_outcomes&column=day&column=fires").await;
    let (_, commands) = seen.body.split_once(r#"<pre id="commands" tabindex="0">"#).unwrap();
    let commands = commands.split("</pre>").next().unwrap();
    let commands = commands.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&").replace("&#60;", "<");
    assert!(commands.contains("YOUR PASSWORD"), "{commands}");
    let commands = commands.replace("&#62;", ">").replace("YOUR PASSWORD", PASSWORD);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    let shell = tokio::task::spawn_blocking(move || {
        Command::new("sh").arg("-ec").arg(commands).current_dir(path).env("no_proxy", "*").output().unwrap()
    });
    let output = shell.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let report = std::fs::read_to_string(directory.path().join("report.csv")).unwrap();
    assert_eq!(report, "day,fires\r\n2026-10-01,2\r\n2026-10-02,2\r\n");
}

#[actix_web::test]
async fn a_report_that_takes_long_is_followed_and_can_be_cancelled() {
    let (app, _, admin) = looked_at().await;
    let held = app.reports.hold().await;
    let running = admin.get("/admin/reports?type=pixel_outcomes").await;
    assert!(running.status == 200 && running.text().contains("This report takes a moment"), "{}", running.text());
    let again = running.header("refresh").to_owned();
    let address = again.strip_prefix("2; url=").expect(&again).to_owned();
    let id = address.rsplit_once("&run=").unwrap().1.to_owned();
    let cancel = format!("/admin/reports/looks/{id}/cancel");
    assert!(running.has(&format!(r#"action="{cancel}""#)) && running.has("<progress"), "{}", running.body);
    let back = address.rsplit_once("&run=").unwrap().0;
    let cancelled = admin.submit(&cancel, &[("back", back)]).await;
    assert_eq!((cancelled.status, cancelled.location()), (303, address.as_str()));
    let seen = admin.get(&address).await;
    assert!(seen.text().contains("The report was cancelled."), "{}", seen.text());
    assert_eq!(seen.header("refresh"), "");

    let file = admin.submit("/admin/reports/files", &[("type", "pixel_fired"), ("format", "csv")]).await;
    let page = file.location().to_owned();
    assert!(file.status == 303 && !page.ends_with("/download"), "{page}");
    let waiting = admin.get(&page).await;
    assert_eq!(waiting.header("refresh"), "2");
    assert!(waiting.text().contains("This file takes a moment"), "{}", waiting.text());
    assert_eq!(admin.get(&format!("{page}/download")).await.location(), page, "there is none yet");
    assert_eq!(admin.submit(&format!("{page}/cancel"), &[]).await.location(), page);
    let seen = admin.get(&page).await;
    assert!(seen.text().contains("Cancelled by admin."), "{}", seen.text());
    assert_eq!(seen.header("refresh"), "");

    // One that is let go is there in the end, under the same address.
    let running = admin.get("/admin/reports?type=pixel_outcomes").await;
    let address = running.header("refresh").strip_prefix("2; url=").unwrap().to_owned();
    drop(held);
    let seen = admin.get(&address).await;
    assert!(!cells(&seen).is_empty(), "{}", seen.text());
    assert!(!cells(&admin.get(&format!("{address}0")).await).is_empty(), "an unknown run is run anew");
}

#[actix_web::test]
async fn a_report_is_saved_run_again_renamed_and_deleted_after_a_question() {
    let (app, _, admin) = looked_at().await;
    let fields = [
        ("type", "pixel_outcomes"),
        ("range", "last_30_days"),
        ("timezone", "Europe/Berlin"),
        ("column", "day"),
        ("column", "fires"),
        ("pixel_id", "1"),
    ];
    let blank = admin.submit("/admin/reports/saved", &fields).await;
    assert_eq!((blank.status, beside(&blank, "name").as_str()), (422, "Name is required and must not be blank."));
    assert_eq!(blank.typed("timezone"), "Europe/Berlin", "nothing typed is lost");
    let named: Vec<_> = fields.iter().chain(&[("name", "Fires of the month")]).copied().collect();
    let saved = admin.submit("/admin/reports/saved", &named).await;
    let address = "/admin/reports?type=pixel_outcomes&range=last_30_days&timezone=Europe%2FBerlin&column=day\
                   &column=fires&pixel_id=1&saved=1";
    assert_eq!((saved.status, saved.location()), (303, address));
    let run = admin.get(address).await;
    assert!(run.has("<h1>Fires of the month</h1>") && !cells(&run).is_empty(), "{}", run.text());
    assert!(run.text().contains("is saved, for all who may see it."), "{}", run.text());
    let start = admin.get("/admin/reports").await;
    assert_eq!(rows(&start), ["Fires of the month"]);
    assert!(start.has(&format!(r#"href="{}""#, address.replace('&', "&#38;"))), "{}", start.body);

    let page = admin.get("/admin/reports/saved/1").await;
    assert!(page.text().contains("Report What became of fires Saved by admin"), "{}", page.text());
    let blank = admin.submit("/admin/reports/saved/1", &[("name", " ")]).await;
    assert_eq!((blank.status, beside(&blank, "name").as_str()), (422, "Name is required and must not be blank."));
    let renamed = admin.submit("/admin/reports/saved/1", &[("name", "October")]).await;
    assert_eq!((renamed.status, renamed.location()), (303, "/admin/reports/saved/1"));
    assert_eq!(rows(&admin.get("/admin/reports").await), ["October"]);

    let asked = admin.submit("/admin/reports/saved/1/delete", &[]).await;
    assert!(asked.status == 200 && asked.text().contains("Delete the saved report “October”?"), "{}", asked.text());
    let deleted = admin.submit("/admin/reports/saved/1/delete", &[("confirmed", "yes")]).await;
    assert_eq!((deleted.status, deleted.location()), (303, "/admin/reports"));
    assert!(rows(&admin.get("/admin/reports").await).is_empty());
    assert_eq!(admin.get("/admin/reports/saved/1").await.status, 404);
    // An old link still runs what it says.
    let old = admin.get(address).await;
    assert!(old.status == 200 && old.has("<h1>What became of fires</h1>"), "{}", old.text());
    let log = admin.get("/admin/audit?object_type=saved-report").await;
    assert!(log.text().contains("admin deleted October saved report 1"), "{}", log.text());
    let _ = app;
}

#[actix_web::test]
async fn who_is_limited_to_an_advertiser_sees_and_runs_only_what_is_its_own() {
    let (app, shop, admin) = looked_at().await;
    let other = app.advertiser("Other").await;
    let save = async |fields: &[(&str, &str)]| admin.submit("/admin/reports/saved", fields).await.status;
    assert_eq!(save(&[("type", "pixel_fired"), ("name", "All pixels")]).await, 303);
    assert_eq!(save(&[("type", "pixel_fired"), ("name", "Own pixels"), ("advertiser_id", "1")]).await, 303);
    assert_eq!(save(&[("type", "pixel_fired"), ("name", "Others' pixels"), ("advertiser_id", "2")]).await, 303);

    let viewer = Browser::of(&app, Role::Viewer, Some(shop.advertiser.id)).await;
    assert_eq!(rows(&viewer.get("/admin/reports").await), ["Own pixels"]);
    for id in [1, 3] {
        assert_eq!(viewer.get(&format!("/admin/reports/saved/{id}")).await.status, 404);
    }
    let page = viewer.get("/admin/reports/saved/2").await;
    assert!(page.status == 200 && !page.has("Rename") && !page.has("Delete"), "{}", page.text());
    let own = viewer.get("/admin/reports?type=pixel_fired&saved=2").await;
    assert!(own.has("<h1>Own pixels</h1>") && !own.has("Save this report"), "{}", own.text());
    let hidden = viewer.get("/admin/reports?type=pixel_fired&saved=3").await;
    assert!(hidden.has("<h1>When pixels last fired</h1>"), "{}", hidden.text());
    for (path, fields) in [
        ("/admin/reports/saved", &[("type", "pixel_fired"), ("name", "Mine")][..]),
        ("/admin/reports/saved/2", &[("name", "Mine")]),
        ("/admin/reports/saved/2/delete", &[("confirmed", "yes")]),
    ] {
        assert_eq!(viewer.submit(path, fields).await.status, 403, "{path}");
    }

    // The figures of others stay theirs, whatever is asked for, on the page and in files.
    let stranger = Browser::of(&app, Role::Viewer, Some(other.id)).await;
    for query in
        ["type=pixel_outcomes", "type=pixel_outcomes&pixel_id=1", "type=attributed_conversions&advertiser_id=1"]
    {
        let seen = stranger.get(&format!("/admin/reports?{query}")).await;
        assert!(seen.status == 200 && seen.text().contains("Nothing to report"), "{query}: {}", seen.text());
    }
    let none = file(&stranger, &[("type", "attributed_conversions"), ("column", "datetime")]).await;
    assert_eq!(none.body, "datetime\r\n");
    let asked = admin.submit("/admin/reports/files", &[("type", "pixel_fired")]).await;
    for browser in [&viewer, &stranger] {
        assert_eq!(browser.get(asked.location()).await.status, 404);
        let page = asked.location().strip_suffix("/download").unwrap();
        assert_eq!(browser.get(page).await.status, 404);
        assert_eq!(browser.submit(&format!("{page}/cancel"), &[]).await.status, 404);
    }
    // An editor with the same limit saves for its own advertiser.
    let editor = Browser::of(&app, Role::Editor, Some(shop.advertiser.id)).await;
    let fields = [("type", "pixel_fired"), ("name", "Ours"), ("advertiser_id", "2")];
    assert_eq!(editor.submit("/admin/reports/saved", &fields).await.status, 303);
    let saved: SavedReport = app.store.get(&app.reader(), 4).await.unwrap();
    assert_eq!((saved.advertiser_id, saved.owner.as_str()), (Some(shop.advertiser.id), "editor1"));
    assert_eq!(editor.submit("/admin/reports/saved/1/delete", &[("confirmed", "yes")]).await.status, 404);
    // It goes with its advertiser, and that is said before.
    let asks = admin.submit("/admin/advertisers/2/delete", &[]).await;
    assert!(asks.text().contains("1 saved report goes with it"), "{}", asks.text());
}

#[actix_web::test]
async fn reports_are_led_to_from_the_pages_of_what_they_are_about() {
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
    assert!(seen.text().contains("Filters: pixel") && seen.text().contains("Purchase, Sign-up"), "{}", seen.text());
    assert!(!cells(&seen).is_empty());
}

/// The address in the command that a page shows.
fn commanded(seen: &Seen) -> String {
    let (_, command) = seen.body.split_once(r#"<pre id="by-api" tabindex="0">"#).unwrap();
    let command =
        command.split("</pre>").next().unwrap().replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&");
    let (_, address) = command.split_once("curl -H \"Authorization: $TOKEN\" '").expect(&command);
    address.strip_suffix('\'').unwrap().to_owned()
}

#[actix_web::test]
async fn conversions_lead_to_the_same_by_the_api() {
    let (app, _, admin) = looked_at().await;
    let shell = pixeld::domain::Caller::shell().admin().unwrap();
    let token = pixeld::domain::ApiToken::new("script", Role::Viewer, None);
    let (secret, _) = app.auth.create_token(&shell, token).await.unwrap();
    let ask = async |address: String| -> Value {
        let answer = app.client.get(address).header("authorization", secret.expose()).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["response"].clone()
    };
    for (query, count) in [
        ("", 5),
        ("outcome=attributed", 3),
        ("outcome=attributed&reason=post_click&pixel=1", 1),
        ("from=2026-10-02&to=2026-10-02", 3),
        ("order=O%27N", 0),
    ] {
        let seen = admin.get(&format!("/admin/conversions?{query}")).await;
        if count == 0 {
            assert!(seen.text().contains("No conversion matches"), "{query}");
            continue;
        }
        assert!(seen.text().contains(&format!("1 to {count} of {count}")), "{query}: {}", seen.text());
        assert_eq!(ask(commanded(&seen)).await["count"], count, "{query}");
    }
    let list = admin.get("/admin/conversions?reason=post_click").await;
    let (_, id) = list.body.split_once(r#"href="/admin/conversions/"#).unwrap();
    let id = id.split('"').next().unwrap();
    let one = admin.get(&format!("/admin/conversions/{id}")).await;
    let explanation = ask(commanded(&one)).await["explanation"].clone();
    assert_eq!(explanation["outcome"], "attributed", "{explanation}");
}
