//! The form that finds a visitor's page by the value of the visitor's cookie, or by a click ID.

use actix_web::web;
use askama::Template;

use super::page::address;
use crate::admin::shell::page::{Answer, Page, html, see_other};
use crate::admin::shell::session::Asked;
use crate::domain::VisitorId;
use crate::web::AppState;

/// The most digits of a cookie's value. A longer text can only be the decimal number.
const COOKIE_DIGITS: usize = 16;

/// The longest text that is looked up. A click ID has at most 512 characters.
const LONGEST: usize = 600;

#[derive(Template)]
#[template(path = "admin/visitors/find.html")]
struct FindPage {
    page: Page,
    text: String,
    error: String,
}

/// `GET /admin/visitors`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let text = query.text("visitor").to_owned();
    if let Some(visitor) = read(&text) {
        return Ok(see_other(address(visitor)));
    }
    let found = match text.chars().count() {
        1..=LONGEST => state.store.find_click_ids(session.reader(), &text, 2).await?,
        _ => Vec::new(),
    };
    match found.as_slice() {
        [] => {}
        [only] => return Ok(see_other(address(only.visitor))),
        _ => return Ok(see_other(all_of(&text))),
    }
    let is_wrong = query.has("visitor");
    let error = match is_wrong {
        true => {
            "Type a visitor ID: up to 16 of the characters 0–9 and a–f, or 17 to 19 digits. Or type a click ID with which \
             a visitor came."
        }
        false => "",
    };
    let page = FindPage { page: session.page("visitors", "Find a visitor"), text, error: error.to_owned() };
    Ok(html(&page))
}

/// The page that lists several visitors with a click ID.
fn all_of(text: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish();
    format!("/admin/search?{query}")
}

/// Reads the cookie's value or, if the text is longer, the `user_id` of reports and the API.
pub fn read(text: &str) -> Option<VisitorId> {
    if text.len() > COOKIE_DIGITS { VisitorId::from_digits(text).ok() } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_visitors_number_read() {
        for (text, visitor) in [
            ("7", Some(7)),
            ("00000000000000AB", Some(0xab)),
            ("7fffffffffffffff", Some(i64::MAX)),
            ("9223372036854775807", Some(i64::MAX)),
            ("12345678901234567", Some(12_345_678_901_234_567)),
            ("9223372036854775808", None),
            ("ffffffffffffffff", None),
            ("0000000000000000ab", None),
            ("", None),
            ("optout", None),
            ("<b>", None),
        ] {
            assert_eq!(read(text), visitor.map(VisitorId), "{text:?}");
        }
    }
}
