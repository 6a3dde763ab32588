//! Campaigns: made under a line item, moved, listed, deleted.

use pixeld::domain::{Campaign, LineItem, Role, Status};

use super::{beside, chosen, rows};
use crate::admin::Browser;
use crate::harness::TestApp;

#[actix_web::test]
async fn a_campaign_belongs_to_the_advertiser_of_its_line_item() {
    let app = TestApp::start().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    assert!(browser.get("/admin/campaigns/new").await.is_empty());
    let shop = app.shop().await;
    let other = app.advertiser("Kessel Coffee").await;
    let beans = app.store.create(&app.editor(), LineItem::new(other.id, "Beans")).await.unwrap();
    let form = browser.get(&format!("/admin/campaigns/new?line_item_id={}", beans.id)).await;
    assert!(form.has(r#"<optgroup label="Kessel Coffee">"#) && chosen(&form, &beans.id.to_string()));
    let beans_id = beans.id.to_string();
    let fields = [("name", "Search ads"), ("line_item_id", beans_id.as_str()), ("code", "s"), ("state", "inactive")];
    let made = browser.submit("/admin/campaigns/new", &fields).await;
    assert_eq!((made.status, made.location()), (303, "/admin/campaigns/1"));
    let campaign: Campaign = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!((campaign.advertiser_id, campaign.line_item_id), (other.id, beans.id));
    assert_eq!((campaign.code.as_deref(), campaign.state), (Some("s"), Status::Inactive));
    let page = browser.get("/admin/campaigns/1").await.text();
    assert!(page.contains("&#38;campaign_id=1") && page.contains("Line item Beans"), "{page}");

    // A campaign stays with its advertiser: the other's line items are not on offer, and are not taken.
    let edit = browser.get("/admin/campaigns/1/edit").await;
    assert!(chosen(&edit, &beans_id) && !edit.text().contains("Autumn sale"));
    let own = shop.line_item.id.to_string();
    let under = async |line_item: &str| {
        let fields = [("name", "Search"), ("line_item_id", line_item), ("state", "active")];
        browser.submit("/admin/campaigns/1/edit", &fields).await
    };
    let moved = under(&own).await;
    assert_eq!((moved.status, beside(&moved, "line_item_id").as_str()), (422, "Line item is missing."));
    assert_eq!(moved.typed("name"), "Search");
    assert_eq!(under(&beans_id).await.location(), "/admin/campaigns/1");
    let campaign: Campaign = app.store.get(&app.reader(), 1).await.unwrap();
    assert_eq!((campaign.name.as_str(), campaign.code, campaign.state), ("Search", None, Status::Active));
}

#[actix_web::test]
async fn errors_keep_the_input_and_name_a_taken_code() {
    let app = TestApp::start().await;
    app.shop().await;
    let browser = Browser::of(&app, Role::Editor, None).await;
    let seen = browser.submit("/admin/campaigns/new", &[("name", ""), ("code", "a\"b"), ("state", "odd")]).await;
    assert_eq!(seen.status, 422);
    assert_eq!(beside(&seen, "name"), "Name is missing.");
    assert_eq!(beside(&seen, "line_item_id"), "Line item is missing.");
    assert_eq!(beside(&seen, "state"), "Status must be one of the choices.");
    assert_eq!(seen.typed("code"), "a\"b");
    let fields = [("name", "Search"), ("line_item_id", "1"), ("code", "s"), ("state", "active")];
    assert_eq!(browser.submit("/admin/campaigns/new", &fields).await.status, 303);
    let clash = browser.submit("/admin/campaigns/new", &fields).await;
    assert_eq!(beside(&clash, "code"), "Code \"s\" is already used by campaign 1. Choose another one.");
    assert!(chosen(&clash, "1"));
}

#[actix_web::test]
async fn the_list_of_a_line_item_says_so_and_leads_out_of_it() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let second = app.store.create(&app.editor(), LineItem::new(shop.advertiser.id, "Spring <sale>")).await.unwrap();
    for (line_item, name) in [(shop.line_item.id, "One"), (second.id, "Two"), (second.id, "Three")] {
        let campaign = Campaign::new(shop.advertiser.id, line_item, name);
        app.store.create(&app.editor(), campaign).await.unwrap();
    }
    let browser = Browser::of(&app, Role::Viewer, None).await;
    let list = browser.get("/admin/campaigns?line_item_id=2&sort=name.desc").await;
    assert_eq!(rows(&list), ["Two", "Three"]);
    assert!(list.has("Line item: Spring &#60;sale&#62;"), "{}", list.text());
    assert!(
        list.has(r#"<a href="/admin/campaigns?sort=name.desc" aria-label="Show without Line item: Spring"#),
        "the way out keeps the order"
    );
    assert!(list.has(r#"<input type="hidden" name="line_item_id" value="2">"#), "a search stays within");
    assert_eq!(rows(&browser.get("/admin/campaigns").await), ["One", "Three", "Two"]);
    assert!(!list.has(r#"name="advertiser_id""#), "with one advertiser there is nothing to choose");
}

#[actix_web::test]
async fn a_deletion_asks_first() {
    let app = TestApp::start().await;
    let shop = app.shop().await;
    let campaign = Campaign::new(shop.advertiser.id, shop.line_item.id, "Search ads");
    app.store.create(&app.editor(), campaign).await.unwrap();
    let browser = Browser::of(&app, Role::Editor, None).await;
    let asked = browser.submit("/admin/campaigns/1/delete", &[]).await;
    assert!(asked.status == 200 && asked.asks(), "{}", asked.text());
    assert_eq!(browser.get("/admin/campaigns/1").await.status, 200);
    assert_eq!(
        browser.submit("/admin/campaigns/1/delete", &[("confirmed", "yes")]).await.location(),
        "/admin/campaigns"
    );
    assert_eq!(browser.get("/admin/campaigns/1").await.status, 404);
}
