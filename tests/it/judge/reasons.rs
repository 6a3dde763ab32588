//! Every reason there is, reached on the real application.

use pixeld::domain::{Flags, LineItem, Pixel, Reason, Status};

use super::*;

/// The reason of a further fire.
async fn reason(app: &TestApp, fire: Fire) -> String {
    said(&convert(app, fire).await)
}

#[actix_web::test]
async fn every_reason_is_reached() {
    let app = TestApp::start().await;
    let shop = app.shop_with(|pixel| pixel.count_each_order_once = true).await;
    let (by, pixel, line_item) = (app.editor(), shop.pixel.id, shop.line_item.id);
    let mut reached = Vec::new();
    let mut expect = |wanted: &'static str, got: String| {
        assert_eq!(got, wanted);
        reached.push(wanted.split(' ').next().unwrap());
    };

    for (flags, wanted) in [
        (Flags { test: true, bot: true, prefetch: true, new_visitor: true }, "test"),
        (Flags { bot: true, prefetch: true, ..Flags::default() }, "bot"),
        (Flags { prefetch: true, ..Flags::default() }, "prefetch"),
    ] {
        expect(wanted, reason(&app, Fire { flags, event_id: Some("e".into()), ..fire(pixel, 1, 0) }).await);
    }

    // None of those makes a duplicate of the real event that follows.
    expect("no_exposure", reason(&app, Fire { event_id: Some("e".into()), ..fire(pixel, 1, 0) }).await);
    expect("duplicate_event", reason(&app, Fire { event_id: Some("e".into()), ..fire(pixel, 2, 48 * HOUR) }).await);
    expect("no_visitor", reason(&app, fire(pixel, 0, 0)).await);

    let seen = show(&app.store, view(line_item, 10, -DAY)).await;
    let credited = format!("post_view {seen}");
    assert_eq!(reason(&app, Fire { order_id: Some("A1".into()), ..fire(pixel, 10, 0) }).await, credited);
    expect("post_view", credited.replace(&format!(" {seen}"), ""));
    expect("repeat", reason(&app, fire(pixel, 10, 0)).await);
    expect("duplicate_order", reason(&app, Fire { order_id: Some("A1".into()), ..fire(pixel, 11, 0) }).await);

    let clicked = show(&app.store, click(line_item, 12, -89 * DAY)).await;
    assert_eq!(reason(&app, fire(pixel, 12, 0)).await, format!("post_click {clicked}"));
    expect("post_click", "post_click".into());
    show(&app.store, view(line_item, 13, -31 * DAY)).await;
    expect("outside_window", reason(&app, fire(pixel, 13, 0)).await);

    let details = |reference: Option<&str>, parent: Option<&str>| FireDetails {
        reference_id: reference.map(str::to_owned),
        parent_reference_id: parent.map(str::to_owned),
        ..FireDetails::default()
    };
    reason(&app, Fire { details: details(Some("R1"), None), ..fire(pixel, 12, 0) }).await;
    expect("adjustment", reason(&app, Fire { details: details(None, Some("R1")), ..fire(pixel, 12, 0) }).await);

    let edit = |p: &mut Pixel| {
        p.trigger_type = pixeld::domain::TriggerType::Click;
        Ok(())
    };
    app.store.update::<Pixel, _>(&by, pixel.0, edit).await.unwrap();
    show(&app.store, view(line_item, 14, 0)).await;
    expect("wrong_kind", reason(&app, fire(pixel, 14, 0)).await);

    let close = |l: &mut LineItem| {
        l.state = Status::Inactive;
        Ok(())
    };
    app.store.update::<LineItem, _>(&by, line_item.0, close).await.unwrap();
    expect("no_line_item", reason(&app, fire(pixel, 14, 0)).await);
    let pause = |p: &mut Pixel| {
        p.state = Status::Inactive;
        Ok(())
    };
    app.store.update::<Pixel, _>(&by, pixel.0, pause).await.unwrap();
    expect("pixel_inactive", reason(&app, fire(pixel, 14, 0)).await);

    reached.sort_unstable();
    let mut all = Reason::WORDS.to_vec();
    all.sort_unstable();
    assert_eq!(reached, all);
}
