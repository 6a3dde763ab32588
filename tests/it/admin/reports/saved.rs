//! Saved reports, and what a user of one advertiser sees of reports.

use pixeld::domain::{Role, SavedReport};

use super::files::file;
use super::{cells, looked_at};
use crate::admin::Browser;
use crate::admin::objects::{beside, rows};
use crate::harness::TestApp;

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
    assert_eq!((blank.status, beside(&blank, "name").as_str()), (422, "Name is missing."));
    assert_eq!(blank.typed("timezone"), "Europe/Berlin", "nothing typed is lost");
    let named: Vec<_> = fields.iter().chain(&[("name", "Fires of the month")]).copied().collect();
    let saved = admin.submit("/admin/reports/saved", &named).await;
    let address = "/admin/reports?type=pixel_outcomes&range=last_30_days&timezone=Europe%2FBerlin&column=day\
                   &column=fires&pixel_id=1&saved=1";
    assert_eq!((saved.status, saved.location()), (303, address));
    let run = admin.get(address).await;
    assert!(run.has("<h1>Fires of the month</h1>") && !cells(&run).is_empty(), "{}", run.text());
    assert!(run.text().contains("saved for everyone with access."), "{}", run.text());
    let start = admin.get("/admin/reports").await;
    assert_eq!(rows(&start), ["Fires of the month"]);
    assert!(start.has(&format!(r#"href="{}""#, address.replace('&', "&#38;"))), "{}", start.body);

    let page = admin.get("/admin/reports/saved/1").await;
    assert!(page.text().contains("Report Outcomes by pixel Saved by admin"), "{}", page.text());
    let blank = admin.submit("/admin/reports/saved/1", &[("name", " ")]).await;
    assert_eq!((blank.status, beside(&blank, "name").as_str()), (422, "Name is missing."));
    let renamed = admin.submit("/admin/reports/saved/1", &[("name", "October")]).await;
    assert_eq!((renamed.status, renamed.location()), (303, "/admin/reports/saved/1"));
    assert_eq!(rows(&admin.get("/admin/reports").await), ["October"]);
    let late = [("name", "Later"), ("was_name", "Fires of the month")];
    let late = admin.submit("/admin/reports/saved/1", &late).await;
    assert!(beside(&late, "name").contains("was changed to \"October\" while this page was open"), "{}", late.text());
    assert_eq!((late.status, late.typed("name"), late.typed("was_name")), (422, "Later".into(), "October".into()));

    let asked = admin.submit("/admin/reports/saved/1/delete", &[]).await;
    assert!(asked.status == 200 && asked.asks(), "{}", asked.text());
    let deleted = admin.submit("/admin/reports/saved/1/delete", &[("confirmed", "yes")]).await;
    assert_eq!((deleted.status, deleted.location()), (303, "/admin/reports"));
    assert!(rows(&admin.get("/admin/reports").await).is_empty());
    assert_eq!(admin.get("/admin/reports/saved/1").await.status, 404);
    // An old link still runs what it says.
    let old = admin.get(address).await;
    assert!(old.status == 200 && old.has("<h1>Outcomes by pixel</h1>"), "{}", old.text());
    let log = admin.get("/admin/audit?object_type=saved-report").await;
    assert!(log.text().contains("admin Deleted October saved report 1"), "{}", log.text());
    let _ = app;
}

#[actix_web::test]
async fn a_limited_user_sees_and_runs_only_its_own_reports() {
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
    assert!(hidden.has("<h1>Last activity of pixels</h1>"), "{}", hidden.text());
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
        assert!(seen.status == 200 && seen.is_empty(), "{query}: {}", seen.text());
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
async fn a_user_saves_at_most_a_hundred_reports() {
    let app = TestApp::start().await;
    let admin = Browser::of(&app, Role::Admin, None).await;
    let save =
        async |name: &str| admin.submit("/admin/reports/saved", &[("type", "pixel_fired"), ("name", name)]).await;
    assert_eq!(save("First").await.status, 303);
    let first: SavedReport = app.store.get(&app.reader(), 1).await.unwrap();
    for n in 2..=100 {
        let report = SavedReport::new(format!("Report {n}"), &first.owner, &first.definition);
        app.store.create(&app.editor(), report).await.unwrap();
    }
    let full = save("Another").await;
    let text = "Name is one too many: 100 reports are saved by you already; delete one first.";
    assert_eq!((full.status, beside(&full, "name").as_str()), (422, text));
    let renamed = admin.submit("/admin/reports/saved/1", &[("name", "Renamed")]).await;
    assert_eq!(renamed.status, 303, "what is there can be renamed");
    let others = SavedReport::new("Theirs", "somebody", &first.definition);
    app.store.create(&app.editor(), others).await.unwrap();
    assert_eq!(admin.submit("/admin/reports/saved/2/delete", &[("confirmed", "yes")]).await.status, 303);
    assert_eq!(save("Another").await.status, 303);
}
