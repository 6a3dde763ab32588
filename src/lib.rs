//! pixeld: an append-only log of what visitors' browsers sent, and derived views that can always be rebuilt from it.
//! The modules stand in floor order; each imports only from floors below its own (`ARCHITECTURE.md`).

pub mod clock;
pub mod domain;

pub mod attribution;
