//! The parameters that pixeld knows, by what their values may say of a person. One table for tags, one for the fields of
//! events; both share the names of visitors and addresses.

use crate::domain::AdParameter;

/// What a known value may say of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// An id, an amount, a choice or a text of the shop. A private visitor's is kept unless it holds an e-mail address.
    Plain,
    /// It names the visitor. A private visitor's is not kept.
    NamesVisitor,
    /// An address that the tag leads to, or of the page. A private visitor's is kept without its query.
    Address,
    /// Of an ad platform. A private visitor's is kept by its name alone.
    Ad(AdParameter),
}

/// The nature of a parameter of a tag; none for an unknown one.
pub fn of_tag(name: &str) -> Option<Nature> {
    match name {
        "id" | "t" | "order_id" | "value" | "other" | "event_id" | "currency" | "test" | "code" | "member"
        | "advertiser_id" | "seg" | "add" | "remove" | "seg_code" | "add_code" | "remove_code" | "content_ids"
        | "num_items" | "ancost" | "campaign_id" | "creative_id" | "gdpr" | "gdpr_consent" | "us_privacy" | "gpp"
        | "cachebuster" | "cb" => Some(Nature::Plain),
        _ => shared(name),
    }
}

/// The same at Invoca's addresses.
pub fn of_invoca(name: &str) -> Option<Nature> {
    match name {
        "sale_amount"
        | "amount"
        | "reason_code"
        | "external_data"
        | "reference_id"
        | "parent_reference_id"
        | "sku_list"
        | "sku_list[]"
        | "currency"
        | "test"
        | "gdpr"
        | "gdpr_consent"
        | "us_privacy"
        | "gpp"
        | "page_url" => of_field(name),
        _ => AdParameter::of(name).map(Nature::Ad),
    }
}

/// The same of an arrival: its own fields, and those of the landing page's address.
pub fn of_landing(name: &str) -> Option<Nature> {
    match name {
        "id" | "code" | "member" | "advertiser_id" | "test" | "gdpr" | "gdpr_consent" | "us_privacy" | "gpp" | "t"
        | "cb" | "cachebuster" => Some(Nature::Plain),
        "page_url" | "referrer" => Some(Nature::Address),
        "visitor_id" => Some(Nature::NamesVisitor),
        _ => AdParameter::of(name).map(Nature::Ad),
    }
}

/// The nature of an event's field that its address knows.
pub fn of_field(name: &str) -> Option<Nature> {
    match name {
        "visitor_id" | "hashed_email" | "user_agent" | "ip" => Some(Nature::NamesVisitor),
        _ => shared(name).or(Some(Nature::Plain)),
    }
}

fn shared(name: &str) -> Option<Nature> {
    match name {
        "sspdata" | "imp" => Some(Nature::NamesVisitor),
        "redir" | "page_url" => Some(Nature::Address),
        _ => AdParameter::of(name).map(Nature::Ad),
    }
}
