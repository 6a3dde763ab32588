//! Parts that all forms share: reading values, saving, durations, folds, rows of extra pixels and the delete question.

pub mod confirm_delete;
pub mod conflict;
pub mod detour;
pub mod duration;
pub mod fold;
pub mod form_key;
pub mod gone;
pub mod object_form;
pub mod parse;
pub mod piggybacks;
pub mod save;
