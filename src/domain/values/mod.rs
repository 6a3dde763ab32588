//! Values that all modules share: ids, money, currencies, times and statuses.

pub mod currency;
pub mod decimal;
pub mod ids;
pub mod money;
pub mod status;
pub mod time;
pub mod words;
