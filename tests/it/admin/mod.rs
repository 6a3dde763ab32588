//! The admin pages, asked for and posted to as a browser does.

mod answers;
mod attention;
/// The list of events.
mod conversions;
mod costs;
mod days;
mod entry;
mod export;
mod help;
mod live;
mod no_cookie;
/// The pages of advertisers, line items, campaigns, placements, trackers, users and tokens.
pub mod objects;
mod odd;
mod overview;
mod pixels;
mod reading;
/// The pages of reports.
mod reports;
mod safety;
mod search;
mod settings;
/// Several people at once: edits that collide, forms sent twice, the bin.
mod teams;
mod tracking;
mod wording;

use pixeld::domain::{AdvertiserId, Caller, Role, User};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};

use crate::harness::TestApp;

pub const PASSWORD: &str = "correct horse battery";

/// A browser with its cookies; it follows no redirects.
pub struct Browser {
    client: reqwest::Client,
    base: String,
}

/// An answer.
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Seen {
    async fn of(answer: reqwest::Response) -> Self {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Seen { status, headers, body: answer.text().await.unwrap() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads; empty if it leads nowhere.
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    pub fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// The first `name="csrf"` on the page.
    pub fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once(r#"name="csrf" value=""#).expect("a form with a token");
        rest.split('"').next().unwrap().to_owned()
    }

    /// The value of an input, unescaped.
    pub fn typed(&self, name: &str) -> String {
        let (before, rest) = self.body.split_once(&format!(r#"name="{name}""#)).expect("such an input");
        let tag = format!("{}{}", before.rsplit_once('<').unwrap().1, rest.split('>').next().unwrap());
        let value = tag.split_once(r#"value=""#).map_or("", |(_, rest)| rest.split('"').next().unwrap());
        value.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&")
    }

    /// The sentences that say what is wrong with the address, unescaped.
    pub fn notes(&self) -> Vec<String> {
        let notice = self.body.split_once(r#" id="odd" "#).map_or("", |(_, rest)| rest);
        let sentences = notice.split("</div>").next().unwrap().split("<p>").skip(1);
        let text = |sentence: &str| sentence.split("</p>").next().unwrap().replace("&#60;", "<").replace("&#62;", ">");
        sentences.map(text).collect()
    }

    /// Whether the page says that there is nothing to list.
    pub fn is_empty(&self) -> bool {
        self.has(r#"<div class="empty">"#) || self.has(r#"<p class="empty-line">"#)
    }

    /// How many errors the form lists above its fields.
    pub fn errors(&self) -> usize {
        let list = self.body.split_once(r#"<div class="notice bad""#).map_or("", |(_, rest)| rest);
        list.split("</ul>").next().map_or(0, |list| list.matches("<li>").count())
    }

    /// Whether the page asks for a confirmation.
    pub fn asks(&self) -> bool {
        self.has(r#"name="confirmed" value="yes""#)
    }

    /// The texts of the elements whose opening tag contains this, in order, without the ? of terms.
    pub fn texts(&self, attribute: &str) -> Vec<String> {
        let mut texts = Vec::new();
        let html = replace_help(&self.body, "");
        let mut rest = html.as_str();
        while let Some(at) = rest.find(attribute) {
            let tag = &rest[rest[..=at].rfind('<').unwrap() + 1..];
            let name = tag.split([' ', '>']).next().unwrap();
            let (_, inside) = tag.split_once('>').unwrap();
            let (inside, after) = inside.split_once(&format!("</{name}>")).unwrap();
            texts.push(without_tags(inside));
            rest = after;
        }
        texts
    }

    /// The texts of a column, by its heading, in the first table that has it, without the lines of totals.
    pub fn column(&self, heading: &str) -> Vec<String> {
        for table in self.body.split("<table").skip(1) {
            let table = table.split("</table>").next().unwrap();
            let Some((head, rows)) = table.split_once("</thead>") else { continue };
            let row = head.rsplit("<tr").next().unwrap();
            let heads = elements(row, "th");
            let Some(place) = heads.iter().position(|text| text == heading) else { continue };
            let rows = rows.split("<tr").skip(1).filter(|row| !row.starts_with(r#" class="total""#));
            return rows.filter_map(|row| elements(row, "td").get(place).cloned()).collect();
        }
        Vec::new()
    }

    /// The page without its tags and the ? of terms, blanks folded.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for part in replace_help(&self.body, "").split('<') {
            text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
            text.push(' ');
        }
        let text = text.replace("&#39;", "'").replace("&#34;", "\"");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The HTML with each ? of a term replaced.
fn replace_help(html: &str, sign: &str) -> String {
    let after = |part: &str| part.split_once("</details>").unwrap().1.to_owned();
    let mut parts = html.split(r#"<details class="help">"#);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| text + sign + &after(part))
}

/// The texts of the elements with this name, in order, without the ? of terms.
pub fn elements(html: &str, name: &str) -> Vec<String> {
    let html = replace_help(html, "");
    let end = format!("</{name}>");
    let inside = |part: &str| without_tags(part.split_once('>').unwrap().1.split(&end).next().unwrap());
    html.split(&format!("<{name}")).skip(1).map(inside).collect()
}

/// The text of some HTML: its tags left out, nothing put in their place.
fn without_tags(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text = parts.collect::<String>().replace("&#39;", "'").replace("&#34;", "\"");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Browser {
    pub fn new(app: &TestApp) -> Self {
        Self::at(&app.url(""))
    }

    /// One that asks the server at this address.
    pub fn at(base: &str) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(true)
            .no_proxy()
            .build()
            .unwrap();
        Browser { client, base: base.to_owned() }
    }

    /// Signs in with [`PASSWORD`].
    pub async fn sign_in(&self, name: &str) {
        let seen = self.post("/admin/sign-in", &[("user", name), ("password", PASSWORD)]).await;
        assert_eq!((seen.status, seen.location()), (303, "/admin"), "{}", seen.text());
    }

    /// A browser in which this user is signed in.
    pub async fn of(app: &TestApp, role: Role, advertiser: Option<AdvertiserId>) -> Self {
        let name = format!("{role}{}", advertiser.map(|id| id.to_string()).unwrap_or_default());
        let mut user = User::new(&name, role);
        user.advertiser_id = advertiser;
        app.auth.create_user(&Caller::shell().admin().unwrap(), user, PASSWORD).await.unwrap();
        let browser = Browser::new(app);
        browser.sign_in(&name).await;
        browser
    }

    pub async fn get(&self, path: &str) -> Seen {
        Seen::of(self.client.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    /// Asks for an answer that goes on, with these headers.
    pub async fn listen(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self.client.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Asks with these headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Seen {
        Seen::of(self.listen(path, headers).await).await
    }

    /// Posts a form as it is.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        self.post_with(path, fields, &[]).await
    }

    /// Posts a form with further headers.
    pub async fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Seen {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.client.post(format!("{}{path}", self.base)).body(body);
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Seen::of(request.send().await.unwrap()).await
    }

    /// Posts a form with a token of this session.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.get("/admin").await.csrf();
        let fields: Vec<_> = [("csrf", token.as_str())].iter().chain(fields).copied().collect();
        self.post(path, &fields).await
    }
}

/// The fields of the form of a new pixel, with changes.
pub fn pixel_fields<'a>(change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("name", "Purchase"),
        ("advertiser_id", "1"),
        ("pixel_conversion_event_id", "7"),
        ("code", ""),
        ("trigger_type", "hybrid"),
        ("post_click_expire_mins", "14"),
        ("post_click_expire_mins_unit", "days"),
        ("post_view_expire_mins", "1"),
        ("post_view_expire_mins_unit", "days"),
        ("repeat", "all"),
        ("count_each_order_once", "on"),
        ("post_click_value", "12.50"),
        ("post_view_value", ""),
        ("max_value", ""),
        ("piggyback_type", "img"),
        ("piggyback_url", ""),
        ("state", "active"),
    ];
    fields.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
    fields.extend(change);
    fields
}
