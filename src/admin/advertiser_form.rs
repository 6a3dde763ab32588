//! The form that makes or changes an advertiser.

use actix_web::web;
use askama::Template;

use super::advertisers::PATH;
use super::choices::{self, CURRENCIES, Choice};
use super::extract::Id;
use super::flash::{Flash, Kind};
use super::form::{Errors, Form, in_table};
use super::page::{Answer, Page, html, html_again};
use super::save;
use super::session::{Posted, Session};
use super::typed::{all_in, currency, optional, word};
use crate::domain::{Advertiser, AdvertiserId, Checks, Currency, FieldError, Pixel, PixelId, RedirectHosts, Status};
use crate::store::{ListQuery, Store, StoreError};
use crate::web::State;

/// The published fields with their labels, down the page.
const FIELDS: [(&str, &str); 7] = [
    ("name", "Name"),
    ("code", "Code"),
    ("default_currency", "Currency"),
    ("timezone", "Time zone"),
    ("redirect_hosts", "Redirect hosts"),
    ("default_pixel_id", "Default pixel"),
    ("state", "State"),
];

/// More lines than this are nobody's by hand.
const MOST_HOSTS: usize = 200;

#[derive(Template)]
#[template(path = "advertiser_form.html")]
struct FormPage {
    page: Page,
    /// None for a new one.
    id: Option<AdvertiserId>,
    currencies: [(&'static str, &'static str); 24],
    zones: Vec<(String, &'static str)>,
    /// None of a new one.
    pixels: Vec<Choice>,
    typed: Typed,
    errors: Errors,
}

/// Every field as text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    name: String,
    code: String,
    currency: String,
    timezone: String,
    redirect_hosts: String,
    allow_any_redirect: bool,
    default_pixel_id: String,
    state: String,
}

/// `GET /admin/advertisers/new`
pub async fn new(session: Session) -> Answer {
    session.editor_of_all()?;
    Ok(html(&form_page(&session, None, &[], Typed::of(&Advertiser::new("")), Errors::default())))
}

/// `POST /admin/advertisers/new`
pub async fn create(state: web::Data<State>, posted: Posted) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor_of_all()?;
    let typed = Typed::read(&form);
    let write = |advertiser: &mut Advertiser| typed.write_into(advertiser);
    match save::create(&state.store, &editor, Advertiser::new(""), write, place).await? {
        Ok(advertiser) => {
            let text = format!("“{}” is made. Next: the pixel that says what counts.", advertiser.name);
            Ok(session.go_with(format!("{PATH}/{}", advertiser.id), &Flash::new(Kind::Good, text)))
        }
        Err(errors) => Ok(html_again(&form_page(&session, None, &[], typed, errors))),
    }
}

/// `GET /admin/advertisers/{id}/edit`
pub async fn edit(state: web::Data<State>, session: Session, Id(id): Id<AdvertiserId>) -> Answer {
    session.editor()?;
    let (advertiser, pixels) = stored(&state.store, &session, id).await?;
    Ok(html(&form_page(&session, Some(&advertiser), &pixels, Typed::of(&advertiser), Errors::default())))
}

/// `POST /admin/advertisers/{id}/edit`
pub async fn change(state: web::Data<State>, posted: Posted, Id(id): Id<AdvertiserId>) -> Answer {
    let Posted { session, form } = posted;
    let editor = session.editor()?;
    let (advertiser, pixels) = stored(&state.store, &session, id).await?;
    let typed = Typed::read(&form);
    let wanted = typed.clone();
    let write = move |advertiser: &mut Advertiser| wanted.write_into(advertiser);
    match save::change(&state.store, &editor, &advertiser, write, place).await? {
        Ok(_) => Ok(session.go_with(format!("{PATH}/{id}"), &Flash::new(Kind::Good, "Saved."))),
        Err(errors) => Ok(html_again(&form_page(&session, Some(&advertiser), &pixels, typed, errors))),
    }
}

async fn stored(store: &Store, session: &Session, id: AdvertiserId) -> Result<(Advertiser, Vec<Pixel>), StoreError> {
    let by = session.reader();
    let advertiser: Advertiser = store.get(by, id.0).await?;
    let own = ListQuery::default().with_id::<Pixel>("advertiser_id", id.0);
    let named: Vec<i64> = advertiser.default_pixel_id.iter().map(|pixel| pixel.0).collect();
    let pixels = choices::all_with::<Pixel>(store, by, own, &named).await?;
    Ok((advertiser, pixels))
}

fn form_page(
    session: &Session,
    advertiser: Option<&Advertiser>,
    pixels: &[Pixel],
    typed: Typed,
    errors: Errors,
) -> FormPage {
    let title = advertiser.map_or_else(|| "New advertiser".to_owned(), |one| format!("Edit {}", one.name));
    FormPage {
        page: session.page("advertisers", title),
        id: advertiser.map(|advertiser| advertiser.id),
        currencies: CURRENCIES,
        zones: jiff::tz::db().available().map(|zone| (zone.to_string(), "")).collect(),
        pixels: choices::options(pixels, &typed.default_pixel_id, |pixel| {
            (pixel.id.0, format!("{} ({})", pixel.name, pixel.id))
        }),
        typed,
        errors,
    }
}

