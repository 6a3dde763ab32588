//! The pages of costs: typed, imported from files as platforms export them, undone.

/// Files from the upload to the undo.
mod import;
/// The list, the form, and who may do what.
mod list;

use pixeld::domain::{AdvertiserId, Currency, LineItem, Role};
use reqwest::header::CONTENT_TYPE;

use super::{Browser, Seen};
use crate::harness::TestApp;

/// A file as a platform exports it.
macro_rules! file {
    ($name:literal) => {
        &include_bytes!(concat!("files/", $name))[..]
    };
}
use file;

/// A server with an advertiser that counts in EUR and has these line items, and an editor's browser.
async fn start(line_items: &[&str]) -> (TestApp, Browser) {
    let app = TestApp::start().await;
    // The files are of November.
    app.wait_minutes(60 * 24 * 60);
    let mut advertiser = pixeld::domain::Advertiser::new("Green Tea Club");
    advertiser.default_currency = Currency::parse("EUR").unwrap();
    let advertiser = app.store.create(&app.editor(), advertiser).await.unwrap();
    for name in line_items {
        app.store.create(&app.editor(), LineItem::new(advertiser.id, *name)).await.unwrap();
    }
    let browser = Browser::of(&app, Role::Editor, None).await;
    (app, browser)
}

/// Uploads a file for an advertiser, as a browser does.
async fn upload(browser: &Browser, advertiser: AdvertiserId, name: &str, bytes: &[u8]) -> Seen {
    let token = browser.get("/admin").await.csrf();
    upload_with(browser, &token, &advertiser.to_string(), name, bytes).await
}

async fn upload_with(browser: &Browser, token: &str, advertiser: &str, name: &str, bytes: &[u8]) -> Seen {
    let field = |name: &str, value: &str| {
        format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mut body = format!("{}{}", field("csrf", token), field("advertiser_id", advertiser)).into_bytes();
    let head = format!(
        "--b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--b0undary--\r\n");
    let request = browser.client.post(format!("{}/admin/costs/import", browser.base)).body(body);
    Seen::of(request.header(CONTENT_TYPE, "multipart/form-data; boundary=b0undary").send().await.unwrap()).await
}

/// The fields of the first form on a page as a browser would send them: inputs, chosen options, ticked boxes.
fn fields_of(seen: &Seen, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let main = seen.body.split("<main").nth(1).unwrap();
    let form = main.split("<form").nth(1).unwrap().split("</form>").next().unwrap();
    let mut fields = Vec::new();
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
        Some(value.replace("&#38;", "&").replace("&#34;", "\""))
    };
    for tag in form.split('<').skip(1) {
        let inside = tag.split('>').next().unwrap();
        match tag.split([' ', '>']).next().unwrap() {
            "input" => {
                let is_box = inside.contains("type=\"radio\"") || inside.contains("type=\"checkbox\"");
                if is_box && !inside.contains(" checked") || inside.contains("name=\"csrf\"") {
                    continue;
                }
                let name = attribute(inside, "name").unwrap();
                fields.push((name, attribute(inside, "value").unwrap_or_default()));
            }
            "select" => fields.push((attribute(inside, "name").unwrap(), String::new())),
            "option" if inside.contains(" selected") => {
                fields.last_mut().unwrap().1 = attribute(inside, "value").unwrap();
            }
            _ => {}
        }
    }
    fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    fields.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

/// Sends a page's form with changes.
async fn send(browser: &Browser, path: &str, seen: &Seen, changes: &[(&str, &str)]) -> Seen {
    let fields = fields_of(seen, changes);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit(path, &fields).await
}
