//! Reads costs from the body of a request.

use serde_json::Value;

use super::INFO;
use crate::api::error::ApiError;
use crate::api::request::body::ObjectInput;
use crate::api::request::call::Call;
use crate::api::request::input_value::{InputValue, Read};
use crate::api::service::advertiser_by_code;
use crate::domain::{
    AdvertiserId, CampaignId, Cost, CostId, CostRunId, CostState, CostWay, Currency, FIRST_COST_DAY, FieldError,
    ImportedCosts, LineItem, LineItemId, MAX_COST_COUNT, Micros, Millis, NewCost, PLAIN_PROFILE, PublisherId, Reader,
};
use crate::store::StoreError;

/// The advertiser that the query names, by id or code.
pub(super) async fn advertiser_in_query(call: &Call, by: &Reader) -> Result<Option<AdvertiserId>, ApiError> {
    let Some(text) = call.params.text("advertiser_id") else { return advertiser_by_code(call, by).await };
    let value = Value::String(text.to_owned());
    let id =
        InputValue::new("advertiser_id", &value, false).id().map_err(|broken| StoreError::Invalid(vec![broken]))?;
    Ok(Some(AdvertiserId(id)))
}

/// The costs of a POST as one run, of one advertiser and one profile.
pub(super) async fn read(
    call: &Call,
    by: &Reader,
    inputs: &[ObjectInput],
    named: Option<AdvertiserId>,
) -> Result<ImportedCosts, ApiError> {
    let mut broken = Vec::new();
    let mut costs = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let path = if inputs.len() == 1 { String::new() } else { format!("{}[{index}].", INFO.plural) };
        let missing = input.missing(INFO.fields, &[]).into_iter();
        let mut faults: Vec<FieldError> = missing.map(|fault| at(&path, fault)).collect();
        let mut cost = blank();
        if let Err(wrong) = set_all(&mut cost, input) {
            let missing: Vec<String> = faults.iter().map(|fault| fault.field.clone()).collect();
            let wrong = wrong.into_iter().map(|fault| at(&path, fault));
            faults.extend(wrong.filter(|fault| !missing.contains(&fault.field)));
        }
        broken.append(&mut faults);
        costs.push(cost);
    }
    if !broken.is_empty() {
        broken.truncate(100);
        return Err(StoreError::Invalid(broken).into());
    }
    let mut run = ImportedCosts::new(CostWay::Api, owner(call, by, &costs, named).await?, Vec::new());
    run.profile = same(costs.iter().map(|cost| cost.profile.clone()), "profile")?.unwrap_or_default();
    let allowed = inputs.iter().map(allow_negative).collect::<Result<Vec<_>, _>>()?;
    run.allow_negative = costs.iter().zip(allowed).all(|(cost, allowed)| allowed || cost.figure.amount.0 >= 0);
    run.costs = costs.into_iter().map(|cost| cost.figure).collect();
    Ok(run)
}

fn at(path: &str, fault: FieldError) -> FieldError {
    FieldError { field: format!("{path}{}", fault.field), message: fault.message }
}

/// The one value of all costs of a request.
fn same<T: PartialEq + std::fmt::Display>(
    values: impl IntoIterator<Item = T>,
    field: &str,
) -> Result<Option<T>, ApiError> {
    let mut first = None;
    for value in values {
        match &first {
            None => first = Some(value),
            Some(first) if *first != value => {
                return Err(ApiError::Syntax(format!(
                    "the request names {field} {first} and {field} {value}; send a request for each"
                )));
            }
            Some(_) => {}
        }
    }
    Ok(first)
}

/// The advertiser that the request names, or else that of the first line item.
async fn owner(
    call: &Call,
    by: &Reader,
    costs: &[Cost],
    named: Option<AdvertiserId>,
) -> Result<AdvertiserId, ApiError> {
    let in_body = costs.iter().map(|cost| cost.advertiser_id).filter(|id| id.0 != 0);
    if let Some(named) = same(named.into_iter().chain(in_body), "advertiser")? {
        return Ok(named);
    }
    let line_item = costs.first().map_or(LineItemId(0), |cost| cost.figure.key.line_item_id);
    match call.store().get::<LineItem>(by, line_item.0).await {
        Ok(line_item) => Ok(line_item.advertiser_id),
        Err(StoreError::NotFound { .. }) => {
            Err(StoreError::invalid("line_item_id", format!("names line item {line_item}, which does not exist"))
                .into())
        }
        Err(error) => Err(error.into()),
    }
}

/// A cost that has nothing yet.
fn blank() -> Cost {
    Cost {
        id: CostId(0),
        run_id: CostRunId(0),
        state: CostState::Live,
        replaced_by: None,
        advertiser_id: AdvertiserId(0),
        profile: PLAIN_PROFILE.to_owned(),
        figure: NewCost::new(FIRST_COST_DAY, LineItemId(0), Currency::NONE, Micros(0)),
        created_on: Millis(0),
        last_modified: Millis(0),
    }
}

/// Sets every field of the input.
pub(super) fn set_all(cost: &mut Cost, input: &ObjectInput) -> Result<(), Vec<FieldError>> {
    let set = |(field, value): &(&crate::domain::Field, Value)| set(cost, &InputValue::new(field.name, value, false));
    let broken: Vec<FieldError> = input.values.iter().map(set).filter_map(Result::err).collect();
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

fn set(cost: &mut Cost, input: &InputValue<'_>) -> Read<()> {
    let figure = &mut cost.figure;
    match input.field() {
        "day" => figure.day = input.day()?,
        "line_item_id" => figure.key.line_item_id = LineItemId(input.id()?),
        "campaign_id" => figure.key.campaign_id = input.optional_id()?.map(CampaignId),
        "publisher_id" => figure.key.publisher_id = input.optional_id()?.map(PublisherId),
        "advertiser_id" => {
            if let Some(id) = input.optional_id()? {
                cost.advertiser_id = AdvertiserId(id);
            }
        }
        "amount" => match input.signed_amount()? {
            Some(amount) => figure.amount = amount,
            None => return input.refuse("a plain decimal number such as 10 or 10.50"),
        },
        "currency" => match input.currency()? {
            Some(currency) => figure.currency = currency,
            None => return input.refuse("an ISO 4217 code such as USD"),
        },
        "imps" => figure.imps = input.count(MAX_COST_COUNT)?,
        "clicks" => figure.clicks = input.count(MAX_COST_COUNT)?,
        "profile" => cost.profile = input.text()?.unwrap_or_else(|| PLAIN_PROFILE.to_owned()),
        "account" => figure.account = input.plain_text()?,
        "label" => figure.label = input.plain_text()?,
        "allow_negative" => drop(input.boolean()?),
        _ => return input.unknown(),
    }
    Ok(())
}

/// Whether the object says that an amount below 0 is meant.
pub(super) fn allow_negative(input: &ObjectInput) -> Result<bool, StoreError> {
    let Some(value) = input.get("allow_negative") else { return Ok(false) };
    InputValue::new("allow_negative", value, false).boolean().map_err(|broken| StoreError::Invalid(vec![broken]))
}
