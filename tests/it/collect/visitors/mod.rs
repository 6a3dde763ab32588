//! Known, new and unnamed visitors.

mod cookie;
mod privacy;
mod tokens;
