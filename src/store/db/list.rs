//! Reads objects of any kind: one, all, or a page that is filtered, searched and sorted by the kind's table of fields.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use crate::domain::{Field, Scope};
use crate::store::{StoreError, words};

/// The scope of kinds whose rows each belong to one advertiser.
pub(in crate::store) const OWN_ROWS: &str = "advertiser_id = ?";

/// The most values of one condition that are parameters by themselves. More become one parameter: SQLite takes at most
/// 32,766, and keeps each statement that it has prepared.
const MOST_MARKS: usize = 100;

/// A kind of object that one row of a table stores. Only the store implements it.
pub trait Listed: Send + Sized + 'static {
    /// Its name in messages: `line item`.
    const WHAT: &'static str;
    const TABLE: &'static str;
    /// The column with its name.
    const NAME: &'static str = "name";
    /// The condition for its rows, if the table holds more than one kind.
    const CONDITION: Option<&'static str> = None;
    /// The condition under which a caller limited to advertiser `?` sees a row.
    const SCOPE: &'static str = OWN_ROWS;
    /// The fields of its service.
    const FIELDS: &'static [Field];

    /// Reads a row of its table.
    ///
    /// # Errors
    /// A row that cannot be read.
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self>;
    /// Fills in the parts of these objects that other tables hold.
    ///
    /// # Errors
    /// Database faults.
    fn fill(_: &Connection, _: &mut [Self]) -> rusqlite::Result<()> {
        Ok(())
    }
}

/// A value to compare a column with, as the column stores it: micros, milliseconds, published words.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A number, a moment, true (1) or false (0).
    Int(i64),
    Text(String),
    Null,
}

/// A comparison with a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    In(Vec<Scalar>),
    NotIn(Vec<Scalar>),
    /// The column holds this text, in either case.
    Like(String),
    Min(Scalar),
    Max(Scalar),
    MinOrNull(Scalar),
    MaxOrNull(Scalar),
}

/// A condition. The field must be a column of the object.
#[derive(Clone, Debug)]
pub struct Filter {
    pub field: &'static Field,
    pub test: Test,
}

/// A page of objects to read.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// All must hold.
    pub filters: Vec<Filter>,
    /// The id, or a part of the name or code.
    pub search: Option<String>,
    /// Words that each are a part of the name, the code or the advertiser's name, or the id, whatever their case and accents.
    pub find: Option<String>,
    /// Whether the best matches of these words come first, before the fields to sort by.
    pub best_first: bool,
    /// Fields to sort by, true for descending. Equal objects are sorted by id.
    pub sort: Vec<(&'static Field, bool)>,
    /// How many objects to skip.
    pub start_element: u32,
    /// How many objects to return at most.
    pub num_elements: u32,
}

impl Default for ListQuery {
    fn default() -> Self {
        ListQuery {
            filters: Vec::new(),
            search: None,
            find: None,
            best_first: false,
            sort: Vec::new(),
            start_element: 0,
            num_elements: 100,
        }
    }
}

impl ListQuery {
    /// Adds a condition on a column of `E`. Another name is ignored.
    #[must_use]
    pub fn with<E: Listed>(mut self, name: &str, test: Test) -> Self {
        if let Some(field) = E::FIELDS.iter().find(|field| field.name == name && field.column) {
            self.filters.push(Filter { field, test });
        }
        self
    }

    #[must_use]
    pub fn with_id<E: Listed>(self, name: &str, id: i64) -> Self {
        self.with::<E>(name, Test::In(vec![Scalar::Int(id)]))
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many objects match on all pages.
    pub count: u64,
}

/// The `WHERE` of a statement, and the values of its parameters.
#[derive(Default)]
pub(in crate::store) struct Conditions {
    /// Empty, or ` WHERE ...`.
    pub(in crate::store) sql: String,
    pub(in crate::store) values: Vec<Value>,
}

impl Conditions {
    pub(in crate::store) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push('(');
        self.sql.push_str(condition);
        self.sql.push(')');
        self.values.extend(values);
    }

    pub(in crate::store) fn add(&mut self, column: &str, test: &Test) {
        match test {
            Test::In(values) => self.one_of(column, values, false),
            Test::NotIn(values) => self.one_of(column, values, true),
            Test::Like(text) => self.and(&format!("{column} LIKE ? ESCAPE '\\'"), [like(text)]),
            Test::Min(value) => self.and(&format!("{column} >= ?"), [to_value(value)]),
            Test::Max(value) => self.and(&format!("{column} <= ?"), [to_value(value)]),
            Test::MinOrNull(value) => self.and(&format!("{column} >= ? OR {column} IS NULL"), [to_value(value)]),
            Test::MaxOrNull(value) => self.and(&format!("{column} <= ? OR {column} IS NULL"), [to_value(value)]),
        }
    }

    /// The object has this id, or a name or code that contains this text.
    fn search<E: Listed>(&mut self, text: &str) {
        let like = like(text);
        let id = text.trim().parse().map_or(Value::Null, Value::Integer);
        let name = format!("id = ? OR {} LIKE ? ESCAPE '\\'", E::NAME);
        if E::FIELDS.iter().any(|field| field.column && field.name == "code") {
            self.and(&format!("{name} OR code LIKE ? ESCAPE '\\'"), [id, like.clone(), like]);
        } else {
            self.and(&name, [id, like]);
        }
    }

    /// The object has all words of this text. It is the first condition, and the words are parameter 1.
    fn find<E: Listed>(&mut self, text: &str) {
        self.and(&format!("{} > 0", rank::<E>()), [words::words(text)]);
    }

