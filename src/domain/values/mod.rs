//! Values that all modules share: ids, money, currencies, times, texts and statuses.

pub mod currency;
pub mod ids;
pub mod money;
pub mod status;
pub mod text;
pub mod time;
pub mod words;
