//! Costs and their runs as clients see them.

use serde_json::{Value, json};

use crate::api::json::{amount, moment, moment_or_null};
use crate::domain::{Cost, CostRun};

pub(super) fn cost(cost: &Cost) -> Value {
    let figure = &cost.figure;
    json!({
        "id": cost.id.0,
        "day": figure.day.to_string(),
        "advertiser_id": cost.advertiser_id.0,
        "line_item_id": figure.key.line_item_id.0,
        "campaign_id": figure.key.campaign_id.map(|id| id.0),
        "publisher_id": figure.key.publisher_id.map(|id| id.0),
        "amount": amount(Some(figure.amount)),
        "currency": figure.currency.as_str(),
        "imps": figure.imps,
        "clicks": figure.clicks,
        "profile": cost.profile,
        "account": figure.account,
        "label": figure.label,
        "run_id": cost.run_id.0,
        "state": cost.state.as_str(),
        "replaced_by": cost.replaced_by.map(|run| run.0),
        "created_on": moment(cost.created_on),
        "last_modified": moment(cost.last_modified),
    })
}

pub(super) fn run(run: &CostRun) -> Value {
    json!({
        "id": run.id.0,
        "how": run.how.as_str(),
        "advertiser_id": run.advertiser_id.0,
        "profile": run.profile,
        "file_name": run.file_name,
        "file_hash": run.file_hash,
        "rows": run.rows,
        "replaced": run.replaced,
        "made_by": run.made_by,
        "made_at": moment(run.made_at),
        "undone_by": run.undone_by,
        "undone_at": moment_or_null(run.undone_at),
    })
}