    fn one_of(&mut self, column: &str, values: &[Scalar], negated: bool) {
        let mut marked: Vec<Value> = values.iter().filter(|value| **value != Scalar::Null).map(to_value).collect();
        let with_null = marked.len() < values.len();
        let mut marks = vec!["?"; marked.len()].join(", ");
        if marked.len() > MOST_MARKS {
            marks = "SELECT value FROM json_each(?)".to_owned();
            marked = vec![Value::Text(json_list(&marked))];
        }
        let condition = match (negated, with_null) {
            (false, false) => format!("{column} IN ({marks})"),
            (false, true) => format!("{column} IN ({marks}) OR {column} IS NULL"),
            (true, false) => format!("{column} NOT IN ({marks}) OR {column} IS NULL"),
            (true, true) => format!("{column} NOT IN ({marks}) AND {column} IS NOT NULL"),
        };
        self.and(&condition, marked);
    }
}

/// How well a row matches the words in parameter 1. The name of the advertiser belongs to its objects.
fn rank<E: Listed>() -> String {
    let has = |name| E::FIELDS.iter().any(|field| field.column && field.name == name);
    let code = if has("code") { "code" } else { "NULL" };
    let owner = match has("advertiser_id") {
        true => format!("(SELECT owner.name FROM advertisers owner WHERE owner.id = {}.advertiser_id)", E::TABLE),
        false => "NULL".to_owned(),
    };
    format!("{}(?1, id, {}, {code}, {owner})", words::FUNCTION, E::NAME)
}

/// The condition under which a caller sees a row. The statement's parameter `mark` is the advertiser that the caller is
/// limited to, or null.
pub(in crate::store) fn visible<E: Listed>(mark: &str) -> String {
    format!("({mark} IS NULL OR {})", E::SCOPE.replace('?', mark))
}

/// One object that the scope includes.
pub(in crate::store) fn find<E: Listed>(conn: &Connection, scope: Scope, id: i64) -> Result<E, StoreError> {
    let (condition, visible) = (E::CONDITION.unwrap_or("1"), visible::<E>("?2"));
    let sql = format!("SELECT * FROM {} WHERE id = ?1 AND ({condition}) AND {visible}", E::TABLE);
    let row = conn.prepare_cached(&sql)?.query_row((id, scope.advertiser()), E::from_row).optional()?;
    let mut object = row.ok_or_else(|| StoreError::not_found(E::WHAT, id))?;
    E::fill(conn, std::slice::from_mut(&mut object))?;
    Ok(object)
}

/// All objects that meet a condition. It checks no scope.
pub(in crate::store) fn all<E: Listed>(
    conn: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<E>> {
    let sql = format!("SELECT * FROM {} WHERE {condition} ORDER BY id", E::TABLE);
    let mut objects = conn.prepare_cached(&sql)?.query_map(values, E::from_row)?.collect::<Result<Vec<E>, _>>()?;
    E::fill(conn, &mut objects)?;
    Ok(objects)
}

/// Reads one page.
pub(in crate::store) fn list<E: Listed>(
    conn: &Connection,
    scope: Scope,
    query: &ListQuery,
) -> Result<Page<E>, StoreError> {
    let mut conditions = Conditions::default();
    if let Some(text) = &query.find {
        conditions.find::<E>(text);
    }
    if let Some(condition) = E::CONDITION {
        conditions.and(condition, []);
    }
    if let Scope::Advertiser(advertiser) = scope {
        conditions.and(E::SCOPE, [Value::Integer(advertiser.0)]);
    }
    for filter in &query.filters {
        conditions.add(filter.field.name, &filter.test);
    }
    if let Some(search) = &query.search {
        conditions.search::<E>(search);
    }
    let mut order = match query.find.is_some() && query.best_first {
        true => format!("{} DESC, {} COLLATE NOCASE, ", rank::<E>(), E::NAME),
        false => String::new(),
    };
    for (field, descending) in &query.sort {
        order.push_str(field.name);
        order.push_str(if *descending { " DESC, " } else { ", " });
    }
    let count: i64 = conn
        .prepare_cached(&format!("SELECT count(*) FROM {}{}", E::TABLE, conditions.sql))?
        .query_row(params_from_iter(&conditions.values), |row| row.get(0))?;
    let page = format!("SELECT * FROM {}{} ORDER BY {order}id LIMIT ? OFFSET ?", E::TABLE, conditions.sql);
    conditions.values.push(query.num_elements.into());
    conditions.values.push(query.start_element.into());
    let mut items = conn
        .prepare_cached(&page)?
        .query_map(params_from_iter(&conditions.values), E::from_row)?
        .collect::<Result<Vec<E>, _>>()?;
    E::fill(conn, &mut items)?;
    Ok(Page { items, count: count.unsigned_abs() })
}

/// Numbers and texts as a list that SQLite's `json_each` reads.
fn json_list(values: &[Value]) -> String {
    let json = |value: &Value| match value {
        Value::Integer(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Null | Value::Real(_) | Value::Blob(_) => serde_json::Value::Null,
    };
    serde_json::Value::Array(values.iter().map(json).collect()).to_string()
}

pub(in crate::store) fn to_value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Int(number) => Value::Integer(*number),
        Scalar::Text(text) => Value::Text(text.clone()),
        Scalar::Null => Value::Null,
    }
}

fn like(text: &str) -> Value {
    let escaped = text.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Value::Text(format!("%{escaped}%"))
}
