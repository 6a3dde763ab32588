//! The table: every address of the application, by what it takes. The application itself tells which routes it has; one
//! that is missing here fails the test.

use actix_web::introspection::IntrospectionTree;
use actix_web::{App, HttpResponse, test, web};
use pixeld::clock::Clock;
use pixeld::config::{Config, RawSettings};
use pixeld::{api, app};
use serde_json::Value;

/// What an address takes, and from whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A tag's parameters, from any browser.
    Tag,
    /// Events of a server, with a token.
    Events,
    /// Requests to the API, with a token.
    Api,
    /// A query and forms of a signed-in user.
    Page,
    /// Anything, from anybody, who is not signed in yet.
    Entry,
}

/// Every path.
pub const TABLE: &[(Takes, &[&str])] = &[
    (
        Takes::Tag,
        &[
            "/px",
            "/seg",
            "/imptr",
            "/clktr",
            "/clktrb",
            "/sspx",
            "/pixels/conversion/{file}",
            "/tracked_actions/web_sale/{advertiser}",
            "/optin",
            "/optout",
            "/site.js",
            "/landing",
        ],
    ),
    (Takes::Events, &["/conversions", "/adjustments"]),
    (
        Takes::Api,
        &[
            "/adjustment",
            "/advertiser",
            "/audit",
            "/campaign",
            "/clicktracker",
            "/conversion",
            "/cost",
            "/cost/meta",
            "/imptracker",
            "/line-item",
            "/member",
            "/membership",
            "/pixel",
            "/publisher",
            "/segment",
            "/session",
            "/source",
            "/user",
            "/adjustment/meta",
            "/advertiser/meta",
            "/audit/meta",
            "/campaign/meta",
            "/clicktracker/meta",
            "/conversion/meta",
            "/imptracker/meta",
            "/line-item/meta",
            "/member/meta",
            "/membership/meta",
            "/pixel/meta",
            "/publisher/meta",
            "/segment/meta",
            "/session/meta",
            "/source/meta",
            "/user/meta",
            "/conversion/{id}/explain",
            "/pixel/{id}/health",
            "/report",
            "/report-download",
        ],
    ),
    (
        Takes::Page,
        &[
            "/admin",
            "/admin/account",
            "/admin/account/sessions/others/end",
            "/admin/account/sessions/{id}/end",
            "/admin/adjustments",
            "/admin/advertisers",
            "/admin/advertisers/new",
            "/admin/advertisers/{id}",
            "/admin/advertisers/{id}/edit",
            "/admin/ads/new",
            "/admin/ads/{id}",
            "/admin/audit",
            "/admin/bin",
            "/admin/bin/{id}/restore",
            "/admin/campaigns",
            "/admin/campaigns/new",
            "/admin/campaigns/{id}",
            "/admin/campaigns/{id}/edit",
            "/admin/conversions",
            "/admin/conversions.csv",
            "/admin/conversions.json",
            "/admin/conversions/{id}",
            "/admin/conversions/{id}/correct",
            "/admin/costs",
            "/admin/costs.csv",
            "/admin/costs/import",
            "/admin/costs/import/{key}",
            "/admin/costs/import/{key}/campaigns",
            "/admin/costs/import/{key}/check",
            "/admin/costs/import/{key}/discard",
            "/admin/costs/imports",
            "/admin/costs/imports/{id}/undo",
            "/admin/costs/new",
            "/admin/export",
            "/admin/export.txt",
            "/admin/export/file",
            "/admin/help",
            "/admin/help/{document}",
            "/admin/line-items",
            "/admin/line-items/new",
            "/admin/line-items/{id}",
            "/admin/line-items/{id}/edit",
            "/admin/live",
            "/admin/live/events",
            "/admin/pixels",
            "/admin/pixels/new",
            "/admin/pixels/selected",
            "/admin/pixels/{id}",
            "/admin/pixels/{id}/edit",
            "/admin/publishers",
            "/admin/publishers/new",
            "/admin/publishers/{id}",
            "/admin/publishers/{id}/edit",
            "/admin/reports",
            "/admin/reports/files",
            "/admin/reports/files/{id}",
            "/admin/reports/files/{id}/cancel",
            "/admin/reports/files/{id}/download",
            "/admin/reports/looks/{id}/cancel",
            "/admin/reports/saved",
            "/admin/reports/saved/{id}",
            "/admin/reports/saved/{id}/delete",
            "/admin/sample-data",
            "/admin/segments",
            "/admin/segments/new",
            "/admin/segments/{id}",
            "/admin/segments/{id}/edit",
            "/admin/settings",
            "/admin/settings/public-address",
            "/admin/settings/sample-data",
            "/admin/sources",
            "/admin/sources/new",
            "/admin/sources/{id}",
            "/admin/sources/{id}/edit",
            "/admin/sources/{id}/move",
            "/admin/theme",
            "/admin/tokens",
            "/admin/tokens/new",
            "/admin/tokens/{id}/revoke",
            "/admin/tracking/new",
            "/admin/tracking/{id}/ads",
            "/admin/tracking/{id}/first-sale",
            "/admin/tracking/{id}/hide",
            "/admin/tracking/{id}/shop",
            "/admin/tracking/{id}/snippets",
            "/admin/tracking/{id}/test-sale",
            "/admin/trackers",
            "/admin/trackers/new",
            "/admin/trackers/{id}",
            "/admin/trackers/{id}/edit",
            "/admin/users",
            "/admin/users/new",
            "/admin/users/{id}/edit",
            "/admin/users/{id}/password",
            "/admin/users/{id}/sessions",
            "/admin/users/{id}/sessions/all/end",
            "/admin/users/{id}/sessions/{session}/end",
            "/admin/visitors",
            "/admin/visitors/{id}",
            "/admin/advertisers/{id}/delete",
            "/admin/campaigns/{id}/delete",
            "/admin/line-items/{id}/delete",
            "/admin/pixels/{id}/delete",
            "/admin/publishers/{id}/delete",
            "/admin/segments/{id}/delete",
            "/admin/sources/{id}/delete",
            "/admin/trackers/{id}/delete",
            "/admin/sign-out",
            "/admin/search",
            "/admin/shortcuts",
        ],
    ),
    (
        Takes::Entry,
        &[
            "/",
            "/admin/setup",
            "/admin/sign-in",
            "/auth",
            "/healthz",
            "/openapi.json",
            "/pixeld.js",
            "/readyz",
            "/static/{version}/{file:.+}",
        ],
    ),
];

