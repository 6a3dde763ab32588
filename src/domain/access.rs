//! Who may do what, held in one place. A store function that reads, edits or administers asks for a value of the
//! matching type, and only [`Caller`] hands those out: a handler that forgot the check does not compile.

use super::{AdvertiserId, TokenId, UserId, words::words};

words! {
    /// What a user or token may do.
    Role {
        /// Everything.
        Admin = "admin",
        /// Everything but users, settings and tokens.
        Editor = "editor",
        /// Reads.
        Viewer = "viewer",
        /// Only the server-to-server endpoints.
        Collector = "collector",
    }
}

/// Which advertisers' objects a caller sees; others answer as unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every advertiser's.
    All,
    /// This one's.
    Advertiser(AdvertiserId),
}

impl Scope {
    /// Whether objects of this advertiser are seen.
    pub fn includes(self, advertiser: AdvertiserId) -> bool {
        match self {
            Scope::All => true,
            Scope::Advertiser(own) => own == advertiser,
        }
    }

    /// The one advertiser it is limited to.
    pub fn advertiser(self) -> Option<AdvertiserId> {
        match self {
            Scope::All => None,
            Scope::Advertiser(own) => Some(own),
        }
    }
}

/// Somebody whose password, session or token was found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user behind it; none for a long-lived token.
    pub user_id: Option<UserId>,
    /// The long-lived token; none for a user.
    pub token_id: Option<TokenId>,
    /// The user's name, or the token's.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What it sees.
    pub scope: Scope,
}

/// The role does not allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the role {role} may not {act}")]
pub struct Denied {
    /// The caller's role.
    pub role: Role,
    /// What it tried, as a verb.
    pub act: &'static str,
}

/// Proof that the caller may read; carries what it sees.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    scope: Scope,
}

/// Proof that the caller may create, change and delete; carries who it is.
#[derive(Clone, Debug)]
pub struct Editor {
    caller: Caller,
}

/// Proof that the caller may send conversions and adjustments; carries who it is.
#[derive(Clone, Debug)]
pub struct Collector {
    caller: Caller,
}

/// Proof that the caller may change users, tokens and settings; carries who it is.
#[derive(Clone, Debug)]
pub struct Admin {
    caller: Caller,
}

impl Caller {
    /// The program itself, for commands run from the shell by who owns the files.
    pub fn shell() -> Self {
        Caller { user_id: None, token_id: None, name: "shell".to_owned(), role: Role::Admin, scope: Scope::All }
    }

    /// What an advertiser's own tag brings about when it is first fired.
    pub fn tag() -> Self {
        Caller { user_id: None, token_id: None, name: "tag".to_owned(), role: Role::Editor, scope: Scope::All }
    }

    /// Asks to read.
    ///
    /// # Errors
    /// [`Denied`] for collectors.
    pub fn reader(&self) -> Result<Reader, Denied> {
        match self.role {
            Role::Admin | Role::Editor | Role::Viewer => Ok(Reader { scope: self.scope }),
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
    /// What is seen.
    pub fn scope(&self) -> Scope {
        self.scope
    }
}

impl Editor {
    /// What is seen.
    pub fn scope(&self) -> Scope {
        self.caller.scope
    }

    /// Who edits.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Who may edit may read.
    pub fn reader(&self) -> Reader {
        Reader { scope: self.caller.scope }
    }
}

impl Collector {
    /// Whose conversions it may send.
    pub fn scope(&self) -> Scope {
        self.caller.scope
    }

    /// The name of the user or token.
    pub fn name(&self) -> &str {
        &self.caller.name
    }
}

impl Admin {
    /// Who administers.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}
