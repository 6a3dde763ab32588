//! What was deleted, and the way back.

use pixeld::domain::{
    Advertiser, AuditAction, Caller, Campaign, LineItem, OutcomeKind, Pixel, PixelId, Publisher, Role, SavedReport,
    Segment, Source, Tracker,
};
use pixeld::store::{Entity, ListQuery, Restored};

use super::{Team, controls, send, with};
use crate::admin::Browser;
use crate::harness::TestApp;

/// Every row of the definitions, but for stamps.
fn definitions(app: &TestApp) -> Vec<String> {
    let conn = crate::harness::open_database(app.data_dir());
    let tables = [
        "advertisers",
        "publishers",
        "line_items",
        "line_item_pixels",
        "campaigns",
        "pixels",
        "pixel_piggybacks",
        "trackers",
        "segments",
        "segment_piggybacks",
        "sources",
        "saved_reports",
        "users",
        "tokens",
        "tracking_setups",
        "tracking_channels",
    ];
    let mut rows = Vec::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let columns = names.iter().filter(|name| *name != "last_modified" && *name != "last_sign_in");
            let value = |name: &String| format!("{name}={:?}", row.get_ref(name.as_str()).unwrap());
            rows.push(format!("{table} {}", columns.map(value).collect::<Vec<_>>().join(" ")));
        }
    }
    rows
}

async fn is_there<E: Entity>(team: &Team, id: i64) -> bool {
    team.app.store.get::<E>(&team.app.reader(), id).await.is_ok()
}

/// Deletes an object by its page, looks for it as somebody who asks for it, and restores it from the bin.
async fn goes_and_comes_back<E: Entity>(team: &Team, path: &str, id: i64, noun: &str) {
    let before = definitions(&team.app);
    let gone = team.bert.submit(&format!("{path}/delete"), &[("confirmed", "yes")]).await;
    assert_eq!(gone.status, 303, "{path}: {}", gone.text());
    assert!(!is_there::<E>(team, id).await, "{path}");
    let stale = team.anna.get(path).await;
    assert_eq!(stale.status, 404);
    let text = stale.text();
    assert!(text.contains(&format!("There is no {noun} {id}")) && text.contains("bert deleted"), "{path}: {text}");
    assert!(stale.has("/restore"), "{path}");

    let (_, rest) = stale.body.split_once("/admin/bin/").unwrap();
    let entry = rest.split('/').next().unwrap();
    let back = team.anna.submit(&format!("/admin/bin/{entry}/restore"), &[]).await;
    assert_eq!((back.status, back.location()), (303, path), "{}", back.text());
    assert!(team.anna.get(path).await.text().contains("is back"), "{path}");
    assert_eq!(definitions(&team.app), before, "{path}");
    let again = team.anna.submit(&format!("/admin/bin/{entry}/restore"), &[]).await;
    assert_eq!(again.status, 404, "{path}: it is out of the bin");
}

