//! Pixels: made, changed, listed, deleted, several at once; by whom.

use pixeld::domain::{Micros, PiggybackKind, Pixel, Role, Status, TriggerType};

use super::{Browser, pixel_fields};
use crate::harness::TestApp;

#[actix_web::test]
async fn a_pixel_is_created_by_its_form_and_stored_as_entered() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    assert!(browser.get("/admin/pixels/new").await.is_empty());
    app.advertiser("Shop").await;
    let form = browser.get("/admin/pixels/new").await;
    for chosen in ["trigger_type-hybrid", "repeat-all", "state-active"] {
        let (_, rest) = form.body.split_once(&format!(r#"id="{chosen}""#)).unwrap();
        assert!(rest.split('>').next().unwrap().contains(" checked"), "{chosen}");
    }
    assert_eq!(
        (form.typed("post_click_expire_mins").as_str(), form.typed("post_view_expire_mins").as_str()),
        ("14", "1")
    );

    let fields = pixel_fields(&[
        ("name", " Newsletter "),
        ("code", "news"),
        ("trigger_type", "click"),
        ("post_click_expire_mins", "36"),
        ("post_click_expire_mins_unit", "hours"),
        ("post_view_expire_mins_unit", "max"),
        ("repeat", "every"),
        ("min_minutes_per_conv", "2"),
        ("min_minutes_per_conv_unit", "hours"),
        ("piggyback_type", "js"),
        ("piggyback_url", "https://a.example/t.js?o=${ORDER_ID}"),
        ("piggyback_type", "img"),
        ("piggyback_url", ""),
        ("state", "inactive"),
    ]);
    let made = browser.submit("/admin/pixels/new", &fields).await;
    assert_eq!((made.status, made.location()), (303, "/admin/pixels/1"));
    let pixel: Pixel = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!(
        (pixel.name.as_str(), pixel.code.as_deref(), pixel.state),
        ("Newsletter", Some("news"), Status::Inactive)
    );
    assert_eq!((pixel.trigger_type, pixel.min_minutes_per_conv), (TriggerType::Click, Some(120)));
    assert_eq!((pixel.post_click_expire_mins, pixel.post_view_expire_mins), (Some(36 * 60), None));
    assert_eq!((pixel.post_click_value, pixel.post_view_value), (Some(Micros(12_500_000)), None));
    assert_eq!(pixel.pixel_conversion_event.map(|event| event.id()), Some(7));
    assert!(pixel.count_each_order_once);
    let piggybacks: Vec<_> = pixel.piggyback_pixels.iter().map(|p| (p.kind, p.url.as_str())).collect();
    assert_eq!(piggybacks, [(PiggybackKind::Script, "https://a.example/t.js?o=${ORDER_ID}")]);

    let edit = browser.get("/admin/pixels/1/edit").await;
    assert_eq!(
        (edit.typed("post_click_expire_mins").as_str(), edit.typed("piggyback_url").as_str()),
        ("36", "https://a.example/t.js?o=${ORDER_ID}")
    );
    let page = browser.get("/admin/pixels/1").await;
    insta::assert_snapshot!(page.texts(r#"class="lede""#)[0], @"Counts a visitor's next event after 2 hours, each order once. Credits the last ad click of 36 hours.");
    assert!(page.text().contains("12.50 USD after a click, unless the line item has its own"), "{}", page.text());
}

#[actix_web::test]
async fn errors_appear_beside_their_fields_and_the_input_stays() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let fields = pixel_fields(&[
        ("name", ""),
        ("code", "a <b>"),
        ("post_click_expire_mins", "120"),
        ("post_view_value", "1.004,00"),
        ("piggyback_type", "img"),
        ("piggyback_url", ""),
        ("piggyback_type", "js"),
        ("piggyback_url", "stats.example/t.js"),
    ]);
    let seen = browser.submit("/admin/pixels/new", &fields).await;
    assert_eq!(seen.status, 422);
    let beside = |id: &str| {
        let (_, rest) = seen.body.split_once(&format!(r#"<p class="error" id="{id}-error">"#)).expect(id);
        rest.split('<').next().unwrap().to_owned()
    };
    assert_eq!(beside("name"), "Name is missing.");
    assert_eq!(beside("post_click_expire_mins"), "Attribution window after a click must be at most 90 days.");
    assert!(beside("post_view_value").starts_with("Payout after a view must be a number such as 12.50"));
    assert!(
        beside("piggyback_url_2")
            .starts_with("Extra pixel 2 must be a whole address such as https://shop.example, not")
    );
    assert_eq!(seen.errors(), 4);
    for id in ["name", "post_click_expire_mins", "post_view_value", "piggyback_url_2"] {
        assert!(seen.has(&format!(r##"<a href="#{id}">"##)) && seen.has(&format!(r#"id="{id}""#)), "{id}");
    }
    for (name, value) in [("code", "a <b>"), ("post_click_expire_mins", "120"), ("post_view_value", "1.004,00")] {
        assert_eq!(seen.typed(name), value);
    }
    assert!(seen.has(r#"value="stats.example/t.js""#));
    assert_eq!(app.store.list::<Pixel>(&app.reader(), Default::default()).await.unwrap().count, 0);
}

#[actix_web::test]
async fn an_error_of_the_store_is_shown_in_the_form() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let taken = pixel_fields(&[("code", "buy")]);
    assert_eq!(browser.submit("/admin/pixels/new", &taken).await.status, 303);
    let clash = browser.submit("/admin/pixels/new", &taken).await;
    assert_eq!(clash.status, 422);
    assert!(clash.text().contains("Code \"buy\" is already used by pixel 1. Choose another one."), "{}", clash.text());
    let unknown = browser.submit("/admin/pixels/new", &pixel_fields(&[("advertiser_id", "77")])).await;
    assert!(unknown.text().contains("Advertiser is missing."));
    let images = [
        ("piggyback_type", "img"),
        ("piggyback_url", "https://a.example/"),
        ("piggyback_type", "img"),
        ("piggyback_url", "https://b.example/"),
    ];
    let two = browser.submit("/admin/pixels/1/edit", &pixel_fields(&images)).await;
    assert!(two.text().contains("Extra pixels can hold one image at most."), "{}", two.text());
}

#[actix_web::test]
async fn without_the_script_a_button_adds_a_row_and_keeps_the_rest() {
    let app = TestApp::start().await;
    app.advertiser("Shop").await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let seen = browser.submit("/admin/pixels/new", &pixel_fields(&[("name", "Half"), ("do", "add-row")])).await;
    assert_eq!((seen.status, seen.typed("name").as_str()), (200, "Half"));
    assert!(seen.has(r#"id="piggyback_url_2""#) && !seen.has(r#"id="piggyback_url_3""#));
    assert!(seen.errors() == 0);
    assert_eq!(app.store.list::<Pixel>(&app.reader(), Default::default()).await.unwrap().count, 0);
}

#[actix_web::test]
async fn a_change_keeps_the_fields_that_the_form_lacks() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let path = format!("/admin/pixels/{}/edit", shop.pixel.id);
    let saved = browser.submit(&path, &pixel_fields(&[("name", "Sale"), ("advertiser_id", "99")])).await;
    assert_eq!((saved.status, saved.location()), (303, "/admin/pixels/1"));
    let pixel: Pixel = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!((pixel.name.as_str(), pixel.advertiser_id), ("Sale", shop.advertiser.id));
    assert!(browser.get("/admin/pixels/1").await.text().contains("Past conversions stay as they are."));
    assert_eq!(browser.get("/admin/pixels/2/edit").await.status, 404);
    assert_eq!(browser.get("/admin/pixels/x/edit").await.status, 404);
}

#[actix_web::test]
async fn a_bound_of_values_is_proposed_from_history() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let sell = async |units: i64, minute: i64| {
        let value = Some(Micros(units * Micros::UNIT));
        let sent = pixeld::domain::Fire { value, ..crate::judge::fire(shop.pixel.id, 1, minute * 60_000) };
        app.store.append(pixeld::store::LogRow::Fire(Box::new(sent))).await.unwrap()
    };
    let forged = sell(999_999_999_999, 0).await;
    for minute in 1..49 {
        sell(minute, minute).await;
    }
    app.judged().await;
    let page = browser.get("/admin/pixels/1").await;
    assert!(!page.has("max_value="), "49 values are too few");
    sell(999_999, 49).await;
    app.judged().await;
    let page = browser.get("/admin/pixels/1").await;
    assert!(page.has(r#"href="/admin/pixels/1/edit?max_value=500.00#max_value""#), "{}", page.text());
    let said = page.text();
    assert!(said.contains("99% of the latest 50 order values are at most 48.00 USD."), "{said}");
    assert!(said.contains("2 events with more than ten times that. The largest has 999,999,999,999.00 USD."), "{said}");
    let edit = browser.get("/admin/pixels/1/edit?max_value=500.00").await;
    assert_eq!(edit.typed("max_value"), "500.00");
    assert_eq!(browser.get("/admin/pixels/1/edit").await.typed("max_value"), "");
    assert_eq!(browser.submit("/admin/pixels/1/edit", &pixel_fields(&[("max_value", "500.00")])).await.status, 303);
    let pixel: Pixel = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!(pixel.max_value, Some(Micros(500 * Micros::UNIT)));
    let page = browser.get("/admin/pixels/1").await;
    assert!(!page.has("edit?max_value") && page.text().contains("Largest value 500.00 USD"));
    // From now on such a value is set aside, and its page says so.
    let late = sell(501, 60).await;
    app.judged().await;
    let page = browser.get(&format!("/admin/conversions/{late}")).await.text();
    assert!(page.contains("Largest believable value 500.00 USD"), "{page}");
    assert!(
        page.contains("501.00 is beyond the largest believable value, 500.00 USD: the event has no order value"),
        "{page}"
    );
    let before = app.store.conversion(&app.reader(), forged).await.unwrap();
    assert_eq!(before.value, Some(Micros(999_999_999_999 * Micros::UNIT)), "what was judged before stays");
    let live = browser.get("/admin/live").await.text();
    assert!(live.contains("is beyond the pixel's largest believable value"), "{live}");
    let wrong = browser.submit("/admin/pixels/1/edit", &pixel_fields(&[("max_value", "5.00.1")])).await;
    assert_eq!((wrong.status, wrong.typed("max_value").as_str()), (422, "5.00.1"));
    assert!(wrong.text().contains("Largest believable value must be a number such as 12.50."), "{}", wrong.text());
}

#[actix_web::test]
async fn an_event_page_says_how_often_a_token_was_used() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.min_minutes_per_conv = Some(0)).await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let clicked = crate::judge::show(&app.store, crate::judge::click(shop.line_item.id, 1, -60_000)).await;
    let named =
        |visitor| pixeld::domain::Fire { exposure: Some(clicked), ..crate::judge::fire(shop.pixel.id, visitor, 0) };
    let first = crate::judge::convert(&app, named(1)).await.fire.seq;
    let page = async || browser.get(&format!("/admin/conversions/{first}")).await.text();
    assert!(page().await.contains("click ID used by 1 event, 1 credited"));
    for _ in 0..9 {
        crate::judge::convert(&app, named(1)).await;
    }
    let said = page().await;
    assert!(said.contains("click ID used by 10 events, 10 credited: many for one ad"), "{said}");
    crate::judge::convert(&app, named(2)).await;
    assert!(page().await.contains("from 2 visitors: it was passed on or copied"));
}

#[actix_web::test]
async fn a_deletion_asks_first_and_names_the_objects_that_go_or_prevent_it() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let used = browser.submit("/admin/pixels/1/delete", &[("confirmed", "yes")]).await;
    assert!(used.status == 200 && used.text().contains("is still in use") && used.text().contains("Autumn sale"));
    let off = |line_item: &mut pixeld::domain::LineItem| {
        line_item.pixels.clear();
        Ok(())
    };
    app.store.update(&app.editor(), shop.line_item.id.0, off).await.unwrap();
    let asked = browser.submit("/admin/pixels/1/delete", &[]).await;
    assert!(asked.status == 200 && asked.asks(), "{}", asked.text());
    assert!(asked.text().contains("Its recorded events and conversions stay as they are."));
    assert_eq!(browser.get("/admin/pixels/1").await.status, 200);
    let gone = browser.submit("/admin/pixels/1/delete", &[("confirmed", "yes")]).await;
    assert_eq!((gone.status, gone.location()), (303, "/admin/pixels"));
    assert_eq!(browser.get("/admin/pixels/1").await.status, 404);
}

#[actix_web::test]
async fn the_list_is_searched_filtered_sorted_and_paged() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let other = app.advertiser("Other").await;
    for n in 0..60 {
        let mut pixel = Pixel::new(other.id, format!("Page {n:02}"));
        pixel.state = if n == 7 { Status::Inactive } else { Status::Active };
        app.store.create(&app.editor(), pixel).await.unwrap();
    }
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let names = async |query: &str| {
        let body = browser.get(&format!("/admin/pixels{query}")).await.body;
        let rows = body.split(r#"<td class="name">"#).skip(1);
        rows.map(|row| {
            row.split_once("<a ").unwrap().1.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
        })
        .collect::<Vec<_>>()
    };
    let first = names("").await;
    assert_eq!((first.len(), first[0].as_str(), first[49].as_str()), (50, "Page 00", "Page 49"));
    assert_eq!(names("?start=50").await.len(), 11);
    assert!(browser.get("/admin/pixels?start=50").await.text().contains("51–61 of 61"));
    assert_eq!(names("?sort=name.desc").await[0], "Purchase");
    assert_eq!(names("?search=purch").await, ["Purchase"]);
    assert!(names(&format!("?search={}", shop.pixel.id)).await.contains(&"Purchase".to_owned()), "by its id");
    assert_eq!(names("?status=active").await, ["Purchase"]);
    assert_eq!(names("?status=inactive").await, ["Page 07"]);
    assert_eq!(names("?status=paused&sort=name.desc").await[0], "Page 59");
    assert_eq!(names(&format!("?advertiser_id={}", shop.advertiser.id)).await, ["Purchase"]);
    let found = names("?advertiser_id=all&sort=loads.desc&search=page+1").await;
    assert_eq!(found.len(), 15, "each word is a part of the name");
    assert!(browser.get("/admin/pixels?search=zzz").await.is_empty());
}

#[actix_web::test]
async fn several_pixels_are_switched_at_once_after_asking() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    app.store.create(&app.editor(), Pixel::new(shop.advertiser.id, "Second")).await.unwrap();
    let browser = Browser::of(&app, Role::Editor, None).await;
    let post = async |fields: &[(&str, &str)]| browser.submit("/admin/pixels/selected", fields).await;
    let back = ("back", "/admin/pixels?status=active");
    let none = post(&[("do", "deactivate"), back]).await;
    assert_eq!(none.location(), "/admin/pixels?status=active");
    assert!(browser.get("/admin/pixels").await.text().contains("Tick at least one pixel first."));
    let asked = post(&[("do", "deactivate"), ("id", "1"), ("id", "2"), back]).await;
    assert!(asked.status == 200 && asked.asks(), "{}", asked.text());
    let off = post(&[("do", "deactivate"), ("id", "1"), ("id", "2"), ("id", "99"), ("confirmed", "yes"), back]).await;
    assert_eq!(off.status, 303);
    let list = browser.get("/admin/pixels").await.text();
    assert!(list.contains("2 pixels now inactive. 1 pixel no longer there."), "{list}");
    assert_eq!(app.store.get::<Pixel>(&app.reader(), 2).await.unwrap().state, Status::Inactive);
    post(&[("do", "activate"), ("id", "2")]).await;
    assert_eq!(app.store.get::<Pixel>(&app.reader(), 2).await.unwrap().state, Status::Active);
    assert_eq!(post(&[("do", "export"), ("id", "1"), ("id", "2")]).await.location(), "/admin/export?id=1,2");
    assert_eq!(post(&[("do", "export"), ("id", "1"), ("back", "//evil.example"), ("do", "x")]).await.status, 303);
    assert_eq!(post(&[("do", "x"), ("id", "1"), ("back", "//evil.example")]).await.location(), "/admin");
}

#[actix_web::test]
async fn a_viewer_sees_everything_and_changes_nothing() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Viewer, None).await;
    for page in ["/admin/pixels", "/admin/pixels/1", "/admin"] {
        let seen = browser.get(page).await;
        assert_eq!(seen.status, 200);
        for control in ["/admin/pixels/new\"", "/edit\"", "/delete\"", "value=\"deactivate\""] {
            assert!(!seen.has(control), "{page} offers {control}");
        }
    }
    for page in ["/admin/pixels/new", "/admin/pixels/1/edit"] {
        assert_eq!(browser.get(page).await.status, 403, "{page}");
        let posted = browser.submit(page, &pixel_fields(&[])).await;
        assert!(posted.status == 403 && posted.text().contains("Not allowed"), "{page}: {}", posted.text());
    }
    let several = [("do", "deactivate"), ("id", "1"), ("confirmed", "yes")];
    assert_eq!(browser.submit("/admin/pixels/selected", &several).await.status, 403);
    assert_eq!(browser.submit("/admin/pixels/1/delete", &[("confirmed", "yes")]).await.status, 403);
    assert_eq!(app.store.get::<Pixel>(&app.reader(), 1).await.unwrap().state, Status::Active);
}

#[actix_web::test]
async fn a_limited_user_sees_only_pixels_of_its_advertiser() {
    let app = TestApp::start().await;
    app.shop().await;
    let own = app.advertiser("Own").await;
    let pixel = app.store.create(&app.editor(), Pixel::new(own.id, "Mine")).await.unwrap();
    let browser = Browser::of(&app, Role::Editor, Some(own.id)).await;
    let list = browser.get("/admin/pixels").await.text();
    assert!(list.contains("Mine") && !list.contains("Purchase") && !list.contains("ProStarr"), "{list}");
    for page in ["/admin/pixels/1", "/admin/pixels/1/edit"] {
        assert_eq!(browser.get(page).await.status, 404, "{page}");
    }
    assert_eq!(browser.submit("/admin/pixels/1/delete", &[("confirmed", "yes")]).await.status, 404);
    let stolen = browser.submit("/admin/pixels/new", &pixel_fields(&[("advertiser_id", "1")])).await;
    assert!(stolen.status == 422 && stolen.text().contains("Advertiser is missing"));
    assert_eq!(browser.get("/admin/export?id=1").await.text().matches("script src").count(), 0);
    assert_eq!(browser.get(&format!("/admin/pixels/{}", pixel.id)).await.status, 200);
}

#[actix_web::test]
async fn beyond_a_thousand_pixels_none_is_left_out_and_the_rows_of_a_form_say_that_they_leave_some_out() {
    let app = TestApp::start().await;
    let owner = app.advertiser("Shop").await.id;
    let mut made = tokio::task::JoinSet::new();
    for number in 1..=1_004 {
        let (store, editor) = (app.store.clone(), app.editor());
        made.spawn(async move { store.create(&editor, Pixel::new(owner, format!("Pixel {number:04}"))).await });
    }
    assert!(made.join_all().await.iter().all(Result::is_ok));
    let browser = Browser::of(&app, Role::Editor, None).await;
    // Filtered and sorted by what no column of the table says.
    for query in ["status=paused", "sort=loads", "sort=conversions.desc"] {
        let list = browser.get(&format!("/admin/pixels?{query}")).await.text();
        assert!(list.contains("of 1,004"), "{query}: {list}");
    }
    let last = browser.get("/admin/pixels?sort=loads&start=1000").await.text();
    assert!(last.contains("1,001–1,004 of 1,004") && last.contains("Pixel 1004"), "{last}");
    app.get("/px?id=1004", &[]).await;
    app.judged().await;
    assert!(browser.get("/admin").await.text().contains("Needs attention 1,004"), "the overview looks at each of them");

    let last: Pixel = app.store.get(&app.reader(), 1_004).await.unwrap();
    for page in ["/admin/live", "/admin/conversions"] {
        let seen = browser.get(&format!("{page}?pixel=1004")).await.body;
        assert!(!seen.contains("Only the first") && seen.matches("<option value=").count() > 1_004, "{page}");
        assert!(seen.contains(&format!(r#"<option value="1004" selected>{}"#, last.name)), "{page}");
    }
    let form = browser.get("/admin/line-items/new?advertiser_id=1").await.text();
    assert!(form.contains("Only the first 1,000 pixels by name are shown"), "{form}");
}
