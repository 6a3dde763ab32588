//! `pixeld token`: lets the owner of the files manage API tokens. It works beside a running server.

use clap::{Args, Subcommand};

use super::user::RoleArg;
use super::{DataArgs, on_accounts, say};
use crate::auth::Auth;
use crate::domain::{Admin, AdvertiserId, ApiToken, Caller, TokenId};

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Create an API token and print it (shown only once)
    Add(AddArgs),
    /// List the tokens, without their secrets
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Revoke a token
    Revoke(RevokeArgs),
}

#[derive(Args)]
pub(super) struct AddArgs {
    /// A name that says what the token is for
    name: String,
    /// The token's role
    #[arg(long)]
    role: RoleArg,
    /// Limit it to the advertiser with this id
    #[arg(long, value_name = "ID")]
    advertiser: Option<AdvertiserId>,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Args)]
pub(super) struct RevokeArgs {
    /// The token's id, from `pixeld token list`
    id: TokenId,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(command: TokenCommand) -> anyhow::Result<()> {
    let by = Caller::shell().admin()?;
    match command {
        TokenCommand::Add(args) => add(&by, args),
        TokenCommand::List { data } => list(&by, data),
        TokenCommand::Revoke(args) => revoke(&by, args),
    }
}

/// Prints the secret alone, so that a script can read it: `TOKEN=$(pixeld token add ...)`.
fn add(by: &Admin, args: AddArgs) -> anyhow::Result<()> {
    let token = ApiToken::new(args.name, args.role.into(), args.advertiser);
    on_accounts(&args.data.resolve()?, async |store| {
        let (secret, _) = Auth::start(store)?.create_token(by, token).await?;
        say(secret.expose());
        Ok(())
    })
}

fn list(by: &Admin, data: DataArgs) -> anyhow::Result<()> {
    on_accounts(&data.resolve()?, async |store| {
        for token in store.tokens(by).await? {
            let only = token.advertiser_id.map(|id| format!("  advertiser {id}")).unwrap_or_default();
            let used = token.last_used.map_or("never used".to_owned(), |at| format!("last used {at}"));
            say(&format!("{}  {}  {}  made {}  {used}{only}", token.id, token.name, token.role, token.created_on));
        }
        Ok(())
    })
}

fn revoke(by: &Admin, args: RevokeArgs) -> anyhow::Result<()> {
    on_accounts(&args.data.resolve()?, async |store| {
        store.revoke_token(by, args.id).await?;
        say(&format!("revoked token {}", args.id));
        Ok(())
    })
}
