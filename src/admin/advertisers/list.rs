//! The list of advertisers.

use actix_web::web;

use crate::admin::figures::{Action, Fact, FactColumn, ListSpec, MeasuredList};
use crate::admin::lists::filters::ListRequest;
use crate::admin::shell::object_kind::{ADVERTISER as KIND, LINE_ITEM, ObjectKind, PIXEL};
use crate::admin::shell::page::Answer;
use crate::admin::shell::session::Asked;
use crate::admin::text::format::grouped;
use crate::domain::Advertiser;
use crate::web::AppState;

static LIST: ListSpec = ListSpec {
    kind: KIND,
    head: "Advertiser",
    lede: "The brands or shops that you measure conversions for.",
    empty: (
        "No advertisers yet",
        "An advertiser is the brand or shop that you measure conversions for. Start here, then create a pixel.",
    ),
    facts: &[
        FactColumn::new("default_currency", "Currency"),
        FactColumn::new("timezone", "Time zone"),
        FactColumn::new("pixels", "Pixels").number(),
        FactColumn::new("line_items", "Line items").number(),
    ],
};

/// `GET /admin/advertisers`
pub async fn show(state: web::Data<AppState>, Asked { session, query }: Asked) -> Answer {
    let (store, by) = (&state.store, session.reader());
    let request = ListRequest::new(KIND.path, &query, &[], &session.odd).by_status();
    let list = MeasuredList::<Advertiser>::load(store, &session, &query, &LIST, request).await?;
    let wanted = list.wanted();
    let counts = store.advertiser_counts(by, wanted.iter().map(|advertiser| advertiser.id).collect()).await?;
    let of = |kind: &ObjectKind, advertiser: &Advertiser, count: u64| {
        let address = format!("{}?advertiser_id={}", kind.path, advertiser.id);
        Fact::link(grouped(count), address).ranked(i64::try_from(count).unwrap_or(i64::MAX))
    };
    let facts = wanted.into_iter().map(|advertiser| {
        let counts = counts.get(&advertiser.id).copied().unwrap_or_default();
        vec![
            Fact::text(advertiser.default_currency.to_string()),
            Fact::text(advertiser.timezone.clone()),
            of(&PIXEL, advertiser, counts.pixels),
            of(&LINE_ITEM, advertiser, counts.line_items),
        ]
    });
    let facts = facts.collect();
    let may_create = session.editor_of_all().is_ok();
    let new = may_create.then(|| Action::new("New advertiser", format!("{}/new", KIND.path)).primary());
    list.answer(facts, new.into_iter().collect())
}
