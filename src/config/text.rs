//! The text of one setting with its source, and how it is read as a number or as one of several words.

use std::fmt;
use std::num::NonZero;

use serde::Deserialize;

use super::ConfigError;

/// Where a setting's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag.
    Flag,
    /// An environment variable.
    Environment,
    /// The configuration file.
    File,
    /// An admin set it in the page of settings.
    Page,
    /// It is not set.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Flag => "flag",
            Source::Environment => "environment",
            Source::File => "file",
            Source::Page => "settings page",
            Source::Default => "default",
        })
    }
}

/// A plain value in the file: a text, a number or a list of texts.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Plain {
    Text(String),
    Number(i64),
    List(Vec<String>),
}

#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) source: Source,
}

impl Text {
    pub(super) fn pick(
        name: &'static str,
        is_from_environment: bool,
        set: Option<String>,
        file: Option<Plain>,
        default: &str,
    ) -> Self {
        let (value, source) = match (set, file) {
            (Some(value), _) if is_from_environment => (value, Source::Environment),
            (Some(value), _) => (value, Source::Flag),
            (None, Some(Plain::Text(value))) => (value, Source::File),
            (None, Some(Plain::Number(value))) => (value.to_string(), Source::File),
            (None, Some(Plain::List(values))) => (values.join(","), Source::File),
            (None, None) => (default.to_owned(), Source::Default),
        };
        Text { name, value, source }
    }

    pub(super) fn refuse<T>(&self, rule: impl Into<String>) -> Result<T, ConfigError> {
        Err(ConfigError::Value { name: self.name, source_: self.source, value: self.value.clone(), rule: rule.into() })
    }

    pub(super) fn number(&self, min: u16, max: u16) -> Result<u16, ConfigError> {
        match self.value.parse() {
            Ok(number) if (min..=max).contains(&number) => Ok(number),
            _ => self.refuse(format!("must be a whole number from {min} to {max}")),
        }
    }

    pub(super) fn count(&self) -> Result<NonZero<u32>, ConfigError> {
        match self.value.parse() {
            Ok(number) => Ok(number),
            Err(_) => self.refuse("must be a whole number from 1 to 4294967295"),
        }
    }

    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, ConfigError> {
        match words.iter().find(|(word, _)| *word == self.value) {
            Some((_, meaning)) => Ok(*meaning),
            None => {
                let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                self.refuse(format!("must be one of {}", words.join(", ")))
            }
        }
    }
}
