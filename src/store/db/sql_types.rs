//! How columns store the domain's types.

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::domain::{
    AdvertiserId, ArrivalFate, AuditAction, AuditObject, CampaignId, ConversionEvent, CostId, CostRunId, CostState, CostWay,
    Currency, Day, Effect, ExposureKind,
    Goal, LineItemId, MemberId, Micros, Millis, Minutes, OutcomeKind, PiggybackKind, PixelId, PublisherId, Reason,
    RedirectHosts, ReportFormat, ReportStatus, Role, SavedReportId, SegmentId, SegmentOp, Seq, SessionKind, SourceId,
    Status, TagKind, TakenField, TokenId, TrackerId, TrackerKind, TriggerType, UserId, VisitorId, Warning,
};

macro_rules! integers {
    ($($name:ident),+) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.0.into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value).map($name)
            }
        }
    )+};
}

integers!(
    AdvertiserId,
    LineItemId,
    CampaignId,
    PublisherId,
    TrackerId,
    PixelId,
    SegmentId,
    SourceId,
    SavedReportId,
    CostId,
    CostRunId,
    UserId,
    MemberId,
    TokenId,
    Seq,
    VisitorId,
    Millis,
    Micros,
    Minutes
);

macro_rules! published_words {
    ($($name:ident),+) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                $name::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
            }
        }
    )+};
}

published_words!(
    ArrivalFate,
    AuditAction,
    Goal,
    AuditObject,
    CostState,
    CostWay,
    Status,
    Effect,
    TakenField,
    TriggerType,
    PiggybackKind,
    TrackerKind,
    Role,
    OutcomeKind,
    Reason,
    SessionKind,
    ReportStatus,
    ReportFormat
);

/// The log stores these enums as numbers, to save room. DO NOT change the numbers.
macro_rules! numbered {
    ($($name:ident { $($variant:ident = $number:literal),+ })+) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let number: i64 = match self { $($name::$variant => $number),+ };
                Ok(number.into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_i64()? { $($number => Ok($name::$variant),)+ _ => Err(FromSqlError::InvalidType) }
            }
        }
    )+};
}

numbered! {
    ExposureKind { Impression = 1, Click = 2 }
    TagKind { Script = 1, Image = 2, Beacon = 3, Server = 4, Postback = 5, Invoca = 6, Import = 7 }
}

impl ToSql for Currency {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Currency {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Currency::stored(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// As `2026-10-01`, which sorts by time.
impl ToSql for Day {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Day {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Day::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for ConversionEvent {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.id().into())
    }
}

impl FromSql for ConversionEvent {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        ConversionEvent::new(value.as_i64()?).ok_or(FromSqlError::InvalidType)
    }
}

/// One host a line.
impl ToSql for RedirectHosts {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.join("\n").into())
    }
}

impl FromSql for RedirectHosts {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(RedirectHosts(value.as_str()?.lines().map(str::to_owned).collect()))
    }
}

/// A row's value by the column's name.
pub(in crate::store) fn get<T: FromSql>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get(column)
}

/// Warnings as the log stores them: null for none.
pub(in crate::store) fn warnings_to_text(warnings: &[Warning]) -> Option<String> {
    if warnings.is_empty() {
        return None;
    }
    let rows: Vec<_> = warnings.iter().map(|w| [&w.parameter, &w.raw, &w.rule]).collect();
    serde_json::to_string(&rows).ok()
}

/// Reads [`warnings_to_text`].
pub(in crate::store) fn warnings_from_text(text: Option<String>) -> Vec<Warning> {
    let rows: Vec<[String; 3]> = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    rows.into_iter().map(|[parameter, raw, rule]| Warning { parameter, raw, rule }).collect()
}

/// Segment operations as the log stores them: null for none.
pub(in crate::store) fn segments_to_text(ops: &[SegmentOp]) -> Option<String> {
    if ops.is_empty() {
        return None;
    }
    let texts: Vec<_> = ops.iter().map(SegmentOp::to_string).collect();
    Some(texts.join(","))
}

/// Reads [`segments_to_text`].
pub(in crate::store) fn segments_from_text(text: Option<String>) -> Vec<SegmentOp> {
    text.map(|text| text.split(',').filter_map(|op| op.parse().ok()).collect()).unwrap_or_default()
}

/// Product ids as the log stores them: null for none.
pub(in crate::store) fn content_ids_to_text(ids: &[String]) -> Option<String> {
    if ids.is_empty() { None } else { serde_json::to_string(ids).ok() }
}

/// Reads [`content_ids_to_text`].
pub(in crate::store) fn content_ids_from_text(text: Option<String>) -> Vec<String> {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
