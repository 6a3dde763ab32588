//! pixeld: an append-only log of what visitors' browsers sent, and derived views that can always be rebuilt from it.
//! The modules stand in floor order; each imports only from floors below its own (`ARCHITECTURE.md`).

// Floor 0: what there is.
pub mod clock;
pub mod config;
pub mod domain;
// Floor 1: how a fire is judged, what tables of people say, and what is exported.
pub mod attribution;
pub mod tables;
pub mod tag;
// Floor 2: where it is kept.
pub mod store;
// Floor 3: who may come in, and what works on it.
pub mod auth;
pub mod judge;
pub mod report;
// Floor 4: what the faces share.
pub mod web;
// Floor 5: the faces.
pub mod admin;
pub mod api;
pub mod collect;
pub mod demo;
// Floor 6: how it is put together.
pub mod app;
pub mod cli;
