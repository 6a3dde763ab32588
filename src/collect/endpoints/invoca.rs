//! Invoca's addresses in, the same fire out: `/pixels/conversion/{advertiser}.gif`, and the form it had before December
//! 2012, `/tracked_actions/web_sale/{advertiser}`. The fire is of the advertiser's default pixel, which the store
//! creates when a tag first needs it. Every parameter may be missing; the answer is always the image.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};

use super::visit::Visit;
use crate::collect::answer::refusal::Refusal;
use crate::collect::answer::{Answer, Body, Note};
use crate::collect::params::click_ids;
use crate::collect::params::gdpr;
use crate::collect::params::values;
use crate::collect::params::values::{Longer, SentCurrency};
use crate::collect::problems::rejection::Rejection;
use crate::collect::problems::warnings::{Rule, Warnings};
use crate::collect::query;
use crate::collect::visitor::Visitor;
use crate::collect::visitor::consent::{Consent, Needed};
use crate::domain::{
    Advertiser, Currency, Fire, FireDetails, LostKind, MAX_REASON_CODE, Micros, PixelId, TagKind, trim,
};
use crate::store::{LogRow, StoreError};
use crate::web::AppState;
use crate::web::event_limit::Target;

/// The longest `reference_id` and `parent_reference_id`, in characters.
pub const MAX_REFERENCE_ID: usize = 64;
/// The parameters that a `#` may cut.
const NAMES: &[&str] =
    &["sale_amount", "amount", "reason_code", "external_data", "reference_id", "parent_reference_id"];
/// The longest `external_data`, in characters.
pub const MAX_EXTERNAL_DATA: usize = 255;

/// `GET` and `HEAD` of `/pixels/conversion/{advertiser}.gif`.
pub async fn conversion(request: HttpRequest, path: web::Path<String>, state: web::Data<AppState>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    let result = answer(&visit, trim(&path).strip_suffix(".gif").unwrap_or(&path), Sale::of_conversion).await;
    visit.conclude(result, request.query_string(), Body::Gif).await.send(None)
}

/// `GET` and `HEAD` of `/tracked_actions/web_sale/{advertiser}`.
pub async fn web_sale(request: HttpRequest, path: web::Path<String>, state: web::Data<AppState>) -> HttpResponse {
    let visit = Visit::of(&request, &state);
    let result = answer(&visit, &path, Sale::of_web_sale).await;
    visit.conclude(result, request.query_string(), Body::Gif).await.send(None)
}

async fn answer(visit: &Visit<'_>, advertiser: &str, read: fn(&str, Needed<'_>) -> Sale) -> Result<Answer, Refusal> {
    let id = trim(advertiser).parse().map_err(|_| Rejection::BadId)?;
    let advertiser = visit.state.store.catalog().advertiser(id).ok_or(Rejection::UnknownAdvertiser)?;
    let query = visit.query()?;
    if visit.is_head() {
        // It logs nothing, so it needs no pixel.
        return Ok(Answer::taken(Body::Gif, Note::Ok, None));
    }
    let pixel = default_pixel(visit.state, &advertiser).await;
    let pixel = pixel.map_err(|error| visit.not_recorded(Some(LostKind::Fire), &error))?;
    visit.admit(Target::Pixel(pixel))?;
    let sale = read(query, visit.consent_needed());
    let visitor = visit.visitor(&sale.consent);
    let fire = sale.into_fire(visit, query, pixel, &advertiser, visitor);
    let note = Note::of(visitor, fire.flags, &fire.warnings);
    let receipt = visit.log(LogRow::Fire(Box::new(fire)), visitor).await?;
    Ok(Answer::taken(Body::Gif, note, receipt.cookie))
}

/// The default pixel that the advertiser names, if the catalog has it. Else the store finds or creates one.
async fn default_pixel(state: &AppState, advertiser: &Advertiser) -> Result<PixelId, StoreError> {
    let known = advertiser.default_pixel_id.filter(|pixel| state.store.catalog().pixel(*pixel).is_some());
    match known {
        Some(pixel) => Ok(pixel),
        None => state.store.default_pixel(advertiser.id).await,
    }
}

/// A sale as a request describes it.
#[derive(Debug, Default)]
struct Sale {
    test: bool,
    value: Option<Micros>,
    currency: SentCurrency,
    other: Option<String>,
    /// Without the consent signals.
    details: FireDetails,
    consent: Consent,
    page_url: Option<String>,
    warnings: Warnings,
}

