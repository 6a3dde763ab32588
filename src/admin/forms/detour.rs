//! The way from a form to another one that creates what it lacks, and back with all that was typed. A form carries the
//! address that it leads back to as `return_to`; only addresses of these pages count.

use actix_web::HttpResponse;

use super::form_key;
use crate::admin::shell::csrf;
use crate::admin::shell::form::Form;
use crate::admin::shell::local::local;
use crate::admin::shell::object_kind::{ADVERTISER, LINE_ITEM, ObjectKind, PIXEL, PUBLISHER};
use crate::admin::shell::page::see_other;
use crate::web::query::MAX_QUERY;

/// The field with the address.
pub const RETURN_TO: &str = "return_to";
/// Marks a query string that holds all fields of a form.
pub const KEPT: &str = "kept";
/// The parameter in which a form of a line item takes one more pixel.
pub const ATTACH: &str = "attach";

/// What a form may lead to: the button's value, the kind, and the parameter in which its id comes back.
const WAYS: [(&str, ObjectKind, &str); 4] = [
    ("make-advertiser", ADVERTISER, "advertiser_id"),
    ("make-line-item", LINE_ITEM, "line_item_id"),
    ("make-placement", PUBLISHER, "publisher_id"),
    ("make-pixel", PIXEL, ATTACH),
];

/// Where the pressed button leads, if it does not save. `here` is the form's path.
pub fn away(posted: &Form, here: &str) -> Option<HttpResponse> {
    let (_, kind, _) = WAYS.iter().find(|(button, ..)| *button == posted.text("do"))?;
    let is_typed = |name: &str| {
        name != csrf::FIELD && name != form_key::FIELD && name != "do" && name != KEPT && !name.contains("password")
    };
    let typed = posted.pairs().filter(|(name, _)| is_typed(name)).chain([(KEPT, "yes")]);
    let back = format!("{here}?{}", encoded(typed));
    let address = |back: &str| {
        let owner = posted.some("advertiser_id").filter(|_| kind.path != ADVERTISER.path);
        let fields = [(RETURN_TO, back)].into_iter().chain(owner.map(|owner| ("advertiser_id", owner)));
        format!("{}/new?{}", kind.path, encoded(fields))
    };
    let whole = address(&back);
    // What is too long to be read back is not kept.
    Some(see_other(if whole.len() < MAX_QUERY { whole } else { address(here) }))
}

/// The address that a form or a link names; empty if it is no page of ours.
pub fn return_to(form: &Form) -> &str {
    let to = form.text(RETURN_TO);
    if local(to) == to { to } else { "" }
}

/// Where a form leads after it created an object: back, if it came from somewhere. Another form gets the id filled in.
pub fn back(posted: &Form, kind: ObjectKind, id: i64) -> Option<String> {
    let to = return_to(posted);
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let name = match WAYS.iter().find(|(_, way, _)| way.path == kind.path) {
        Some((.., name)) if path.ends_with("/new") || path.ends_with("/edit") => *name,
        _ if to.is_empty() => return None,
        _ => return Some(to.to_owned()),
    };
    let (query, _) = query.split_once('#').unwrap_or((query, ""));
    let fields = Form::parse(query.as_bytes());
    let id = id.to_string();
    let others = fields.pairs().filter(|(field, _)| *field != name);
    Some(format!("{path}?{}", encoded(others.chain([(name, id.as_str())]))))
}

fn encoded<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form::parse(text.as_bytes())
    }

    fn leads(posted: &str) -> String {
        let answer = away(&form(posted), "/admin/trackers/new").unwrap();
        answer.headers().get("location").unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_button_leads_to_another_form_with_all_that_was_typed() {
        assert!(away(&form("do=add-row&name=a"), "/admin/trackers/new").is_none());
        assert_eq!(
            leads("csrf=x&name=a+b&code=&line_item_id=3&do=make-placement"),
            "/admin/publishers/new?return_to=%2Fadmin%2Ftrackers%2Fnew%3Fname%3Da%2Bb%26code%3D%26line_item_id%3D3%26kept%3Dyes"
        );
        assert!(leads("advertiser_id=7&do=make-pixel").ends_with("&advertiser_id=7"));
        let long = format!("name={}&do=make-placement", "a".repeat(9_000));
        assert_eq!(leads(&long), "/admin/publishers/new?return_to=%2Fadmin%2Ftrackers%2Fnew");
    }

    #[test]
    fn the_way_back_fills_in_what_was_created() {
        let back = |to: &str, kind| {
            back(&form(&format!("return_to={}", encoded([("", to)]).trim_start_matches('='))), kind, 9)
        };
        for (to, kind, leads) in [
            (
                "/admin/trackers/new?name=a+b&publisher_id=2&kept=yes",
                PUBLISHER,
                Some("/admin/trackers/new?name=a+b&kept=yes&publisher_id=9"),
            ),
            ("/admin/line-items/3/edit", PIXEL, Some("/admin/line-items/3/edit?attach=9")),
            ("/admin/line-items/3", PIXEL, Some("/admin/line-items/3")),
            ("https://evil.example/new", PUBLISHER, None),
            ("//evil.example/admin/new", PUBLISHER, None),
            ("/admin/../px", PUBLISHER, None),
            ("", PUBLISHER, None),
        ] {
            assert_eq!(back(to, kind).as_deref(), leads, "{to}");
        }
    }
}
