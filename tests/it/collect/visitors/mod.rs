//! Known, new and unnamed visitors.

mod cookie;
mod kept;
mod privacy;
mod tokens;