impl Sale {
    fn into_fire(
        self,
        visit: &Visit<'_>,
        query: &str,
        pixel: PixelId,
        advertiser: &Advertiser,
        visitor: Visitor,
    ) -> Fire {
        let page_url = self.page_url;
        let mut fire = Fire {
            at: visit.at,
            received: visit.at,
            pixel_id: pixel,
            visitor_id: visitor.id(),
            flags: visit.flags(self.test, visitor),
            tag: TagKind::Invoca,
            order_id: None,
            value: self.value,
            currency: self.currency.or(Some(advertiser.default_currency)),
            other: self.other,
            event_id: None,
            exposure: None,
            details: FireDetails { consent: visit.kept_consent(self.consent, visitor), ..self.details },
            warnings: visit.kept_warnings(self.warnings, visitor),
            query: visit.kept_parameters(query, visitor),
            referer: visit.page(visitor, page_url.as_deref()),
            user_agent: visit.user_agent(visitor),
            ip: visit.ip(visitor),
        };
        visit.strip(&mut fire, visitor);
        fire
    }

    fn of_conversion(query: &str, needed: Needed<'_>) -> Self {
        let mut params = InvocaParams::of(query, needed);
        let amount = params.one("sale_amount");
        let (reason, reference, parent) =
            (params.one("reason_code"), params.one("reference_id"), params.one("parent_reference_id"));
        let skus = params.all(&["sku_list[]", "sku_list"]);
        let mut sale = params.sale;
        let w = &mut sale.warnings;
        sale.value = values::value("sale_amount", amount, sale.currency, w).map(|(value, _)| value);
        let owned = |text: Cow<'_, str>| text.into_owned();
        sale.details = FireDetails {
            content_ids: values::listed("sku_list", skus.into_iter(), w),
            reason_code: values::text("reason_code", reason, MAX_REASON_CODE, Longer::IsCut, w).map(owned),
            reference_id: values::identity("reference_id", reference, MAX_REFERENCE_ID, w).map(owned),
            parent_reference_id: values::identity("parent_reference_id", parent, MAX_REFERENCE_ID, w).map(owned),
            ..sale.details
        };
        sale
    }

    fn of_web_sale(query: &str, needed: Needed<'_>) -> Self {
        let mut params = InvocaParams::of(query, needed);
        let (amount, data) = (params.one("amount"), params.one("external_data"));
        let mut sale = params.sale;
        let w = &mut sale.warnings;
        sale.value = values::value("amount", amount, sale.currency, w).map(|(value, _)| value);
        if sale.currency == SentCurrency::Absent {
            sale.currency = SentCurrency::Known(Currency::USD);
        }
        let data = values::text("external_data", data, MAX_EXTERNAL_DATA, Longer::IsCut, w);
        sale.other = data.map(Cow::into_owned);
        sale
    }
}

/// A request's parameters under Invoca's names. `sale` holds the parameters that all tags share.
struct InvocaParams<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    sale: Sale,
}

impl<'a> InvocaParams<'a> {
    fn of(query: &'a str, needed: Needed<'_>) -> Self {
        let mut raw = query::parse(query);
        let mut sale = Sale::default();
        let w = &mut sale.warnings;
        sale.test = values::switch("test", raw.test.take(), w);
        sale.currency = values::currency("currency", raw.currency.take(), w);
        sale.consent = gdpr::consent(&mut raw, needed, w);
        sale.details.click_ids = click_ids::read(raw.click_ids.drain(..), w);
        sale.page_url = values::page("page_url", raw.page_url.take(), w).map(Cow::into_owned);
        let mut params = InvocaParams { pairs: query::pairs(query).collect(), sale };
        params.note_cut();
        params
    }

    /// Warns of a parameter that ends the address without a value, unless it came before.
    fn note_cut(&mut self) {
        let Some((last, value)) = self.pairs.last() else { return };
        let known = NAMES.iter().find(|name| *name == last).filter(|_| value.is_empty());
        if let Some(name) = known
            && self.pairs.iter().all(|(own, value)| own != name || value.is_empty())
        {
            self.sale.warnings.add(name, "", Rule::CutByHash);
        }
    }

