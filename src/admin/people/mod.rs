//! People and scripts that sign in: set-up, sign-in, accounts, users and tokens.

pub mod account;
pub mod form;
pub mod list;
mod roles;
pub mod setup;
pub mod sign_in;
pub mod tokens;