#[actix_web::test]
async fn each_kind_comes_back_as_it_was() {
    let team = Team::start().await;
    let (app, shop) = (&team.app, &team.shop);
    let by = app.editor();
    app.store.create(&by, SavedReport::new("Mondays", "bert", "type=pixel_outcomes")).await.unwrap();
    app.store
        .update(&by, shop.advertiser.id.0, |advertiser: &mut Advertiser| {
            advertiser.default_pixel_id = Some(PixelId(2));
            Ok(())
        })
        .await
        .unwrap();
    goes_and_comes_back::<Source>(&team, "/admin/sources/1", 1, "source").await;
    goes_and_comes_back::<Campaign>(&team, "/admin/campaigns/1", 1, "campaign").await;
    goes_and_comes_back::<Pixel>(&team, "/admin/pixels/2", 2, "pixel").await;
    goes_and_comes_back::<Segment>(&team, "/admin/segments/1", 1, "segment").await;
    goes_and_comes_back::<Publisher>(&team, "/admin/publishers/2", 2, "placement").await;
    goes_and_comes_back::<Tracker>(&team, "/admin/trackers/1", 1, "tracker").await;
    goes_and_comes_back::<SavedReport>(&team, "/admin/reports/saved/1", 1, "saved report").await;
    let lone = app
        .store
        .create(&by, LineItem { pixels: shop.line_item.pixels.clone(), ..LineItem::new(shop.advertiser.id, "Lone") });
    let lone = lone.await.unwrap().id;
    goes_and_comes_back::<LineItem>(&team, &format!("/admin/line-items/{lone}"), lone.0, "line item").await;
    let query = ListQuery { num_elements: 1_000, ..ListQuery::default() };
    let entries = app.store.audit(&Caller::shell().admin().unwrap(), query).await.unwrap().items;
    let restored = entries.iter().filter(|entry| entry.action == AuditAction::Restored);
    assert!(restored.clone().all(|entry| entry.user_name == "admin"));
    assert_eq!(restored.count(), 8);
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

#[actix_web::test]
async fn an_advertiser_wants_its_name_typed_and_comes_back_with_all_it_has() {
    let team = Team::start().await;
    let (app, anna) = (&team.app, &team.anna);
    let limited = Browser::of(app, Role::Viewer, Some(team.shop.advertiser.id)).await;
    let editor = Browser::of(app, Role::Editor, None).await;
    let path = "/admin/advertisers/1";
    let before = definitions(app);
    let asked = anna.submit(&format!("{path}/delete"), &[]).await;
    let text = asked.text();
    for said in ["2 pixels go with it", "“Purchase” and “Second”", "1 source goes with it", "Google", "30 days"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    for typed in ["", "ProStarr", "ProStarr Sports wear"] {
        let refused = anna.submit(&format!("{path}/delete"), &[("confirmed", "yes"), ("typed_name", typed)]).await;
        assert_eq!((refused.status, refused.typed("typed_name").as_str()), (422, typed));
        assert_eq!(crate::admin::objects::beside(&refused, "typed_name"), "Type “ProStarr Sportswear” to delete it.");
    }
    let fields = [("confirmed", "yes"), ("typed_name", "  prostarr   SPORTSWEAR ")];
    assert_eq!(anna.submit(&format!("{path}/delete"), &fields).await.location(), "/admin/advertisers");
    assert_eq!(limited.get("/admin").await.status, 303, "its user is signed out");
    let bin = anna.get("/admin/bin").await;
    let text = bin.text();
    assert!(text.contains("ProStarr Sportswear Advertiser 1, with") && text.contains("by admin"), "{text}");

    // An editor may not bring back users, as it may not delete them.
    assert!(editor.get("/admin/bin").await.text().contains("For admins"));
    assert_eq!(editor.submit("/admin/bin/1/restore", &[]).await.status, 403);

    let back = anna.submit("/admin/bin/1/restore", &[]).await;
    assert_eq!((back.status, back.location()), (303, path), "{}", back.text());
    assert_eq!(definitions(app), before);
    assert_eq!(limited.get("/admin").await.status, 303, "but not signed in");
    limited.sign_in("viewer1").await;
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
    app.get(&format!("/px?id={}", team.shop.pixel.id), &[]).await;
    app.judged().await;
    let conversion = app.store.conversion(&app.reader(), app.store.logged()).await.unwrap();
    assert_eq!(conversion.outcome.kind(), OutcomeKind::Unattributed, "its tags count again");
}

#[actix_web::test]
async fn what_is_in_the_way_is_named_with_the_way_round_it() {
    let team = Team::start().await;
    let (app, anna) = (&team.app, &team.anna);
    let (by, owner) = (app.editor(), team.shop.advertiser.id);
    let coded = |name: &str| Pixel { code: Some("sale".to_owned()), ..Pixel::new(owner, name) };
    let first = app.store.create(&by, coded("First")).await.unwrap();
    app.store.delete::<Pixel>(&by, first.id.0).await.unwrap();
    let second = app.store.create(&by, coded("Second")).await.unwrap();
    let asked = anna.submit("/admin/bin/1/restore", &[]).await;
    assert_eq!(asked.status, 409);
    let said = format!("The code “sale” of pixel “First” belongs to pixel {} now", second.id);
    assert!(asked.text().contains(&said), "{}", asked.text());
    assert!(!is_there::<Pixel>(&team, first.id.0).await);
    let back = send(anna, "/admin/bin/1/restore", &controls(&asked)).await;
    assert_eq!(back.status, 303, "{}", back.text());
    assert_eq!(app.store.get::<Pixel>(&app.reader(), first.id.0).await.unwrap().code, None);

    // What it needs is in the bin, too.
    let line_item = app.store.create(&by, LineItem::new(owner, "Winter")).await.unwrap();
    let campaign = app.store.create(&by, Campaign::new(owner, line_item.id, "Skis")).await.unwrap();
    app.store.delete::<Campaign>(&by, campaign.id.0).await.unwrap();
    app.store.delete::<LineItem>(&by, line_item.id.0).await.unwrap();
    let asked = anna.submit("/admin/bin/2/restore", &[]).await;
    assert_eq!(asked.status, 409);
    let said = format!("The line item {}, which is in the bin, too", line_item.id);
    assert!(asked.text().contains(&said) && asked.has("/admin/bin/3/restore"), "{}", asked.text());
    assert_eq!(anna.submit("/admin/bin/3/restore", &[]).await.status, 303);
    assert_eq!(anna.submit("/admin/bin/2/restore", &[]).await.status, 303);
    assert!(is_there::<Campaign>(&team, campaign.id.0).await);
}

#[actix_web::test]
async fn nobody_sees_or_restores_what_others_own() {
    let team = Team::start().await;
    let (app, owner) = (&team.app, team.shop.advertiser.id);
    let other = app.advertiser("Kessel Coffee").await;
    let by = app.editor();
    let beans = app.store.create(&by, Pixel::new(other.id, "Beans")).await.unwrap();
    app.store.delete::<Pixel>(&by, 2).await.unwrap();
    app.store.delete::<Pixel>(&by, beans.id.0).await.unwrap();
    app.store.delete::<Publisher>(&by, 2).await.unwrap();
    let limited = Browser::of(app, Role::Editor, Some(owner)).await;
    let text = limited.get("/admin/bin").await.text();
    assert!(text.contains("Second") && !text.contains("Beans") && !text.contains("Daily News"), "{text}");
    for entry in [2, 3] {
        assert_eq!(limited.submit(&format!("/admin/bin/{entry}/restore"), &[]).await.status, 404);
    }
    let stale = limited.get(&format!("/admin/pixels/{}", beans.id)).await;
    assert!(stale.status == 404 && !stale.text().contains("command line") && !stale.text().contains("Beans"));
    assert!(!limited.get("/admin/publishers/2").await.has("/restore"), "it may not restore what all share");
    assert_eq!(limited.submit("/admin/bin/1/restore", &[]).await.location(), "/admin/pixels/2");
    let viewer = Browser::of(app, Role::Viewer, None).await;
    assert_eq!(viewer.get("/admin/bin").await.status, 403);
    assert_eq!(viewer.submit("/admin/bin/2/restore", &[]).await.status, 403);
    assert!(!viewer.get("/admin").await.has("/admin/bin"), "nor does its menu lead there");
    assert!(!viewer.get(&format!("/admin/pixels/{}", beans.id)).await.has("/restore"));
}

#[actix_web::test]
async fn after_30_days_it_is_gone_for_good() {
    let team = Team::start().await;
    let (app, by) = (&team.app, team.app.editor());
    app.store.delete::<Pixel>(&by, 2).await.unwrap();
    app.wait_minutes(30 * 24 * 60 - 1);
    let restored = app.store.restore(&by, 1, false).await.unwrap();
    assert!(matches!(restored, Restored::Done(_)), "{restored:?}");
    app.store.delete::<Pixel>(&by, 2).await.unwrap();
    app.wait_minutes(30 * 24 * 60);
    assert!(app.store.restore(&by, 2, false).await.is_err());
    assert!(app.store.bin(&by).await.unwrap().is_empty());
    let conn = crate::harness::open_database(app.data_dir());
    let left = || conn.query_row("SELECT count(*) FROM bin_rows", [], |row| row.get::<_, i64>(0)).unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while left() > 0 {
        assert!(std::time::Instant::now() < end, "the background empties the bin");
        team.app.get("/healthz", &[]).await;
    }
    let sql = "SELECT user_name || ' ' || object_name FROM audit WHERE action = 'purged'";
    assert_eq!(conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap(), "pixeld Second");
    team.anna.sign_in("admin").await;
    let gone = team.anna.submit("/admin/pixels/2/edit", &[("name", "x")]).await;
    assert!(gone.text().contains("command line deleted “Second”") && !gone.has("/restore"), "{}", gone.text());
}

#[actix_web::test]
async fn a_form_of_a_deleted_object_keeps_what_was_typed() {
    let team = Team::start().await;
    let (anna, bert) = (&team.anna, &team.bert);
    let edit = "/admin/pixels/2/edit";
    let typed = with(&controls(&anna.get(edit).await), &[("name", "Annas <name>"), ("code", "annas")]);
    assert_eq!(bert.submit("/admin/pixels/2/delete", &[("confirmed", "yes")]).await.status, 303);
    let gone = send(anna, edit, &typed).await;
    assert_eq!(gone.status, 409);
    assert!(gone.text().contains("bert deleted “Second”") && gone.text().contains("Restore it"), "{}", gone.text());

    // A new one, with the form filled in.
    let fill = |seen: &crate::admin::Seen| {
        let form = seen.body.split(r#"action="/admin/pixels/new""#).nth(1).unwrap();
        let form = format!(r#"<form class="form"{}"#, form.split("</form>").next().unwrap());
        let page = crate::admin::Seen { status: 200, headers: seen.headers.clone(), body: form };
        with(&controls(&page), &[("do", "fill")])
    };
    let again = send(anna, "/admin/pixels/new", &fill(&gone)).await;
    assert_eq!(
        (again.status, again.typed("name").as_str(), again.typed("code").as_str()),
        (200, "Annas <name>", "annas")
    );
    let made = send(anna, "/admin/pixels/new", &controls(&again)).await;
    assert_eq!(made.location(), "/admin/pixels/3", "{}", made.text());

    // Or the old one, restored.
    let (_, rest) = gone.body.split_once("/admin/bin/").unwrap();
    let entry = rest.split('/').next().unwrap();
    let form = [("typed", gone.typed("typed"))];
    let form: Vec<_> = form.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let back = anna.submit(&format!("/admin/bin/{entry}/restore"), &form).await;
    assert!(back.location().starts_with("/admin/pixels/2/edit?"), "{}", back.location());
    let form = anna.get(back.location()).await;
    assert_eq!((form.status, form.typed("name").as_str()), (200, "Annas <name>"));
    let saved = send(anna, edit, &with(&controls(&form), &[("code", "annas-own")])).await;
    assert_eq!(saved.location(), "/admin/pixels/2", "{}", saved.text());
}
