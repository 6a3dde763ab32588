//! Who a visitor is, and who is not to be known.

mod cookie;
mod privacy;
mod tokens;
