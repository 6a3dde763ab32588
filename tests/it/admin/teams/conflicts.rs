//! Two people who edit one object at once.

use super::{Team, controls, send, with};

/// A kind of object: its page, and two of its fields with a label and new values.
struct Case {
    path: String,
    one: (&'static str, &'static str, [&'static str; 2]),
    other: (&'static str, [&'static str; 2]),
}

fn case(
    path: impl Into<String>,
    one: (&'static str, &'static str, [&'static str; 2]),
    other: (&'static str, [&'static str; 2]),
) -> Case {
    Case { path: path.into(), one, other }
}

fn cases(team: &Team) -> Vec<Case> {
    let shop = &team.shop;
    let name = ("name", "Name", ["Annas", "Berts"]);
    let state = ("state", ["inactive", "active"]);
    let code = ("code", ["first", "second"]);
    vec![
        case(format!("/admin/pixels/{}", shop.pixel.id), name, ("trigger_type", ["click", "view"])),
        case(
            format!("/admin/pixels/{}", shop.pixel.id),
            ("post_click_expire_mins", "Attribution window after a click", ["10", "11"]),
            ("max_value", ["5000.00", "6000.00"]),
        ),
        case(format!("/admin/line-items/{}", shop.line_item.id), name, code),
        case("/admin/campaigns/1", name, state),
        case("/admin/publishers/2", name, code),
        case("/admin/trackers/1", name, state),
        case(format!("/admin/advertisers/{}", shop.advertiser.id), name, ("timezone", ["Europe/Rome", "Asia/Tokyo"])),
        case("/admin/segments/1", ("short_name", "Name", ["Annas", "Berts"]), ("description", ["one", "two"])),
        case("/admin/sources/1", name, ("referrer_host", ["a.example", "b.example"])),
        case("/admin/users/3", ("username", "Username", ["carla", "karl"]), ("role", ["editor", "admin"])),
    ]
}

#[actix_web::test]
async fn fields_that_one_changed_are_merged_and_those_of_both_are_shown() {
    let team = Team::start().await;
    let (anna, bert) = (&team.anna, &team.bert);
    for Case { path, one: (field, label, [hers, his]), other: (other, [before, after]) } in cases(&team) {
        let edit = format!("{path}/edit");
        let base = controls(&anna.get(&edit).await);
        assert_eq!(send(anna, &edit, &with(&base, &[(other, before)])).await.status, 303, "{edit} {other}");

        // Each changes another field: both stay, and the page says so.
        let (form, late) = (controls(&anna.get(&edit).await), controls(&bert.get(&edit).await));
        team.app.wait_minutes(2);
        assert_eq!(send(anna, &edit, &with(&form, &[(field, hers)])).await.status, 303, "{edit}");
        let merged = send(bert, &edit, &with(&late, &[(other, after)])).await;
        assert_eq!(merged.status, 303, "{edit}: {}", merged.text());
        let said = bert.get(merged.location()).await.text();
        let kept = format!("admin changed {label} meanwhile, and that is kept.");
        assert!(said.contains(&kept), "{edit}: {said}");
        let now = controls(&anna.get(&edit).await);
        for expected in [(field, hers), (other, after)] {
            assert!(now.contains(&(expected.0.to_owned(), expected.1.to_owned())), "{edit}: {expected:?} {now:?}");
        }

        // Both change the same field: nothing is written before the choice, and nothing that was typed is lost.
        let late = controls(&bert.get(&edit).await);
        team.app.wait_minutes(2);
        let again = if field == "post_click_expire_mins" { "12" } else { "again" };
        assert_eq!(
            send(anna, &edit, &with(&late_of(&late, &anna.get(&edit).await), &[(field, again)])).await.status,
            303
        );
        let asked = send(bert, &edit, &with(&late, &[(field, his), (other, before)])).await;
        assert_eq!(asked.status, 409, "{edit}: {}", asked.text());
        let text = asked.text();
        assert!(text.contains("admin changed this"), "{text}");
        assert!(text.contains(label) && text.contains(again) && text.contains(his), "{edit}: {text}");
        assert!(!asked.has(&format!("keep_{other}")), "{edit}: the other field does not conflict");
        let stored = controls(&anna.get(&edit).await);
        assert!(stored.contains(&(field.to_owned(), again.to_owned())), "{edit}: {stored:?}");

        // Theirs keeps hers, and the rest of his.
        let choice = controls(&asked);
        let theirs = with(&choice, &[(&format!("keep_{field}"), "theirs")]);
        assert_eq!(send(bert, &edit, &theirs).await.status, 303, "{edit}");
        let stored = controls(&anna.get(&edit).await);
        for expected in [(field, again), (other, before)] {
            assert!(
                stored.contains(&(expected.0.to_owned(), expected.1.to_owned())),
                "{edit}: {expected:?} {stored:?}"
            );
        }
        // The same page once more, with mine: it holds what was chosen before as the values that it knows.
        let mine = send(bert, &edit, &with(&choice, &[(&format!("keep_{field}"), "mine")])).await;
        assert_eq!(mine.status, 303, "{edit}: {}", mine.text());
        let stored = controls(&anna.get(&edit).await);
        assert!(stored.contains(&(field.to_owned(), his.to_owned())), "{edit}: {stored:?}");
    }
}

/// Another session's form: the same fields with its own token.
fn late_of(fields: &super::Controls, page: &crate::admin::Seen) -> super::Controls {
    with(fields, &[("csrf", &page.csrf())])
}

#[actix_web::test]
async fn of_two_posts_at_once_one_is_saved_and_one_is_asked() {
    let team = Team::start().await;
    let edit = "/admin/campaigns/1/edit";
    let (hers, his) = (controls(&team.anna.get(edit).await), controls(&team.bert.get(edit).await));
    let (hers, his) = (with(&hers, &[("name", "Annas")]), with(&his, &[("name", "Berts")]));
    let (one, other) = tokio::join!(send(&team.anna, edit, &hers), send(&team.bert, edit, &his));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{} {}", one.text(), other.text());
}

#[actix_web::test]
async fn rows_of_pixels_are_merged_row_by_row_and_lists_as_a_whole() {
    let team = Team::start().await;
    let (anna, bert) = (&team.anna, &team.bert);
    let edit = format!("/admin/line-items/{}/edit", team.shop.line_item.id);
    let late = controls(&bert.get(&edit).await);
    let second = [("pixel", "2"), ("post_click_revenue", "3"), ("post_view_revenue", ""), ("pixel_state", "active")];
    let mut form = controls(&anna.get(&edit).await);
    form.extend(second.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!(send(anna, &edit, &form).await.status, 303);
    let merged = send(bert, &edit, &with(&late, &[("post_click_revenue", "7.50")])).await;
    assert_eq!(merged.status, 303, "{}", merged.text());
    let now = controls(&anna.get(&edit).await);
    let of = |name: &str| now.iter().filter(|(n, _)| n == name).map(|(_, text)| text.clone()).collect::<Vec<_>>();
    assert_eq!((of("pixel").len(), of("post_click_revenue")), (2, vec!["7.50".to_owned(), "3.00".to_owned()]));

    // The same row in two ways is shown with the pixel's name.
    let late = controls(&bert.get(&edit).await);
    let hers: Vec<_> = set_nth(&controls(&anna.get(&edit).await), "post_click_revenue", 0, "8");
    assert_eq!(send(anna, &edit, &hers).await.status, 303);
    let asked = send(bert, &edit, &set_nth(&late, "post_click_revenue", 0, "9")).await;
    let text = asked.text();
    assert_eq!(asked.status, 409);
    assert!(
        text.contains("Purchase (1) · 8.00 after a click") && text.contains("Purchase (1) · 9 after a click"),
        "{text}"
    );

    let edit = "/admin/segments/1/edit";
    let late = controls(&bert.get(edit).await);
    let hers = with(&controls(&anna.get(edit).await), &[("piggyback_url", "https://b.example/")]);
    assert_eq!(send(anna, edit, &hers).await.status, 303);
    let asked = send(bert, edit, &with(&late, &[("piggyback_url", "https://c.example/")])).await;
    assert!(asked.status == 409 && asked.text().contains("Image https://b.example/"), "{}", asked.text());
    // A row that stays empty is no change.
    let mut with_empty = controls(&bert.get(edit).await);
    with_empty.extend([("piggyback_type", "img"), ("piggyback_url", "")].map(|(n, t)| (n.to_owned(), t.to_owned())));
    let hers = with(&controls(&anna.get(edit).await), &[("piggyback_url", "https://d.example/")]);
    assert_eq!(send(anna, edit, &hers).await.status, 303);
    assert_eq!(send(bert, edit, &with_empty).await.status, 303);
    assert!(bert.get(edit).await.has("https://d.example/"));
}

/// The controls with another text in one of several with this name.
fn set_nth(controls: &super::Controls, name: &str, nth: usize, text: &str) -> super::Controls {
    let place = controls.iter().enumerate().filter(|(_, (n, _))| n == name).nth(nth).unwrap().0;
    let mut changed = controls.clone();
    text.clone_into(&mut changed[place].1);
    changed
}

#[actix_web::test]
async fn a_form_that_breaks_a_rule_keeps_what_it_was_opened_with() {
    let team = Team::start().await;
    let (anna, bert) = (&team.anna, &team.bert);
    let edit = "/admin/campaigns/1/edit";
    let late = controls(&bert.get(edit).await);
    let hers = with(&controls(&anna.get(edit).await), &[("code", "hers")]);
    assert_eq!(send(anna, edit, &hers).await.status, 303);
    let again = send(bert, edit, &with(&late, &[("name", "")])).await;
    assert_eq!(again.status, 422);
    let fixed = send(bert, edit, &with(&controls(&again), &[("name", "His")])).await;
    assert_eq!(fixed.status, 303, "{}", fixed.text());
    let now = controls(&anna.get(edit).await);
    assert!(now.contains(&("code".into(), "hers".into())) && now.contains(&("name".into(), "His".into())), "{now:?}");

    // A form of a script, without what it was opened with, is saved as it is.
    let bare: Vec<_> = late.iter().filter(|(name, _)| name != "opened").cloned().collect();
    assert_eq!(send(bert, edit, &with(&bare, &[("name", "Last")])).await.status, 303);
    let now = controls(&anna.get(edit).await);
    assert!(now.contains(&("code".into(), String::new())) && now.contains(&("name".into(), "Last".into())), "{now:?}");
}

#[actix_web::test]
async fn settings_of_two_admins_meet_field_by_field() {
    let team = Team::start().await;
    let (anna, bert) = (&team.anna, &team.bert);
    let path = "/admin/settings";
    let late = controls(&bert.get(path).await);
    let hers = with(&controls(&anna.get(path).await), &[("cookie_days", "30"), ("name", "Annas shop")]);
    assert_eq!(send(anna, path, &hers).await.status, 303);
    assert_eq!(send(bert, path, &with(&late, &[("bots", "strict")])).await.status, 303, "another field");
    let his = with(&late, &[("cookie_days", "60"), ("name", "Berts shop"), ("events_per_minute", "7")]);
    let asked = send(bert, path, &his).await;
    let text = asked.text();
    assert_eq!(asked.status, 422, "{text}");
    let said = |label: &str, now: &str| format!("{label} was changed to \"{now}\" by admin while this page was open.");
    assert!(
        text.contains(&said("Cookie lifetime", "30")) && text.contains(&said("Organisation", "Annas shop")),
        "{text}"
    );
    assert_eq!((asked.typed("cookie_days").as_str(), asked.typed("was_cookie_days").as_str()), ("60", "30"));
    assert_eq!(send(bert, path, &controls(&asked)).await.status, 303, "saving again keeps his");
    let now = bert.get(path).await;
    let values = ["cookie_days", "name", "events_per_minute"].map(|name| now.typed(name));
    assert_eq!(values, ["60", "Berts shop", "7"]);
}

#[actix_web::test]
async fn the_shop_of_a_set_up_is_merged_and_shows_collisions_beside_the_fields() {
    let team = Team::start().await;
    let (anna, bert) = (&team.anna, &team.bert);
    let new = [
        ("name", "Nordlicht"),
        ("site", "nordlicht.example"),
        ("goal", "purchase"),
        ("default_currency", "EUR"),
        ("timezone", "Europe/Berlin"),
    ];
    let made = anna.submit("/admin/tracking/new", &new).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let path = made.location().replace("/ads", "/shop");
    let typed = async |field: &str| bert.get(&path).await.typed(field);

    let (hers, late) = (controls(&anna.get(&path).await), controls(&bert.get(&path).await));
    let hers = with(&hers, &[("name", "Annas shop"), ("default_currency", "USD")]);
    team.app.wait_minutes(2);
    assert_eq!(send(anna, &path, &hers).await.status, 303);
    let merged = send(bert, &path, &with(&late, &[("site", "berts.example")])).await;
    assert_eq!(merged.status, 303, "{}", merged.text());
    let said = bert.get(merged.location()).await.text();
    assert!(said.contains("admin changed Name and Currency meanwhile, and that is kept."), "{said}");
    assert_eq!((typed("name").await, typed("default_currency").await), ("Annas shop".to_owned(), "USD".to_owned()));
    assert!(typed("site").await.contains("berts.example"));

    let (hers, late) = (controls(&anna.get(&path).await), controls(&bert.get(&path).await));
    team.app.wait_minutes(2);
    assert_eq!(send(anna, &path, &with(&hers, &[("name", "Hers")])).await.status, 303);
    let asked = send(bert, &path, &with(&late, &[("name", "His"), ("timezone", "Europe/Rome")])).await;
    let said = "admin changed this to “Hers” meanwhile. Save again to keep yours.";
    assert!(asked.status == 422 && asked.text().contains(said), "{}", asked.text());
    assert_eq!((asked.typed("name"), asked.typed("timezone")), ("His".to_owned(), "Europe/Rome".to_owned()));
    assert_eq!((typed("name").await, typed("timezone").await), ("Hers".to_owned(), "Europe/Berlin".to_owned()));
    assert_eq!(send(bert, &path, &controls(&asked)).await.status, 303);
    assert_eq!((typed("name").await, typed("timezone").await), ("His".to_owned(), "Europe/Rome".to_owned()));
}