impl Typed {
    fn of(advertiser: &Advertiser) -> Self {
        Typed {
            name: advertiser.name.clone(),
            code: advertiser.code.clone().unwrap_or_default(),
            currency: advertiser.default_currency.to_string(),
            timezone: advertiser.timezone.clone(),
            redirect_hosts: advertiser.redirect_hosts.0.join("\n"),
            allow_any_redirect: advertiser.allow_any_redirect,
            default_pixel_id: advertiser.default_pixel_id.map(|id| id.to_string()).unwrap_or_default(),
            state: advertiser.state.to_string(),
        }
    }

    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        Typed {
            name: text("name"),
            code: text("code"),
            currency: text("default_currency"),
            timezone: text("timezone"),
            redirect_hosts: text("redirect_hosts").replace("\r\n", "\n"),
            allow_any_redirect: form.has("allow_any_redirect"),
            default_pixel_id: text("default_pixel_id"),
            state: text("state"),
        }
    }

    /// Writes it into an advertiser. Empty lines are left out of the hosts.
    fn write_into(&self, advertiser: &mut Advertiser) -> Result<(), Vec<FieldError>> {
        let mut checks = Checks::new();
        advertiser.name = self.name.clone();
        advertiser.code = optional(&self.code);
        advertiser.state = word(&mut checks, "state", Status::parse(&self.state), advertiser.state);
        let field = "default_currency";
        checks.require(!self.currency.is_empty(), field, || "is required".to_owned());
        advertiser.default_currency = currency(&mut checks, field, &self.currency).unwrap_or(Currency::USD);
        advertiser.timezone = self.timezone.clone();
        let lines = self.redirect_hosts.lines().map(str::trim).enumerate().filter(|(_, host)| !host.is_empty());
        let (places, hosts): (Vec<usize>, Vec<String>) = lines.map(|(place, host)| (place, host.to_owned())).unzip();
        checks.require(hosts.len() <= MOST_HOSTS, "redirect_hosts", || {
            format!("may hold at most {MOST_HOSTS} hosts, and holds {}", hosts.len())
        });
        advertiser.redirect_hosts = RedirectHosts(hosts);
        advertiser.allow_any_redirect = self.allow_any_redirect;
        advertiser.default_pixel_id = match self.default_pixel_id.as_str() {
            "" => None,
            id => {
                let read = id.parse::<PixelId>().ok();
                word(&mut checks, "default_pixel_id", read.map(Some), None)
            }
        };
        let broken = advertiser.check().map_err(|broken| broken.into_iter().map(|one| by_line(one, &places)).collect());
        all_in(&FIELDS, checks, broken)
    }
}

/// The form may have empty lines that the advertiser leaves out: names the line where the advertiser names the host.
fn by_line(mut error: FieldError, places: &[usize]) -> FieldError {
    if let Some(line) = place_in(&error.field).and_then(|place| places.get(place)) {
        error.field = format!("redirect_hosts[{line}]");
    }
    error
}

/// The number in `redirect_hosts[1]`.
fn place_in(field: &str) -> Option<usize> {
    field.strip_prefix("redirect_hosts[")?.strip_suffix(']')?.parse().ok()
}

/// The control and label of a published field.
fn place(field: &str) -> Option<(String, String)> {
    if let Some(place) = place_in(field) {
        return Some(("redirect_hosts".to_owned(), format!("Line {} of the redirect hosts", place + 1)));
    }
    in_table(&FIELDS, field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_back_as_it_was_stored() {
        let mut advertiser = Advertiser::new("Shop");
        advertiser.code = Some("shop".into());
        advertiser.timezone = "Europe/Berlin".into();
        advertiser.redirect_hosts = RedirectHosts(vec!["shop.example".into(), "*.shop.example".into()]);
        advertiser.default_pixel_id = Some(PixelId(7));
        let mut read = Advertiser::new("");
        Typed::of(&advertiser).write_into(&mut read).unwrap();
        assert_eq!(read, advertiser);
    }

    #[test]
    fn a_bad_host_is_named_by_its_line() {
        let hosts = "shop.example\n\n https://shop.example/ \n".to_owned();
        let typed = Typed { redirect_hosts: hosts, currency: String::new(), ..Typed::of(&Advertiser::new("Shop")) };
        let mut advertiser = Advertiser::new("");
        let errors = Errors::of_fields(typed.write_into(&mut advertiser).unwrap_err(), place);
        assert_eq!(
            errors.of("redirect_hosts"),
            "Line 3 of the redirect hosts must be a host such as shop.example or *.shop.example, and is \
             \"https://shop.example/\"."
        );
        assert_eq!(errors.of("default_currency"), "Currency is required.");
    }
}
