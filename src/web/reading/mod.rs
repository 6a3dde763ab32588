//! Reading what clients send, for all faces: in time in proportion to its size, and no more than the bounds in
//! `docs/rules/limits.md`.

pub mod json;
pub mod texts;
