//! `pixeld user`: lets the owner of the files manage accounts. It works beside a running server, which reads the same
//! database.

use std::io::BufRead;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand, ValueEnum};

use super::{DataArgs, on_accounts, say};
use crate::auth::Auth;
use crate::domain::{Admin, AdvertiserId, Caller, PASSWORD_RULE, Role, User};

/// The organisation's name until an admin changes it in the settings.
const FIRST_NAME: &str = "My organisation";

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Add a user (you will be asked for a password)
    Add(AddArgs),
    /// Set a user's password (you will be asked for it) and end the user's sessions
    Passwd(PasswdArgs),
    /// List the users
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Args)]
pub(super) struct AddArgs {
    /// The name to sign in with
    name: String,
    /// The user's role
    #[arg(long)]
    role: RoleArg,
    /// Limit the user to the advertiser with this id
    #[arg(long, value_name = "ID")]
    advertiser: Option<AdvertiserId>,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
pub(super) struct PasswdArgs {
    /// The user's name
    name: String,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
struct PasswordArgs {
    /// Read the password from the first line of standard input instead of asking
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RoleArg {
    /// Everything
    Admin,
    /// Everything but users, settings and tokens
    Editor,
    /// Reads
    Viewer,
    /// Only the server-to-server endpoints
    Collector,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Admin => Role::Admin,
            RoleArg::Editor => Role::Editor,
            RoleArg::Viewer => Role::Viewer,
            RoleArg::Collector => Role::Collector,
        }
    }
}

pub(super) fn run(command: UserCommand) -> anyhow::Result<()> {
    let by = Caller::shell().admin()?;
    match command {
        UserCommand::Add(args) => add(&by, args),
        UserCommand::Passwd(args) => passwd(&by, args),
        UserCommand::List { data } => list(&by, data),
    }
}

fn add(by: &Admin, args: AddArgs) -> anyhow::Result<()> {
    let mut user = User::new(args.name, args.role.into());
    user.advertiser_id = args.advertiser;
    on_accounts(&args.data.resolve()?, async |store| {
        let names = store.clone();
        let auth = Auth::start(store)?;
        let user = auth.create_user(by, user, &args.password.read()?).await?;
        say(&format!("added {} {:?} with id {}", user.role, user.username, user.id));
        // The set-up page asks for the name, and this user never sees it.
        if names.member().await?.name.is_empty() {
            names.name_member(by, FIRST_NAME.to_owned()).await?;
        }
        Ok(())
    })
}

fn passwd(by: &Admin, args: PasswdArgs) -> anyhow::Result<()> {
    on_accounts(&args.data.resolve()?, async |store| {
        let user = store.user_named(by, &args.name).await?;
        Auth::start(store)?.set_password(by, user.id, &args.password.read()?).await?;
        say(&format!("set the password of {:?}; its sessions have ended", user.username));
        Ok(())
    })
}

fn list(by: &Admin, data: DataArgs) -> anyhow::Result<()> {
    on_accounts(&data.resolve()?, async |store| {
        for user in store.users(by).await? {
            let only = user.advertiser_id.map(|id| format!("  advertiser {id}")).unwrap_or_default();
            say(&format!("{}  {}  {}  {}{only}", user.id, user.username, user.role, user.state));
        }
        Ok(())
    })
}

impl PasswordArgs {
    fn read(&self) -> anyhow::Result<String> {
        if self.password_stdin {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).context("cannot read the password")?;
            return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
        }
        let ask = |prompt: &str| {
            rpassword::prompt_password(prompt).context("cannot ask for a password here; use --password-stdin")
        };
        let password = ask(&format!("Password ({}): ", PASSWORD_RULE.trim_end_matches('.')))?;
        ensure!(password == ask("Repeat the password: ")?, "the two passwords differ; nothing was changed");
        Ok(password)
    }
}
