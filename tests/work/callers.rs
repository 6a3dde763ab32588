//! The application under test, its callers, and the work of one request.

use pixeld::domain::{Advertiser, Caller as Rights, Goal, Role, User};
use pixeld::store::{NewChannel, NewShop};
use reqwest::Response;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::inputs::Input;
use crate::meter::{Meter, work_between};
use crate::routes::Takes;

const PASSWORD: &str = "correct horse battery";
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Stranger,
    Viewer,
    Admin,
}

/// What shows who somebody is.
#[derive(Clone, Default)]
struct Marks {
    token: String,
    cookies: String,
    csrf: String,
}

pub struct Bench {
    app: TestApp,
    meter: Meter,
    viewer: Marks,
    admin: Marks,
}

/// Begins the set-up of a second advertiser.
async fn begin_set_up(app: &TestApp) {
    let by = app.editor();
    let (goal, site) = (Goal::Purchase, "https://shop.example".to_owned());
    let shop = NewShop { advertiser: Advertiser::new("Green Tea Club"), goal, site };
    let id = app.store.set_up_shop(&by, shop).await.unwrap();
    let text = str::to_owned;
    let (channel, line_item, publisher) = (text("banners"), text("Banners"), text("Partner sites"));
    let landing_page = Some(text("https://shop.example/"));
    let channel = NewChannel { channel, line_item, publisher, landing_page, source: None };
    app.store.add_channels(&by, id, text("page"), vec![channel]).await.unwrap();
}

impl Bench {
    pub async fn start() -> Self {
        let app = TestApp::start_with(|settings| {
            settings.workers = Some("1".to_owned());
            settings.api_reads_per_minute = Some("1000000".to_owned());
            settings.api_writes_per_minute = Some("1000000".to_owned());
        });
        let app = app.await;
        app.shop().await;
        begin_set_up(&app).await;
        let by = Rights::shell().admin().unwrap();
        // The user with the id 1 is there to be changed.
        for (name, role) in [("mira", Role::Viewer), ("admin", Role::Admin), ("viewer", Role::Viewer)] {
            app.auth.create_user(&by, User::new(name, role), PASSWORD).await.unwrap();
        }
        let mut bench = Bench { app, meter: Meter::new(), viewer: Marks::default(), admin: Marks::default() };
        bench.viewer = bench.sign_in(Role::Viewer).await;
        bench.admin = bench.sign_in(Role::Admin).await;
        bench
    }

    async fn sign_in(&self, role: Role) -> Marks {
        let body = json!({"auth": {"username": role.as_str(), "password": PASSWORD}}).to_string();
        let answer = self.app.client.post(self.app.url("/auth")).body(body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let token = answer["response"]["token"].as_str().unwrap().to_owned();
        let form = format!("user={role}&password={}", PASSWORD.replace(' ', "+"));
        let request = self.app.client.post(self.app.url("/admin/sign-in")).header(CONTENT_TYPE, FORM);
        let answer = request.body(form).send().await.unwrap();
        let cookies =
            answer.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let page = self.app.get("/admin", &[("cookie", &cookies)]).await.text().await.unwrap();
        let csrf = page.split_once(r#"name="csrf" value=""#).expect("a form with a token").1;
        Marks { token, cookies, csrf: csrf.split('"').next().unwrap().to_owned() }
    }

    /// The work for a request, and whether its caller may not send it.
    pub async fn cost(&mut self, caller: Caller, takes: Takes, method: &str, path: &str, input: &Input) -> (u64, bool) {
        let request = self.request(caller, takes, method, path, input);
        self.app.judged().await;
        let before = self.meter.read();
        let answer = request.send().await.unwrap();
        let is_unknown = is_refused(&answer);
        // These lead to the sign-in page whoever asks.
        let refused = is_unknown && takes != Takes::Entry && path != "/admin/sign-out";
        // This one has no end.
        if path != "/admin/live/events" {
            answer.bytes().await.unwrap();
        }
        self.app.judged().await;
        let work = work_between(&before, &self.meter.read());
        if caller != Caller::Stranger && is_unknown {
            self.stay(caller).await;
        }
        (work, refused)
    }

    /// Signs in again if the request ended the session.
    async fn stay(&mut self, caller: Caller) {
        let marks = self.marks(caller);
        let page = self.app.get("/admin", &[("cookie", &marks.cookies)]).await.status();
        let answer = self.app.get("/pixel/meta", &[("authorization", &marks.token)]).await.status();
        if !page.is_success() || !answer.is_success() {
            match caller {
                Caller::Admin => self.admin = self.sign_in(Role::Admin).await,
                Caller::Viewer => self.viewer = self.sign_in(Role::Viewer).await,
                Caller::Stranger => {}
            }
        }
    }

    fn marks(&self, caller: Caller) -> Marks {
        match caller {
            Caller::Stranger => Marks::default(),
            Caller::Viewer => self.viewer.clone(),
            Caller::Admin => self.admin.clone(),
        }
    }

    fn request(
        &self,
        caller: Caller,
        takes: Takes,
        method: &str,
        path: &str,
        input: &Input,
    ) -> reqwest::RequestBuilder {
        let and = if input.query.is_empty() { "" } else { "?" };
        let address = self.app.url(&format!("{path}{and}{}", input.query));
        let mut request = self.app.client.request(method.parse().unwrap(), address);
        let marks = self.marks(caller);
        if caller != Caller::Stranger {
            request = match takes {
                Takes::Events | Takes::Api => request.header(AUTHORIZATION, &marks.token),
                Takes::Page => request.header(COOKIE, &marks.cookies),
                Takes::Tag | Takes::Entry => request,
            };
        }
        match &input.body {
            Some((kind, text)) if takes == Takes::Page => {
                request.header(CONTENT_TYPE, *kind).body(format!("csrf={}&{text}", marks.csrf))
            }
            Some((kind, text)) => request.header(CONTENT_TYPE, *kind).body(text.clone()),
            None => request,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Whether the answer says that the caller may not send this, or leads to the sign-in page.
fn is_refused(answer: &Response) -> bool {
    let leads_to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    matches!(answer.status().as_u16(), 401 | 403) || leads_to.starts_with("/admin/sign-in")
}
