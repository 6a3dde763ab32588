//! The description of a service: names, the fields of its objects, and methods. Handlers, lists, bodies and the OpenAPI
//! document all use it.

use actix_web::http::Method;
use serde_json::{Map, Value};

use crate::api::error::ApiError;
use crate::domain::{Caller, Denied, Field};
use crate::store::Listed;

/// The end of `it takes ...` for a service that takes all methods.
const ALL_METHODS: &str = "GET, POST, PUT and DELETE";

/// The methods of an address, and the callers who may use them. pixeld checks both before it reads the request.
#[derive(Clone, Copy)]
pub(in crate::api) struct Access {
    pub methods: &'static [&'static str],
    /// The end of the sentence `it takes ...`.
    pub takes: &'static str,
    pub may: May,
}

/// Whether the caller may send this method.
pub(in crate::api) type May = fn(&Caller, &Method) -> Result<(), Denied>;

impl Access {
    /// Of an address that is only read.
    pub(in crate::api) const READ: Access = Access { methods: &["GET"], takes: "GET", may: may_read };
}

pub(in crate::api) fn may_read(caller: &Caller, _: &Method) -> Result<(), Denied> {
    caller.reader().map(drop)
}

fn may_read_or_edit(caller: &Caller, method: &Method) -> Result<(), Denied> {
    if *method == Method::GET { caller.reader().map(drop) } else { caller.editor().map(drop) }
}

/// A service's names, fields and methods.
#[derive(Clone, Copy)]
pub(in crate::api) struct ServiceInfo {
    /// Without its slash: `line-item`.
    pub path: &'static str,
    /// The name of an object in messages: `line item`.
    pub what: &'static str,
    /// The key of one object.
    pub singular: &'static str,
    /// Another key that bodies may have for one object.
    pub alias: Option<&'static str>,
    /// The key of several objects.
    pub plural: &'static str,
    pub fields: &'static [Field],
    pub methods: &'static [&'static str],
    /// The end of the sentence `it takes ...`.
    pub takes: &'static str,
    pub may: May,
    /// There is exactly one object, and no list.
    pub is_one: bool,
    /// An answer gives one object as an array of one too, under the plural key. The published API documents this for
    /// pixels and segments, while its clients read the singular key.
    pub one_in_array_too: bool,
    /// A POST that names no advertiser lists all objects, as the published *View conversion pixels for all
    /// advertisers* does.
    pub post_lists: bool,
    /// A POST takes an array of objects, too, as one run that a DELETE undoes as a whole.
    pub takes_runs: bool,
    /// Turns other accepted forms of an object in a body into the form of the table of fields.
    pub rename: fn(&mut Map<String, Value>) -> Result<(), ApiError>,
}

impl ServiceInfo {
    /// A service that takes all methods.
    pub(in crate::api) const fn new(path: &'static str, plural: &'static str, fields: &'static [Field]) -> Self {
        ServiceInfo {
            path,
            what: path,
            singular: path,
            alias: None,
            plural,
            fields,
            methods: &["GET", "POST", "PUT", "DELETE"],
            takes: ALL_METHODS,
            may: may_read_or_edit,
            is_one: false,
            one_in_array_too: false,
            post_lists: false,
            takes_runs: false,
            rename: |_| Ok(()),
        }
    }

    /// A service over a kind of definition.
    pub(in crate::api) const fn of<E: Listed>(path: &'static str, plural: &'static str) -> Self {
        ServiceInfo { what: E::WHAT, ..ServiceInfo::new(path, plural, E::FIELDS) }
    }

    pub(in crate::api) fn access(&self) -> Access {
        Access { methods: self.methods, takes: self.takes, may: self.may }
    }

    /// Whether its objects belong to advertisers.
    pub(in crate::api) fn of_advertiser(&self) -> bool {
        self.methods.contains(&"DELETE") && self.has_field("advertiser_id")
    }

    /// Whether it takes a POST or PUT.
    pub(in crate::api) fn writes(&self) -> bool {
        self.methods.len() > 1
    }

    pub(in crate::api) fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}
