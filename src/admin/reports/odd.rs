//! What is wrong with the address of a report beside the errors of its form. Objects may be gone. It may name an
//! order, a chart or a currency that does not exist.

use super::definition::{FILTERS, ReportFormData, filter_label};
use super::options::ReportFormOptions;
use crate::admin::shell::form::Form;
use crate::admin::shell::odd::{Odd, quoted};
use crate::admin::shell::session::Session;
use crate::domain::{Advertiser, Campaign, Currency, LineItem, Pixel, Publisher, Reader, Segment, Source};
use crate::store::{Entity, Store, StoreError};

/// The parameters of every report.
const KNOWN: [&str; 10] = ["type", "range", "from", "to", "timezone", "column", "sort", "chart", "saved", "run"];

/// Takes out a filter by something that is no currency.
pub fn take_bad_currency(odd: &Odd, data: &mut ReportFormData) {
    if let Some(bad) = data.values("currency").iter().find(|code| Currency::parse(code).is_none()) {
        odd.say(format!("Currency: {} is not a code such as EUR. The report shows all currencies.", quoted(bad)));
        data.filters.retain(|(name, _)| *name != "currency");
    }
}

/// Takes out a figure that the chart cannot show.
pub fn take_bad_chart(odd: &Odd, data: &mut ReportFormData, options: &ReportFormOptions) {
    if !data.chart.is_empty() && options.charts.iter().all(|chart| chart.id != data.chart) {
        let bad = std::mem::take(&mut data.chart);
        odd.say(format!("The chart cannot show {}. It shows another figure.", quoted(&bad)));
    }
}

/// Says all other things.
pub async fn say(store: &Store, session: &Session, form: &Form, data: &ReportFormData) -> Result<(), StoreError> {
    let odd = &session.odd;
    let own = FILTERS.into_iter().filter(|name| data.definition.column(name).is_some_and(|column| column.filter));
    odd.unknown(form, &KNOWN.into_iter().chain(own).collect::<Vec<_>>());
    if let Some(sort) = &data.sort
        && !data.columns.contains(&sort.column)
    {
        odd.say(format!("The report has no column {} to sort by. It has its usual order.", quoted(&sort.column)));
    }
    for (name, values) in &data.filters {
        gone(store, session.reader(), name, values).await?.into_iter().for_each(|sentence| odd.say(sentence));
    }
    Ok(())
}

/// The objects of a filter that the user does not see.
async fn gone(store: &Store, by: &Reader, name: &str, values: &[String]) -> Result<Option<String>, StoreError> {
    let ids: Vec<i64> = values.iter().filter_map(|value| value.parse().ok()).collect();
    let gone = match name {
        "advertiser_id" => without::<Advertiser>(store, by, ids).await?,
        "line_item_id" => without::<LineItem>(store, by, ids).await?,
        "campaign_id" => without::<Campaign>(store, by, ids).await?,
        "publisher_id" => without::<Publisher>(store, by, ids).await?,
        "source_id" => without::<Source>(store, by, ids).await?,
        "pixel_id" => without::<Pixel>(store, by, ids).await?,
        "segment_id" => without::<Segment>(store, by, ids).await?,
        _ => Vec::new(),
    };
    let shown = gone.iter().take(5).map(i64::to_string).collect::<Vec<_>>().join(", ");
    Ok((!gone.is_empty()).then(|| {
        format!("{}: no ID {shown}. If it was deleted, the report shows what happened before.", filter_label(name))
    }))
}

async fn without<E: Entity>(store: &Store, by: &Reader, ids: Vec<i64>) -> Result<Vec<i64>, StoreError> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let names = store.names::<E>(by, ids.clone()).await?;
    Ok(ids.into_iter().filter(|id| !names.contains_key(id)).collect())
}
