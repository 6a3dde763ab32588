//! Forms that are sent twice.

use super::{Team, controls, send, with};

/// A form's address, its fields, the table of what it creates, and how many rows that has then.
type CreateForm = (&'static str, Vec<(&'static str, &'static str)>, &'static str, u64);

/// The forms that create something, with what is typed, and the table of what they create.
fn forms() -> Vec<CreateForm> {
    let shop = ("advertiser_id", "1");
    vec![
        ("/admin/pixels/new?advertiser_id=1", vec![("name", "New"), ("code", "new")], "pixels", 1),
        ("/admin/line-items/new?advertiser_id=1", vec![("name", "New"), ("anyway", "yes")], "line_items", 1),
        ("/admin/campaigns/new?line_item_id=1", vec![("name", "New"), ("code", "new")], "campaigns", 1),
        ("/admin/publishers/new", vec![("name", "New"), ("code", "new")], "publishers", 1),
        ("/admin/trackers/new?line_item_id=1&publisher_id=1", vec![("name", "New")], "trackers", 1),
        ("/admin/advertisers/new", vec![("name", "New"), ("code", "new")], "advertisers", 1),
        ("/admin/segments/new", vec![("short_name", "New"), ("code", "new")], "segments", 1),
        ("/admin/sources/new?advertiser_id=1&template=google", vec![shop, ("line_item_id", "1")], "sources", 1),
        ("/admin/users/new", vec![("username", "new"), ("password", "correct horse battery")], "users", 1),
        (
            "/admin/ads/new?line_item_id=1",
            vec![("name", "Banner"), ("placement", "Elsewhere"), ("click_url", "https://shop.example/")],
            "trackers",
            2,
        ),
    ]
}

async fn count(team: &Team, table: &str) -> u64 {
    let conn = crate::harness::open_database(team.app.data_dir());
    conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
}

#[actix_web::test]
async fn a_form_sent_twice_creates_one_object_and_leads_to_it_again() {
    let team = Team::start().await;
    for (path, typed, table, makes) in forms() {
        let opened = team.anna.get(path).await;
        let form = with(&controls(&opened), &typed);
        let to = path.split('?').next().unwrap();
        let before = count(&team, table).await;
        let (one, other) = tokio::join!(send(&team.anna, to, &form), send(&team.anna, to, &form));
        assert_eq!((one.status, other.status), (303, 303), "{path}: {} {}", one.text(), other.text());
        assert_eq!(one.location(), other.location(), "{path}");
        let again = send(&team.anna, to, &form).await;
        assert_eq!(again.location(), one.location(), "{path}: after going back");
        let said = team.anna.get(again.location()).await.text();
        assert!(said.contains("This form was sent before, and has created"), "{path}: {said}");
        assert_eq!(count(&team, table).await, before + makes, "{path}");
        // The key of one user means nothing for another, and one that is none is no key.
        assert_ne!(opened.typed("form_key"), team.anna.get(path).await.typed("form_key"));
    }
    assert_eq!(count(&team, "form_keys").await, 10);
}

#[actix_web::test]
async fn a_token_a_saved_report_and_a_correction_are_made_once() {
    let team = Team::start().await;
    let form = with(&controls(&team.anna.get("/admin/tokens/new").await), &[("name", "Nightly")]);
    let first = send(&team.anna, "/admin/tokens/new", &form).await;
    assert_eq!(first.status, 201);
    let again = send(&team.anna, "/admin/tokens/new", &form).await;
    assert_eq!((again.status, again.location()), (303, "/admin/tokens"));
    assert!(team.anna.get("/admin/tokens").await.text().contains("Its secret was shown once."));
    assert_eq!(count(&team, "tokens").await, 1);

    let report = "/admin/reports?type=attributed_conversions";
    let page = team.anna.get(report).await;
    let key = page.typed("form_key");
    let form = [("type", "attributed_conversions"), ("name", "Mondays"), ("form_key", key.as_str())];
    let first = team.anna.submit("/admin/reports/saved", &form).await;
    assert_eq!(first.status, 303, "{}", first.text());
    assert_eq!(team.anna.submit("/admin/reports/saved", &form).await.location(), first.location());
    assert_eq!(count(&team, "saved_reports").await, 1);

    let url = format!("/px?id={}&order_id=o-1&value=10", team.shop.pixel.id);
    team.app.get(&url, &[]).await;
    team.app.judged().await;
    let conn = crate::harness::open_database(team.app.data_dir());
    let seq: i64 = conn.query_row("SELECT max(seq) FROM fires", [], |row| row.get(0)).unwrap();
    let path = format!("/admin/conversions/{seq}/correct");
    let form = with(&controls(&team.anna.get(&path).await), &[("type", "restate"), ("value", "8")]);
    for _ in 0..2 {
        let sent = send(&team.anna, &path, &form).await;
        assert_eq!(sent.location(), format!("/admin/conversions/{seq}"), "{}", sent.text());
    }
    assert_eq!(count(&team, "adjustments").await, 1);
}

#[actix_web::test]
async fn a_key_is_one_users_and_a_form_shown_again_keeps_it() {
    let team = Team::start().await;
    let path = "/admin/publishers/new";
    let hers = with(&controls(&team.anna.get(path).await), &[("name", "Hers")]);
    let key = hers.iter().find(|(name, _)| name == "form_key").unwrap().1.clone();
    assert_eq!(send(&team.anna, path, &hers).await.status, 303);
    let his = with(&controls(&team.bert.get(path).await), &[("name", "His"), ("form_key", &key)]);
    let made = send(&team.bert, path, &his).await;
    assert_eq!(made.status, 303);
    assert!(team.bert.get(made.location()).await.text().contains("Placement “His” created."));

    let wrong = with(&controls(&team.anna.get(path).await), &[("name", "")]);
    let again = send(&team.anna, path, &wrong).await;
    assert_eq!(again.status, 422);
    let fixed = with(&controls(&again), &[("name", "Fixed")]);
    let key = |form: &super::Controls| form.iter().find(|(name, _)| name == "form_key").cloned();
    assert_eq!(key(&fixed), key(&wrong));
    let first = send(&team.anna, path, &fixed).await;
    assert_eq!(send(&team.anna, path, &fixed).await.location(), first.location());
    for odd in ["", "x", "0123"] {
        let form = with(&fixed, &[("form_key", odd), ("name", odd)]);
        assert_eq!(send(&team.anna, path, &with(&form, &[("name", "Odd")])).await.status, 303, "{odd}");
    }
}