/// An address of the application, as the application itself has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub path: String,
    pub methods: Vec<String>,
}

/// The address under which this test asks for the list.
const LIST: &str = "/list-of-routes";

/// All routes of the application. One that looks at the method itself has all of the API's.
pub async fn all() -> Vec<Route> {
    let shared = api::Shared::new(&Config::resolve(&RawSettings::default()).unwrap(), Clock::System);
    let list = async |tree: web::Data<IntrospectionTree>| HttpResponse::Ok().body(tree.report_as_json());
    let app = App::new().configure(app::routes).configure(|routes| api::routes(routes, &shared));
    let app = test::init_service(app.route(LIST, web::get().to(list))).await;
    let list: Vec<Value> = test::call_and_read_body_json(&app, test::TestRequest::get().uri(LIST).to_request()).await;
    let route = |item: &Value| {
        let methods = item["methods"].as_array().unwrap().iter().map(|method| method.as_str().unwrap().to_owned());
        let mut methods: Vec<_> = methods.filter(|method| !["HEAD", "OPTIONS"].contains(&method.as_str())).collect();
        if methods.is_empty() {
            methods = ["GET", "POST", "PUT", "DELETE"].map(ToOwned::to_owned).to_vec();
        }
        Route { path: item["full_path"].as_str().unwrap().to_owned(), methods }
    };
    list.iter().map(route).filter(|route| route.path != LIST).collect()
}
