//! The form that leads to a visitor's page, by what stands in the visitor's cookie.

use askama::Template;

use super::extract::Asked;
use super::page::{Answer, Page, html, html_again, see_other};
use super::session::Session;
use super::visitor::address;
use crate::domain::VisitorId;

/// More digits than a cookie's value has: what is longer can only be the decimal number.
const COOKIE_DIGITS: usize = 16;

#[derive(Template)]
#[template(path = "visitor_find.html")]
struct FindPage {
    page: Page,
    typed: String,
    error: String,
}

/// `GET /admin/visitors`
pub async fn show(session: Session, Asked(asked): Asked) -> Answer {
    let typed = asked.text("visitor").to_owned();
    let found = read(&typed);
    if let Some(visitor) = found {
        return Ok(see_other(address(visitor)));
    }
    let wrong = asked.has("visitor");
    let error = match wrong {
        true => "This is no visitor's number: 1 to 16 of the digits 0 to 9 and a to f, or 17 to 19 decimal ones.",
        false => "",
    };
    let page = FindPage { page: session.page("segments", "Look up a visitor"), typed, error: error.to_owned() };
    Ok(if wrong { html_again(&page) } else { html(&page) })
}

/// The cookie's value; or what reports and the API call `user_id`, if it has more digits than that.
fn read(typed: &str) -> Option<VisitorId> {
    if typed.len() > COOKIE_DIGITS { VisitorId::from_digits(typed).ok() } else { typed.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_found_by_either_form_of_its_number() {
        for (typed, found) in [
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
            assert_eq!(read(typed), found.map(VisitorId), "{typed:?}");
        }
    }
}