    /// The first value of this name.
    fn one(&mut self, name: &'static str) -> Option<Cow<'a, str>> {
        let mut values = self.pairs.iter().filter(|(own, _)| own == name).map(|(_, value)| value);
        let first = values.next().cloned();
        if let Some(again) = values.next() {
            self.sale.warnings.add(name, again, Rule::Repeated);
        }
        first
    }

    /// All values of these names, in their order.
    fn all(&self, names: &[&str]) -> Vec<Cow<'a, str>> {
        let of_names = self.pairs.iter().filter(|(own, _)| names.contains(&own.as_ref()));
        of_names.map(|(_, value)| value.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEEDED: Needed<'static> = Needed { purposes: &[1], vendor: None };

    fn warnings_of(sale: Sale) -> Vec<String> {
        sale.warnings.into_vec().into_iter().map(|w| format!("{} {}", w.parameter, w.rule)).collect()
    }

    #[test]
    fn every_published_example_is_read() {
        let text = |text: &str| Some(text.to_owned());
        for (query, value, skus, reason, reference, parent) in [
            ("", None, &[][..], None, None, None),
            ("sale_amount=10", Some(10), &[], None, None, None),
            ("sale_amount=10&reason_code=renewal&sku_list[]=34657", Some(10), &["34657"], text("renewal"), None, None),
            ("sale_amount=10&sku_list[]=dog&sku_list[]=cat", Some(10), &["dog", "cat"], None, None, None),
            ("sku_list%5B%5D=dog&sku_list%5b%5d=cat", None, &["dog", "cat"], None, None, None),
            (
                "sale_amount=0&reason_code=new_signup&reference_id=2012994455",
                Some(0),
                &[],
                text("new_signup"),
                text("2012994455"),
                None,
            ),
            (
                "sale_amount=95.0&reason_code=confirmed_order&parent_reference_id=2012994455",
                Some(95),
                &[],
                text("confirmed_order"),
                None,
                text("2012994455"),
            ),
        ] {
            let sale = Sale::of_conversion(query, NEEDED);
            assert_eq!(sale.value, value.map(|units| Micros(units * Micros::UNIT)), "{query}");
            assert_eq!(sale.details.content_ids, skus, "{query}");
            let FireDetails { reason_code, reference_id, parent_reference_id, .. } = sale.details.clone();
            assert_eq!((reason_code, reference_id, parent_reference_id), (reason, reference, parent), "{query}");
            assert_eq!((sale.currency, sale.other.clone()), (SentCurrency::Absent, None), "{query}");
            assert_eq!(warnings_of(sale), [""; 0], "{query}");
        }
    }

    #[test]
    fn the_old_form_has_its_own_names() {
        let data = "é".repeat(256);
        for (query, value, currency, other, warnings) in [
            ("", None, "USD", None, ""),
            ("amount=12.5&currency=eur&external_data=a%20b", Some(12_500_000), "EUR", Some("a b"), ""),
            ("amount=$12&sale_amount=5", None, "USD", None, "amount not_a_plain_decimal"),
            ("amount=12.0000005", Some(12_000_001), "USD", None, ""),
            (&format!("external_data={data}"), None, "USD", Some(&data[..510]), "external_data cut_to_its_length"),
            (
                "amount=1&amount=2&currency=euro",
                None,
                "",
                None,
                "currency not_a_currency|amount repeated|amount currency_not_understood",
            ),
        ] {
            let sale = Sale::of_web_sale(query, NEEDED);
            assert_eq!((sale.value, sale.currency.or(None)), (value.map(Micros), Currency::parse(currency)), "{query}");
            assert_eq!(sale.other.as_deref(), other, "{query}");
            assert_eq!(warnings_of(sale).join("|"), warnings, "{query}");
        }
    }

    #[test]
    fn a_broken_rule_is_a_warning() {
        let long = "r".repeat(65);
        let query = format!(
            "sale_amount=10,00&reason_code={long}&reference_id={long}&parent_reference_id={long}&test=2&sku_list[]=a%00b"
        );
        let sale = Sale::of_conversion(&query, NEEDED);
        assert_eq!(sale.details.reason_code.as_deref(), Some(&long[..64]));
        assert_eq!((sale.value, &sale.details.reference_id, &sale.details.parent_reference_id), (None, &None, &None));
        assert_eq!(
            warnings_of(sale),
            [
                "test not_0_or_1",
                "sale_amount not_a_plain_decimal",
                "sku_list control_characters",
                "reason_code cut_to_its_length",
                "reference_id too_long",
                "parent_reference_id too_long",
            ]
        );
        let many = "sku_list[]=a&".repeat(101);
        let sale = Sale::of_conversion(&many, NEEDED);
        assert_eq!((sale.details.content_ids.len(), warnings_of(sale)), (100, vec!["sku_list too_many".to_owned()]));
    }

    proptest! {
        #[test]
        fn every_request_is_a_sale(query in "((sale_amount|amount|sku_list(\\[\\]|%5B%5D)?|reason_code|reference_id|external_data|currency)=(\\PC{0,80}|[%0-9a-fA-F]{0,60})&?){0,8}") {
            for sale in [Sale::of_conversion(&query, NEEDED), Sale::of_web_sale(&query, NEEDED)] {
                let length = |text: &Option<String>| text.as_deref().map_or(0, |text| text.chars().count());
                prop_assert!(length(&sale.other) <= MAX_EXTERNAL_DATA);
                prop_assert!(length(&sale.details.reason_code) <= MAX_REASON_CODE);
                prop_assert!(length(&sale.details.reference_id) <= MAX_REFERENCE_ID);
                prop_assert!(sale.details.content_ids.len() <= values::MAX_LIST);
            }
        }
    }
}
