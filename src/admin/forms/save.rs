//! Saves the object of a form, through the store functions that the API uses too. Knows no particular form.

use super::form_key;
use crate::admin::shell::error::PageError;
use crate::admin::shell::form::{Errors, FindControl, Form};
use crate::admin::shell::session::Session;
use crate::domain::{
    Advertiser, Campaign, Editor, FieldError, LineItem, Millis, Pixel, Publisher, SavedReport, Segment, Source,
    Tracker, TrackerKind,
};
use crate::store::{ClickTracker, ImpTracker, Listed, Store, StoreError};
use crate::web::AppState;

/// An object that a form can create and change.
pub trait FormObject: Listed + Clone {
    /// The right that it takes.
    type Right;

    fn id(&self) -> i64;

    /// When it was last changed.
    fn modified(&self) -> Millis;

    /// # Errors
    /// The page that says that the user has no such right.
    fn right(session: &Session) -> Result<Self::Right, PageError>;

    async fn load(store: &Store, session: &Session, id: i64) -> Result<Self, PageError>;

    /// `posted` may hold values that are no part of the object, such as a password.
    async fn create(self, state: &AppState, by: &Self::Right, posted: &Form) -> Result<Self, StoreError>;

    /// Runs `write` on the stored object, inside the transaction.
    async fn update(&self, state: &AppState, by: &Self::Right, write: impl Write<Self>) -> Result<Self, StoreError>;
}

/// Puts a form's values into an object; fails with every rule that they break.
pub trait Write<O>: Fn(&mut O) -> Result<(), Vec<FieldError>> + Send + 'static {}

impl<O, F: Fn(&mut O) -> Result<(), Vec<FieldError>> + Send + 'static> Write<O> for F {}

/// The store creates and changes these by their own type.
macro_rules! form_objects {
    ($($kind:ty),+ $(,)?) => {
        $(
            impl FormObject for $kind {
                type Right = Editor;

                fn id(&self) -> i64 {
                    self.id.0
                }

                fn modified(&self) -> Millis {
                    self.last_modified
                }

                fn right(session: &Session) -> Result<Editor, PageError> {
                    session.editor()
                }

                async fn load(store: &Store, session: &Session, id: i64) -> Result<Self, PageError> {
                    Ok(store.get(session.reader(), id).await?)
                }

                async fn create(self, state: &AppState, by: &Editor, posted: &Form) -> Result<Self, StoreError> {
                    state.store.create_once(by, form_key::of(posted), self).await
                }

                async fn update(&self, state: &AppState, by: &Editor, write: impl Write<Self>) -> Result<Self, StoreError> {
                    state.store.update(by, self.id.0, write).await
                }
            }
        )+
    };
}

form_objects!(Advertiser, Campaign, LineItem, Pixel, Publisher, SavedReport, Segment, Source);

/// The two kinds of trackers are two entities.
impl FormObject for Tracker {
    type Right = Editor;

    fn id(&self) -> i64 {
        self.id.0
    }

    fn modified(&self) -> Millis {
        self.last_modified
    }

    fn right(session: &Session) -> Result<Editor, PageError> {
        session.editor()
    }

    async fn load(store: &Store, session: &Session, id: i64) -> Result<Self, PageError> {
        Ok(store.get::<Tracker>(session.reader(), id).await?)
    }

    async fn create(self, state: &AppState, by: &Editor, posted: &Form) -> Result<Self, StoreError> {
        let (store, key) = (&state.store, form_key::of(posted));
        match self.kind {
            TrackerKind::Click => Ok(store.create_once(by, key, ClickTracker(self)).await?.0),
            TrackerKind::Impression => Ok(store.create_once(by, key, ImpTracker(self)).await?.0),
        }
    }

    async fn update(&self, state: &AppState, by: &Editor, write: impl Write<Self>) -> Result<Self, StoreError> {
        let (store, id) = (&state.store, self.id.0);
        match self.kind {
            TrackerKind::Click => {
                Ok(store.update(by, id, move |tracker: &mut ClickTracker| write(&mut tracker.0)).await?.0)
            }
            TrackerKind::Impression => {
                Ok(store.update(by, id, move |tracker: &mut ImpTracker| write(&mut tracker.0)).await?.0)
            }
        }
    }
}

/// What became of the form of a new object.
pub enum Created<O> {
    New(O),
    /// The form was sent before, and has created this one.
    Before(O),
    Wrong(Errors),
}

/// Creates `object` after `write` has filled it.
///
/// # Errors
/// Errors that the user cannot put right in the form.
pub async fn create<O: FormObject>(
    state: &AppState,
    session: &Session,
    by: &O::Right,
    posted: &Form,
    mut object: O,
    write: impl FnOnce(&mut O) -> Result<(), Vec<FieldError>>,
    control: FindControl,
) -> Result<Created<O>, PageError> {
    if let Err(fields) = write(&mut object) {
        return Ok(Created::Wrong(Errors::of_fields(fields, control)));
    }
    match object.create(state, by, posted).await {
        Ok(object) => Ok(Created::New(object)),
        Err(StoreError::Repeated { id }) => Ok(Created::Before(O::load(&state.store, session, id).await?)),
        Err(error) => Ok(Created::Wrong(Errors::of_store(error, control)?)),
    }
}

/// The saved object, or the errors of the form.
pub type Saved<O> = Result<Result<O, Errors>, PageError>;

/// Changes an object. `write` first fills a copy of `object`, so that the user sees all errors at once. Then it fills
/// the object in the store, which others may have changed meanwhile.
///
/// # Errors
/// Errors that the user cannot put right in the form.
pub async fn change<O: FormObject>(
    state: &AppState,
    by: &O::Right,
    object: &O,
    write: impl Write<O>,
    control: FindControl,
) -> Saved<O> {
    if let Err(fields) = write(&mut object.clone()) {
        return Ok(Err(Errors::of_fields(fields, control)));
    }
    match object.update(state, by, write).await {
        Ok(object) => Ok(Ok(object)),
        Err(error) => Ok(Err(Errors::of_store(error, control)?)),
    }
}
