//! Roles, and the proof that a caller has one. A store function that reads, edits or administers needs a value of the
//! matching type. Only [`Caller`] gives these out, so a handler that forgets the check does not compile.

use std::fmt;

use crate::domain::values::words::words;
use crate::domain::{AdvertiserId, TokenId, UserId};

words! {
    /// The rights of a user or token.
    Role {
        /// Everything.
        Admin = "admin",
        /// Everything except users, settings and tokens.
        Editor = "editor",
        /// Reads.
        Viewer = "viewer",
        /// Only the server-to-server endpoints.
        Collector = "collector",
    }
}

/// The advertisers whose objects a caller sees. Objects of others answer as unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    Advertiser(AdvertiserId),
}

impl Scope {
    pub fn includes(self, advertiser: AdvertiserId) -> bool {
        match self {
            Scope::All => true,
            Scope::Advertiser(own) => own == advertiser,
        }
    }

    /// The advertiser that it is limited to.
    pub fn advertiser(self) -> Option<AdvertiserId> {
        match self {
            Scope::All => None,
            Scope::Advertiser(own) => Some(own),
        }
    }
}

/// A user or token whose password, session or secret is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// None for a long-lived token.
    pub user_id: Option<UserId>,
    /// None for a user.
    pub token_id: Option<TokenId>,
    /// The user's name, or the token's.
    pub name: String,
    pub role: Role,
    pub scope: Scope,
}

/// The error for an act that the role does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the role {role} may not {act}")]
pub struct Denied {
    pub role: Role,
    /// The act as a verb.
    pub act: &'static str,
}

/// Which caller it is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerId {
    User(UserId),
    Token(TokenId),
    /// The program itself.
    Program,
}

impl fmt::Display for CallerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallerId::User(id) => write!(f, "user {id}"),
            CallerId::Token(id) => write!(f, "token {id}"),
            CallerId::Program => f.write_str("program"),
        }
    }
}

/// Proof that the caller may read, with the advertisers that it sees.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    scope: Scope,
    caller: CallerId,
}

/// Proof that the caller may create, change and delete.
#[derive(Clone, Debug)]
pub struct Editor {
    caller: Caller,
}

/// Proof that the caller may send conversions and adjustments.
#[derive(Clone, Debug)]
pub struct Collector {
    caller: Caller,
}

/// Proof that the caller may change users, tokens and settings.
#[derive(Clone, Debug)]
pub struct Admin {
    caller: Caller,
}

impl Caller {
    /// The program itself, for the commands of its command line.
    pub fn shell() -> Self {
        Caller { user_id: None, token_id: None, name: "shell".to_owned(), role: Role::Admin, scope: Scope::All }
    }

    /// A tag, whose first fire may create the advertiser's default pixel.
    pub fn tag() -> Self {
        Caller { user_id: None, token_id: None, name: "tag".to_owned(), role: Role::Editor, scope: Scope::All }
    }

    /// The server itself, which empties the bin.
    pub fn upkeep() -> Self {
        Caller { user_id: None, token_id: None, name: "pixeld".to_owned(), role: Role::Admin, scope: Scope::All }
    }

    fn id(&self) -> CallerId {
        match (self.user_id, self.token_id) {
            (Some(user), _) => CallerId::User(user),
            (None, Some(token)) => CallerId::Token(token),
            (None, None) => CallerId::Program,
        }
    }

    /// Asks to read.
    ///
    /// # Errors
    /// [`Denied`] for collectors.
    pub fn reader(&self) -> Result<Reader, Denied> {
        match self.role {
            Role::Admin | Role::Editor | Role::Viewer => Ok(Reader { scope: self.scope, caller: self.id() }),
            Role::Collector => Err(Denied { role: self.role, act: "read" }),
        }
    }

    /// Asks to create, change and delete.
    ///
    /// # Errors
    /// [`Denied`] for viewers and collectors.
    pub fn editor(&self) -> Result<Editor, Denied> {
        match self.role {
            Role::Admin | Role::Editor => Ok(Editor { caller: self.clone() }),
            Role::Viewer | Role::Collector => Err(Denied { role: self.role, act: "change anything" }),
        }
    }

    /// Asks to delete an advertiser. The users and tokens that are limited to it go with it, so where there are some
    /// only an admin may.
    ///
    /// # Errors
    /// Why not, as a sentence without its full stop.
    pub fn may_delete_advertiser(&self, has_users_or_tokens: bool) -> Result<(), String> {
        self.editor().map_err(|denied| denied.to_string())?;
        match (self.scope, self.role) {
            (Scope::Advertiser(own), _) => {
                Err(format!("you are limited to advertiser {own}, and may not delete an advertiser"))
            }
            (Scope::All, Role::Admin) => Ok(()),
            (Scope::All, _) if has_users_or_tokens => {
                let act = "delete an advertiser that users or tokens are limited to";
                Err(Denied { role: self.role, act }.to_string())
            }
            (Scope::All, _) => Ok(()),
        }
    }

    /// Asks to send conversions and adjustments from a server.
    ///
    /// # Errors
    /// [`Denied`] for viewers.
    pub fn collector(&self) -> Result<Collector, Denied> {
        match self.role {
            Role::Admin | Role::Editor | Role::Collector => Ok(Collector { caller: self.clone() }),
            Role::Viewer => Err(Denied { role: self.role, act: "send conversions" }),
        }
    }

    /// Asks to change users, tokens and settings.
    ///
    /// # Errors
    /// [`Denied`] for all but admins.
    pub fn admin(&self) -> Result<Admin, Denied> {
        match self.role {
            Role::Admin => Ok(Admin { caller: self.clone() }),
            Role::Editor | Role::Viewer | Role::Collector => {
                Err(Denied { role: self.role, act: "manage users, tokens and settings" })
            }
        }
    }
}

impl Reader {
    /// Who it is.
    pub fn caller(&self) -> CallerId {
        self.caller
    }

    pub fn scope(&self) -> Scope {
        self.scope
    }
}

impl Editor {
    pub fn scope(&self) -> Scope {
        self.caller.scope
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// An editor may read, too.
    pub fn reader(&self) -> Reader {
        Reader { scope: self.caller.scope, caller: self.caller.id() }
    }
}

impl Collector {
    /// The advertisers whose conversions it may send.
    pub fn scope(&self) -> Scope {
        self.caller.scope
    }

    pub fn name(&self) -> &str {
        &self.caller.name
    }
}

impl Admin {
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}
