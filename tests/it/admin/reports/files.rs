//! The files of reports, the commands that fetch them, and reports that take long.

use std::process::Command;

use pixeld::domain::{Pixel, Role};
use serde_json::Value;

use super::{cells, looked_at};
use crate::admin::{Browser, PASSWORD, Seen};
use crate::harness::TestApp;

#[actix_web::test]
async fn long_reports_are_cut_in_words_and_the_files_hold_all() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    for n in 0..204 {
        app.store.create(&app.editor(), Pixel::new(shop.advertiser.id, format!("Pixel {n}"))).await.unwrap();
    }
    let admin = Browser::of(&app, Role::Admin, None).await;
    let seen = admin.get("/admin/reports?type=pixel_fired&sort=pixel_id.desc").await;
    assert!(seen.text().contains("205 pixels The first 200 are shown. Files hold all."), "{}", seen.text());
    assert_eq!((cells(&seen).len(), cells(&seen)[0].contains("205")), (200, true), "sorted before it is cut");
    let file = file(&admin, &[("type", "pixel_fired"), ("format", "csv")]).await;
    assert_eq!(file.body.lines().count(), 206);
}

/// Asks for a file and fetches it.
pub async fn file(browser: &Browser, fields: &[(&str, &str)]) -> Seen {
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
            "excel" => assert_eq!(file.body, "\u{feff}day\tfires\r\n2026-10-01\t2\r\n2026-10-02\t2\r\n"),
            "json" => {
                let rows: Value = serde_json::from_str(&file.body).unwrap();
                assert_eq!(rows[1]["fires"], 2);
            }
            _ => assert!(file.body.starts_with("PK"), "{:?}", &file.body[..20]),
        }
    }
    let start = admin.get("/admin/reports").await;
    assert!(start.text().contains("2 rows, 39 bytes CSV Ready"), "{}", start.text());
    let run = app.store.report_runs(&app.reader(), 1).await.unwrap().pop().unwrap();
    assert_eq!(
        run.request,
        format!(
            r#"{{"report":{{"report_type":"pixel_outcomes","name":"Weekly","report_interval":"last_7_days","timezone":"UTC","format":"{}","columns":["day","fires"]}}}}"#,
            run.format
        )
    );
    for (fields, message) in [
        (vec![("type", "pixel_outcomes"), ("format", "pdf")], "must be one of csv, excel, xlsx, json, not"),
        (vec![("type", "pixel_outcomes"), ("from", "x")], "“x” is not a day."),
    ] {
        let refused = admin.submit("/admin/reports/files", &fields).await;
        assert!(refused.status == 303 && refused.location().starts_with("/admin/reports?type=pixel_outcomes"));
        let back = admin.get(refused.location()).await;
        assert!(back.text().contains(message), "{}", back.text());
    }
    assert_eq!(admin.submit("/admin/reports/files", &[("type", "odd")]).await.status, 404);
    for path in ["/admin/reports/files/odd", "/admin/reports/files/odd/download"] {
        assert_eq!(admin.get(path).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn the_shell_commands_fetch_the_report() {
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
    assert!(running.status == 200 && running.text().contains("Preparing the report"), "{}", running.text());
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
    assert!(waiting.text().contains("Preparing the file"), "{}", waiting.text());
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
    assert!(!cells(&admin.get(&format!("{address}0")).await).is_empty(), "an unknown run runs again");
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
            assert!(seen.text().contains("No event matches."), "{query}");
            continue;
        }
        assert!(seen.text().contains(&format!("{count} of {count}")), "{query}: {}", seen.text());
        assert_eq!(ask(commanded(&seen)).await["count"], count, "{query}");
    }
    let list = admin.get("/admin/conversions?reason=post_click&range=last_30_days").await;
    let (_, id) = list.body.split_once(r#"href="/admin/conversions/"#).unwrap();
    let id = id.split('"').next().unwrap();
    let one = admin.get(&format!("/admin/conversions/{id}")).await;
    let explanation = ask(commanded(&one)).await["explanation"].clone();
    assert_eq!(explanation["outcome"], "attributed", "{explanation}");
}
