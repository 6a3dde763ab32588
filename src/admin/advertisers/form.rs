//! The form of an advertiser.

use askama::Template;

use crate::admin::choices;
use crate::admin::choices::{CURRENCIES, Choice};
use crate::admin::forms::conflict::{name_of, word_of};
use crate::admin::forms::fold;
use crate::admin::forms::fold::Fold;
use crate::admin::forms::object_form::{ObjectForm, Occasion};
use crate::admin::forms::parse::{FormData, currency, form_data, merge_errors, optional, word};
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Control, Errors, Labels, control_in};
use crate::admin::shell::object_kind;
use crate::admin::shell::object_kind::ObjectKind;
use crate::admin::shell::page::Page;
use crate::admin::shell::session::Session;
use crate::admin::text::format::plural;
use crate::domain::{
    Advertiser, AdvertiserId, Checks, Currency, Editor, FieldError, Pixel, PixelId, RedirectHosts, Status,
};
use crate::store::{ListQuery, Store};

pub struct AdvertiserForm {
    /// The advertiser's own pixels; a new one has none.
    pixels: Vec<Pixel>,
}

#[derive(Template)]
#[template(path = "admin/advertisers/form.html")]
struct AdvertiserFormPage {
    page: Page,
    id: Option<AdvertiserId>,
    currencies: [(&'static str, &'static str); 24],
    zones: Vec<(String, &'static str)>,
    pixels: Vec<Choice>,
    advanced: Fold,
    data: AdvertiserFormData,
    errors: Errors,
}

form_data! {
    /// Every field as text.
    AdvertiserFormData {
        name: String,
        code: String,
        default_currency: String,
        timezone: String,
        redirect_hosts: String,
        allow_any_redirect: bool,
        default_pixel_id: String,
        state: String,
    }
}

impl ObjectForm for AdvertiserForm {
    type Object = Advertiser;
    type Data = AdvertiserFormData;

    const KIND: ObjectKind = object_kind::ADVERTISER;
    const FIELDS: Labels = &[
        ("name", "Name"),
        ("default_currency", "Currency"),
        ("timezone", "Time zone"),
        ("state", "Status"),
        ("code", "Code"),
        ("default_pixel_id", "Default pixel"),
        ("redirect_hosts", "Allowed hosts"),
        ("allow_any_redirect", "Any host"),
    ];

    fn may_create(session: &Session) -> Result<Editor, PageError> {
        session.editor_of_all()
    }

    async fn load(store: &Store, session: &Session, occasion: Occasion<'_, Advertiser>) -> Result<Self, PageError> {
        let Occasion::Change(advertiser) = occasion else { return Ok(AdvertiserForm { pixels: Vec::new() }) };
        let query = ListQuery::default().with_id::<Pixel>("advertiser_id", advertiser.id.0);
        let default: Vec<i64> = advertiser.default_pixel_id.iter().map(|pixel| pixel.0).collect();
        let pixels = choices::all_with::<Pixel>(store, session.reader(), query, &default).await?;
        Ok(AdvertiserForm { pixels })
    }

    fn data(advertiser: &Advertiser) -> AdvertiserFormData {
        AdvertiserFormData {
            name: advertiser.name.clone(),
            code: advertiser.code.clone().unwrap_or_default(),
            default_currency: advertiser.default_currency.to_string(),
            timezone: advertiser.timezone.clone(),
            redirect_hosts: advertiser.redirect_hosts.0.join("\n"),
            allow_any_redirect: advertiser.allow_any_redirect,
            default_pixel_id: advertiser.default_pixel_id.map(|id| id.to_string()).unwrap_or_default(),
            state: advertiser.state.to_string(),
        }
    }

    fn new_object(&self, _: &AdvertiserFormData) -> Advertiser {
        Advertiser::new("")
    }

    fn write(&self, data: &AdvertiserFormData, advertiser: &mut Advertiser) -> Result<(), Vec<FieldError>> {
        data.write(advertiser)
    }

    fn words(&self, data: &AdvertiserFormData, field: &str) -> String {
        match field {
            "default_pixel_id" => {
                name_of(&self.pixels, &data.default_pixel_id, |pixel| (pixel.id.0, pixel.name.clone()))
            }
            "state" => word_of(&[], &data.state),
            _ => data.words(field),
        }
    }

