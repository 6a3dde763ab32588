//! Values that all modules share: ids, money, currencies, texts, times, days of time zones and statuses.

pub mod ad_parameters;
pub mod calendar;
pub mod currency;
pub mod day;
pub mod decimal;
pub mod ids;
pub mod money;
pub mod network;
pub mod order_ids;
pub mod site;
pub mod status;
pub mod text;
pub mod time;
pub mod words;
pub mod written_time;
