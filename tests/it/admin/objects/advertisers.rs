//! Advertisers: made, changed, listed, deleted with all they have.

use pixeld::domain::{Advertiser, Pixel, Publisher, Role, Status, Tracker};

use super::{beside, changed, chosen, rows};
use crate::admin::Browser;
use crate::harness::TestApp;

const FIELDS: [(&str, &str); 6] = [
    ("name", "Northlight Bikes"),
    ("code", "nlb"),
    ("default_currency", "eur"),
    ("timezone", "Europe/Berlin"),
    ("redirect_hosts", "northlight.example\r\n\r\n *.northlight.example "),
    ("state", "active"),
];

#[actix_web::test]
async fn an_advertiser_is_created_by_its_form_and_stored_as_entered() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let empty = browser.get("/admin/advertisers").await;
    assert!(empty.is_empty() && empty.has(r#"href="/admin/advertisers/new""#));
    let form = browser.get("/admin/advertisers/new").await;
    assert_eq!((form.typed("default_currency").as_str(), form.typed("timezone").as_str()), ("USD", "UTC"));
    assert!(form.has(r#"<option value="Europe/Berlin">"#), "zones are proposed");
    assert!(!form.has(r#"name="default_pixel_id""#), "a new one has no pixel to choose");

    let made = browser.submit("/admin/advertisers/new", &FIELDS).await;
    assert_eq!((made.status, made.location()), (303, "/admin/advertisers/1"));
    let advertiser: Advertiser = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!((advertiser.name.as_str(), advertiser.code.as_deref()), ("Northlight Bikes", Some("nlb")));
    assert_eq!(
        (advertiser.default_currency.to_string().as_str(), advertiser.timezone.as_str()),
        ("EUR", "Europe/Berlin")
    );
    assert_eq!(advertiser.redirect_hosts.0, ["northlight.example", "*.northlight.example"]);
    assert!(!advertiser.allow_any_redirect);
    let page = browser.get("/admin/advertisers/1").await.text();
    for said in [
        "Advertiser “Northlight Bikes” created.",
        "Next: create a pixel",
        "Code nlb",
        "*.northlight.example",
        "Default pixel – none",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_the_input_stays() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let fields = changed(
        &FIELDS,
        &[
            ("name", " "),
            ("code", "a <b>"),
            ("default_currency", "euro"),
            ("timezone", "Mars"),
            ("redirect_hosts", "\n shop.example\nhttps://shop.example/\n</textarea>"),
            ("allow_any_redirect", "on"),
            ("state", "inactive"),
        ],
    );
    let seen = browser.submit("/admin/advertisers/new", &fields).await;
    assert_eq!(seen.status, 422);
    assert_eq!(seen.errors(), 5, "{}", seen.text());
    assert_eq!(beside(&seen, "name"), "Name is missing.");
    assert_eq!(beside(&seen, "default_currency"), "Currency must be a code such as EUR.");
    assert!(beside(&seen, "timezone").ends_with("is not a time zone. Write one such as Europe/Berlin."));
    assert!(beside(&seen, "redirect_hosts").starts_with("Line 2 of the allowed hosts must be a host"));
    let at = |id: &str| seen.body.find(&format!(r##"<a href="#{id}">"##)).expect(id);
    assert!(at("name") < at("default_currency") && at("default_currency") < at("redirect_hosts"), "down the page");
    for (name, value) in [("code", "a <b>"), ("default_currency", "euro"), ("timezone", "Mars")] {
        assert_eq!(seen.typed(name), value);
    }
    assert!(seen.has("\nshop.example\nhttps://shop.example/\n&#60;/textarea&#62;</textarea>"));
    assert!(seen.has(r#"name="allow_any_redirect" value="on" checked"#));
    assert!(seen.has(r#"id="state-inactive" name="state" value="inactive" checked"#));
    assert_eq!(app.store.list::<Advertiser>(&app.reader(), Default::default()).await.unwrap().count, 0);
}

#[actix_web::test]
async fn a_change_is_saved_and_an_error_of_the_store_is_shown_in_the_form() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let edit = browser.get("/admin/advertisers/1/edit").await;
    assert_eq!(edit.typed("name"), shop.advertiser.name);
    assert!(edit.has(r#"name="default_pixel_id""#) && !chosen(&edit, "1"));
    let saved = changed(&FIELDS, &[("default_pixel_id", "1"), ("allow_any_redirect", "on")]);
    assert_eq!(browser.submit("/admin/advertisers/1/edit", &saved).await.location(), "/admin/advertisers/1");
    let page = browser.get("/admin/advertisers/1").await.text();
    assert!(page.contains("Links with redir= may lead anywhere") && page.contains("Default pixel Purchase"), "{page}");
    assert!(chosen(&browser.get("/admin/advertisers/1/edit").await, "1"));

    let clash = browser.submit("/admin/advertisers/new", &FIELDS).await;
    assert_eq!(clash.status, 422);
    assert_eq!(beside(&clash, "code"), "Code \"nlb\" is already used by another advertiser. Choose another one.");
    let other = app.advertiser("Other").await;
    let stolen = changed(&FIELDS, &[("code", ""), ("default_pixel_id", "1")]);
    let stolen = browser.submit(&format!("/admin/advertisers/{}/edit", other.id), &stolen).await;
    assert_eq!(stolen.status, 422);
    assert!(stolen.text().contains("Default pixel must be a pixel of this advertiser, and is 1."), "{}", stolen.text());
    assert_eq!(browser.get("/admin/advertisers/9").await.status, 404);
    assert_eq!(browser.submit("/admin/advertisers/9/edit", &FIELDS).await.status, 404);
}

#[actix_web::test]
async fn a_deletion_asks_with_the_counts_of_dependent_objects() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.store.create(&app.editor(), Pixel::new(shop.advertiser.id, "Second")).await.unwrap();
    let limited = Browser::of(&app, Role::Viewer, Some(shop.advertiser.id)).await;
    let browser = Browser::of(&app, Role::Admin, None).await;
    let asked = browser.submit("/admin/advertisers/1/delete", &[]).await;
    assert_eq!(asked.status, 200);
    for said in [
        "Delete the advertiser “ProStarr Sportswear”?",
        "2 pixels go with it: tags that are still on pages stop working",
        "1 line item goes with it",
        "2 trackers go with it",
        "1 user goes with it, limited to this advertiser",
        "Its recorded events and conversions stay as they are.",
    ] {
        assert!(asked.text().contains(said), "{said}: {}", asked.text());
    }
    assert!(!asked.text().contains("campaign"), "of which it has none");
    assert_eq!(limited.get("/admin").await.status, 200);

    let typed = [("confirmed", "yes"), ("typed_name", "ProStarr Sportswear")];
    let gone = browser.submit("/admin/advertisers/1/delete", &typed).await;
    assert_eq!((gone.status, gone.location()), (303, "/admin/advertisers"));
    let list = browser.get("/admin/advertisers").await.text();
    assert!(list.contains("“ProStarr Sportswear” deleted, including 2 trackers, 1 line item"), "{list}");
    assert_eq!(app.store.list::<Pixel>(&app.reader(), Default::default()).await.unwrap().count, 0);
    assert_eq!(app.store.list::<Tracker>(&app.reader(), Default::default()).await.unwrap().count, 0);
    assert_eq!(app.store.list::<Publisher>(&app.reader(), Default::default()).await.unwrap().count, 1);
    assert_eq!(limited.get("/admin").await.status, 303, "its user is gone");
    assert_eq!(browser.submit("/admin/advertisers/1/delete", &[("confirmed", "yes")]).await.status, 404);
}

#[actix_web::test]
async fn the_list_is_searched_filtered_sorted_and_paged() {
    let app = TestApp::start().await;
    for n in 0..60 {
        let mut advertiser = Advertiser::new(format!("Brand {n:02}"));
        advertiser.code = Some(format!("code-{n:02}"));
        advertiser.state = if n == 7 { Status::Inactive } else { Status::Active };
        app.store.create(&app.editor(), advertiser).await.unwrap();
    }
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let names = async |query: &str| rows(&browser.get(&format!("/admin/advertisers{query}")).await);
    let first = names("").await;
    assert_eq!((first.len(), first[0].as_str(), first[49].as_str()), (50, "Brand 00", "Brand 49"));
    assert_eq!(names("?start=50").await.len(), 10);
    let last = browser.get("/admin/advertisers?start=50&sort=name.desc").await;
    assert!(last.text().contains("51–60 of 60 rows."));
    assert!(last.has(r#"href="/admin/advertisers?sort=name.desc" rel="prev""#), "the order stays");
    assert!(last.has(r#"aria-sort="descending""#));
    assert_eq!(names("?sort=name.desc").await[0], "Brand 59");
    assert_eq!(names("?search=CODE-12").await, ["Brand 12"]);
    assert_eq!(names("?search=60").await, ["Brand 59"], "by its id");
    assert_eq!(names("?state=inactive").await, ["Brand 07"]);
    let odd = browser.get("/admin/advertisers?state=odd").await;
    assert_eq!(rows(&odd).len(), 50, "what cannot be read is not filtered by");
    assert!(odd.text().contains("“odd” is no status. All are shown."), "{}", odd.text());
    let none = browser.get("/admin/advertisers?search=zzz").await;
    assert!(none.is_empty() && none.typed("search") == "zzz");
}