    fn page(
        &self,
        page: Page,
        advertiser: Option<&Advertiser>,
        data: AdvertiserFormData,
        errors: Errors,
    ) -> impl Template {
        AdvertiserFormPage {
            page,
            id: advertiser.map(|advertiser| advertiser.id),
            currencies: CURRENCIES,
            zones: jiff::tz::db().available().map(|zone| (zone.to_string(), "")).collect(),
            pixels: choices::options(&self.pixels, &data.default_pixel_id, |pixel| {
                (pixel.id.0, format!("{} ({})", pixel.name, pixel.id))
            }),
            advanced: data.advanced(&errors),
            data,
            errors,
        }
    }

    fn name(advertiser: &Advertiser) -> &str {
        &advertiser.name
    }

    fn created(advertiser: &Advertiser) -> String {
        format!("Advertiser “{}” created.", advertiser.name)
    }

    fn control(field: &str) -> Option<Control> {
        match host_index(field) {
            Some(index) => Some(Control::new("redirect_hosts", format!("Line {} of the allowed hosts", index + 1))),
            None => control_in(Self::FIELDS, field),
        }
    }
}

impl AdvertiserFormData {
    fn advanced(&self, errors: &Errors) -> Fold {
        let hosts = match self.redirect_hosts.lines().filter(|host| !host.trim().is_empty()).count() {
            _ if self.allow_any_redirect => "all hosts allowed".to_owned(),
            0 => String::new(),
            many => format!("{} allowed", plural(u64::try_from(many).unwrap_or(u64::MAX), "host")),
        };
        let fields = ["code", "default_pixel_id", "redirect_hosts"];
        Fold::new(errors, &fields, "code, allowed hosts of redirects", &[fold::code(&self.code), hosts])
    }

    fn write(&self, advertiser: &mut Advertiser) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        advertiser.name = self.name.clone();
        advertiser.code = optional(&self.code);
        advertiser.state = word(&mut checks, "state", Status::parse(&self.state), advertiser.state);
        let field = "default_currency";
        checks.require(!self.default_currency.is_empty(), field, || "is required".to_owned());
        advertiser.default_currency = currency(&mut checks, field, &self.default_currency).unwrap_or(Currency::USD);
        advertiser.timezone = self.timezone.clone();
        // The advertiser has no empty lines; `lines` are the lines of its hosts.
        let hosts = self.redirect_hosts.lines().map(str::trim).enumerate().filter(|(_, host)| !host.is_empty());
        let (lines, hosts): (Vec<usize>, Vec<String>) = hosts.map(|(line, host)| (line, host.to_owned())).unzip();
        advertiser.redirect_hosts = RedirectHosts(hosts);
        advertiser.allow_any_redirect = self.allow_any_redirect;
        advertiser.default_pixel_id = match self.default_pixel_id.as_str() {
            "" => None,
            id => word(&mut checks, "default_pixel_id", id.parse::<PixelId>().ok().map(Some), None),
        };
        let name_line = |error: FieldError| match host_index(&error.field).and_then(|index| lines.get(index)) {
            Some(line) => FieldError { field: format!("redirect_hosts[{line}]"), ..error },
            None => error,
        };
        let broken = advertiser.check().map_err(|errors| errors.into_iter().map(name_line).collect());
        merge_errors(AdvertiserForm::FIELDS, checks, broken)
    }
}

/// The number in `redirect_hosts[1]`.
fn host_index(field: &str) -> Option<usize> {
    field.strip_prefix("redirect_hosts[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_advertiser_reads_back_from_its_form() {
        let mut advertiser = Advertiser::new("Shop");
        advertiser.code = Some("shop".into());
        advertiser.timezone = "Europe/Berlin".into();
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".into(), "*.shop.example".into()]);
        advertiser.default_pixel_id = Some(PixelId(7));
        let mut read = Advertiser::new("");
        AdvertiserForm::data(&advertiser).write(&mut read).unwrap();
        assert_eq!(read, advertiser);
    }

    #[test]
    fn an_error_names_the_line_of_a_bad_host() {
        let hosts = "shop.example\n\n https://shop.example/ \n".to_owned();
        let shop = AdvertiserForm::data(&Advertiser::new("Shop"));
        let data = AdvertiserFormData { redirect_hosts: hosts, default_currency: String::new(), ..shop };
        let mut advertiser = Advertiser::new("");
        let errors = Errors::of_fields(data.write(&mut advertiser).unwrap_err(), AdvertiserForm::control);
        assert_eq!(
            errors.of("redirect_hosts"),
            "Line 3 of the allowed hosts must be a host such as shop.example or *.shop.example, not \"https://shop.example/\"."
        );
        assert_eq!(errors.of("default_currency"), "Currency is missing.");
    }
}
