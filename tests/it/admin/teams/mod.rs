//! Several people who work at once: edits that collide, forms that are sent twice, and what they delete.

mod bin;
mod conflicts;
mod keys;

use pixeld::domain::{
    Caller, Campaign, Piggyback, PiggybackKind, Pixel, Publisher, Role, Segment, Source, SourceMatch, User,
};

use super::{Browser, Seen};
use crate::harness::{Shop, TestApp};

/// Names of controls with their texts.
type Controls = Vec<(String, String)>;

/// The attribute of a tag, unescaped; none if it lacks it.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let text = rest.split('"').next()?;
    let signs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    Some(signs.iter().fold(text.to_owned(), |text, (sign, letter)| text.replace(sign, letter)))
}

/// What a browser would send of the page's main form, as it was opened.
fn controls(seen: &Seen) -> Controls {
    let form = seen.body.split(r#"<form class="form"#).nth(1).expect("a form").split("</form>").next().unwrap();
    // The rows that scripts add are in templates, which no browser sends.
    let parts = form.split("<template");
    let form: String = parts.map(|part| part.split_once("</template>").map_or(part, |(_, rest)| rest)).collect();
    let mut controls = Vec::new();
    let mut select: Option<(String, Option<String>)> = None;
    for part in form.split('<').skip(1) {
        let (tag, after) = part.split_once('>').unwrap();
        let (name, value) = (attribute(tag, "name"), attribute(tag, "value").unwrap_or_default());
        let kind = attribute(tag, "type").unwrap_or_default();
        let is_left_out =
            tag.contains(" disabled") || (matches!(kind.as_str(), "radio" | "checkbox") && !tag.contains(" checked"));
        match (tag.split(' ').next().unwrap(), name) {
            ("input", Some(name)) if !is_left_out => controls.push((name, value)),
            ("textarea", Some(name)) => controls.push((name, after.replace("&#10;", "\n"))),
            ("select", Some(name)) if !is_left_out => select = Some((name, None)),
            ("option", _) => {
                if let Some((_, chosen)) = &mut select
                    && (chosen.is_none() || tag.contains(" selected"))
                {
                    *chosen = Some(value);
                }
            }
            ("/select", _) => controls.extend(select.take().map(|(name, chosen)| (name, chosen.unwrap_or_default()))),
            _ => {}
        }
    }
    controls
}

/// The controls with changes.
fn with(controls: &Controls, change: &[(&str, &str)]) -> Controls {
    let kept = controls.iter().filter(|(name, _)| change.iter().all(|(changed, _)| changed != name)).cloned();
    kept.chain(change.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))).collect()
}

async fn send(browser: &Browser, path: &str, controls: &Controls) -> Seen {
    let fields: Vec<_> = controls.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    browser.post(path, &fields).await
}

/// A shop with one object of each kind, and who edits them.
struct Team {
    app: TestApp,
    shop: Shop,
    anna: Browser,
    bert: Browser,
}

impl Team {
    /// Two admins are signed in, `admin` and `bert`, and a third one is not.
    async fn start() -> Self {
        let app = TestApp::start().await;
        let shop = app.shop_with(|pixel| pixel.post_click_expire_mins = Some(14 * 1440)).await;
        let (by, owner) = (app.editor(), shop.advertiser.id);
        app.store.create(&by, Campaign::new(owner, shop.line_item.id, "Search")).await.unwrap();
        app.store.create(&by, Publisher::new("Daily News")).await.unwrap();
        let url = "https://a.example/".to_owned();
        let piggyback_pixels = vec![Piggyback { kind: PiggybackKind::Image, url }];
        let segment = Segment { advertiser_id: Some(owner), piggyback_pixels, ..Segment::new("Cart") };
        app.store.create(&by, segment).await.unwrap();
        let click_ids = vec![("click_id".to_owned(), vec!["gclid".to_owned()])];
        let condition = SourceMatch::of(click_ids).unwrap();
        app.store.create(&by, Source { condition, ..Source::new(owner, shop.line_item.id, "Google") }).await.unwrap();
        app.store.create(&by, Pixel::new(owner, "Second")).await.unwrap();
        let anna = Browser::of(&app, Role::Admin, None).await;
        let admin = Caller::shell().admin().unwrap();
        for name in ["bert", "carl"] {
            app.auth.create_user(&admin, User::new(name, Role::Admin), super::PASSWORD).await.unwrap();
        }
        let bert = Browser::new(&app);
        bert.sign_in("bert").await;
        Team { app, shop, anna, bert }
    }
}
