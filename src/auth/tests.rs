//! Tests of sign-in, sessions and set-up against a real store.

use super::*;
use crate::clock::Clock;
use crate::domain::Millis;

struct Bench {
    auth: Auth,
    clock: Clock,
    _directory: tempfile::TempDir,
}

const PASSWORD: &str = "correct horse";

/// A client of which nothing is known.
const ORIGIN: Origin = Origin { address: None, forwards: false, browser: None, user_agent: None, shown_address: None };

fn fresh() -> Bench {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Millis(1_800_000_000_000));
    let store = Store::open(directory.path(), clock.clone()).unwrap();
    Bench { auth: Auth::start(store).unwrap(), clock, _directory: directory }
}

async fn with_ann() -> (Bench, User) {
    let bench = fresh();
    let code = bench.auth.setup_code().unwrap();
    let ann = bench.auth.first_admin(&code, "ACME", "Ann", PASSWORD, &ORIGIN).await.unwrap();
    (bench, ann)
}

impl Bench {
    fn later(&self, ms: i64) {
        self.clock.set(self.clock.now().plus(ms));
    }

    async fn sign_in(&self, kind: SessionKind, username: &str, password: &str) -> Result<String, String> {
        let signed = self.auth.sign_in(kind, username, password, &ORIGIN).await;
        signed.map(|(secret, _)| secret.expose().to_owned()).map_err(|error| error.to_string())
    }

    async fn sign_in_from(&self, origin: &Origin, username: &str, password: &str) -> Result<(), String> {
        let signed = self.auth.sign_in(Browser, username, password, origin).await;
        signed.map(drop).map_err(|error| error.to_string())
    }

    async fn caller(&self, kind: SessionKind, secret: &str) -> Result<String, String> {
        self.auth.caller(kind, secret).await.map(|caller| caller.name).map_err(|error| error.to_string())
    }
}

use SessionKind::{Api, Browser};

fn unknown() -> Result<String, String> {
    Err("the token is unknown; sign in again".to_owned())
}

#[actix_web::test]
async fn the_setup_code_makes_exactly_one_admin() {
    let Bench { auth, .. } = &fresh();
    let code = auth.setup_code().unwrap();
    assert!(auth.needs_setup().await.unwrap());
    let refused = auth.first_admin("K7QF-2M9X-0000-0000", "ACME", "ann", PASSWORD, &ORIGIN).await.unwrap_err();
    assert!(matches!(refused, SetupError::WrongCode));
    let refused = auth.first_admin(&code, "ACME", " ", "short", &ORIGIN).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "username is required and must not be blank; username must not begin or end with a blank; \
         password must have 12 to 64 characters, and has 5"
    );
    let ann = auth.first_admin(&code, "ACME", "ann", PASSWORD, &ORIGIN).await.unwrap();
    assert_eq!((ann.role, auth.setup_code()), (Role::Admin, None));
    assert!(!auth.needs_setup().await.unwrap());
    assert!(matches!(auth.first_admin(&code, "ACME", "eve", PASSWORD, &ORIGIN).await, Err(SetupError::WrongCode)));
    assert_eq!(auth.0.store.member().await.unwrap().name, "ACME");
}

#[actix_web::test]
async fn a_user_from_the_shell_closes_the_setup() {
    let Bench { auth, .. } = &fresh();
    let code = auth.setup_code().unwrap();
    let by = Caller::shell().admin().unwrap();
    auth.create_user(&by, User::new("bob", Role::Admin), PASSWORD).await.unwrap();
    let refused = auth.first_admin(&code, "ACME", "eve", PASSWORD, &ORIGIN).await.unwrap_err();
    assert_eq!(refused.to_string(), "this server is already set up; sign in instead");
    assert!(!auth.needs_setup().await.unwrap());
}

#[actix_web::test]
async fn a_wrong_password_reads_as_an_unknown_user() {
    let (bench, _) = with_ann().await;
    let wrong = Err("the user name or the password is wrong".to_owned());
    assert_eq!(bench.sign_in(Api, "ann", "wrong horse").await, wrong);
    assert_eq!(bench.sign_in(Api, "nobody", PASSWORD).await, wrong);
    assert!(bench.sign_in(Api, " ANN ", PASSWORD).await.is_ok());
}

#[actix_web::test]
async fn after_wrong_guesses_the_right_password_waits_too() {
    let (bench, _) = with_ann().await;
    for _ in 0..5 {
        bench.sign_in(Api, "ann", "wrong horse").await.unwrap_err();
    }
    let refused = bench.sign_in(Api, "ann", PASSWORD).await;
    assert_eq!(refused, Err("too many failed sign-ins; try again in 15 seconds".to_owned()));
    bench.later(15_000);
    assert!(bench.sign_in(Api, "ann", PASSWORD).await.is_ok());
}

#[actix_web::test]
async fn neither_kind_of_session_passes_for_the_other() {
    let (bench, _) = with_ann().await;
    let api = bench.sign_in(Api, "ann", PASSWORD).await.unwrap();
    let browser = bench.sign_in(Browser, "ann", PASSWORD).await.unwrap();
    assert_eq!(bench.caller(Api, &api).await.as_deref(), Ok("Ann"));
    assert_eq!(bench.caller(Browser, &browser).await.as_deref(), Ok("Ann"));
    for (kind, secret) in [(Api, browser.as_str()), (Browser, &api), (Api, ""), (Api, "junk")] {
        assert_eq!(bench.caller(kind, secret).await, unknown());
    }
    bench.auth.sign_out(Browser, &api).await.unwrap();
    assert!(bench.caller(Api, &api).await.is_ok());
    bench.auth.sign_out(Api, &api).await.unwrap();
    assert_eq!(bench.caller(Api, &api).await, unknown());
}

#[actix_web::test]
async fn a_session_in_use_lives_a_day() {
    let (bench, _) = with_ann().await;
    let secret = bench.sign_in(Api, "ann", PASSWORD).await.unwrap();
    for _ in 0..12 {
        bench.later(2 * Millis::HOUR);
        assert_eq!(bench.caller(Api, &secret).await.as_deref(), Ok("Ann"));
    }
    bench.later(1);
    let expired = Err("the token has expired; sign in again".to_owned());
    assert_eq!(bench.caller(Api, &secret).await, expired);
    let idle = bench.sign_in(Api, "ann", PASSWORD).await.unwrap();
    bench.later(2 * Millis::HOUR + 1);
    assert_eq!(bench.caller(Api, &idle).await, expired);
}

#[actix_web::test]
async fn a_new_password_ends_the_other_sessions() {
    let (bench, ann) = with_ann().await;
    let here = bench.sign_in(Browser, "ann", PASSWORD).await.unwrap();
    let there = bench.sign_in(Api, "ann", PASSWORD).await.unwrap();
    let caller = bench.auth.caller(Browser, &here).await.unwrap();
    let new = "a better horse";
    let refused = bench.auth.change_password(&caller, "wrong horse", new, &ORIGIN, &here).await;
    assert!(matches!(refused, Err(SignInError::Wrong)));
    bench.auth.change_password(&caller, PASSWORD, new, &ORIGIN, &here).await.unwrap();
    assert!(bench.caller(Browser, &here).await.is_ok());
    assert_eq!(bench.caller(Api, &there).await, unknown());
    assert!(bench.sign_in(Api, "ann", PASSWORD).await.is_err());
    bench.auth.set_password(&caller.admin().unwrap(), ann.id, PASSWORD).await.unwrap();
    assert_eq!(bench.caller(Browser, &here).await, unknown());
    assert!(bench.sign_in(Api, "ann", PASSWORD).await.is_ok());
}

#[actix_web::test]
async fn only_the_right_password_reveals_an_inactive_account() {
    let (bench, _) = with_ann().await;
    let by = Caller::shell().admin().unwrap();
    let bob = bench.auth.create_user(&by, User::new("bob", Role::Viewer), PASSWORD).await.unwrap();
    let secret = bench.sign_in(Api, "bob", PASSWORD).await.unwrap();
    let off = |user: &mut User| {
        user.state = Status::Inactive;
        Ok(())
    };
    bench.auth.0.store.update_user(&by, bob.id, off).await.unwrap();
    let inactive = Err("this account is inactive; ask an admin to activate it".to_owned());
    assert_eq!(bench.caller(Api, &secret).await, inactive);
    assert_eq!(bench.sign_in(Api, "bob", PASSWORD).await, inactive);
    let wrong = Err("the user name or the password is wrong".to_owned());
    assert_eq!(bench.sign_in(Api, "bob", "wrong horse").await, wrong);
}

#[actix_web::test]
async fn the_last_active_admin_stays_an_admin() {
    let (bench, ann) = with_ann().await;
    let by = Caller::shell().admin().unwrap();
    let demote = |user: &mut User| {
        user.role = Role::Editor;
        Ok(())
    };
    let refused = bench.auth.0.store.update_user(&by, ann.id, demote).await.unwrap_err();
    assert_eq!(refused.to_string(), r#""Ann" is the last active admin; make somebody else an admin first"#);
    bench.auth.create_user(&by, User::new("bob", Role::Admin), PASSWORD).await.unwrap();
    assert_eq!(bench.auth.0.store.update_user(&by, ann.id, demote).await.unwrap().role, Role::Editor);
}

#[actix_web::test]
async fn an_api_token_works_until_it_is_revoked() {
    let (bench, _) = with_ann().await;
    let by = Caller::shell().admin().unwrap();
    let (secret, token) = bench.auth.create_token(&by, ApiToken::new("shop", Role::Collector, None)).await.unwrap();
    bench.later(400 * Millis::DAY);
    let caller = bench.auth.caller(Api, secret.expose()).await.unwrap();
    assert_eq!((caller.name.as_str(), caller.role, caller.user_id), ("shop", Role::Collector, None));
    assert_eq!(bench.caller(Browser, secret.expose()).await, unknown());
    let kept = bench.auth.0.store.tokens(&by).await.unwrap();
    assert_eq!(kept[0].last_used, Some(bench.clock.now()));
    bench.auth.0.store.revoke_token(&by, token.id).await.unwrap();
    assert_eq!(bench.caller(Api, secret.expose()).await, unknown());
    assert_eq!(format!("{secret:?}"), "Secret(...)");
}

/// A client at this address of a small network.
fn client(number: u8) -> Origin {
    Origin { address: Some([192, 0, 2, number].into()), ..Origin::default() }
}

fn waits(outcome: &Result<(), String>) -> bool {
    outcome.as_ref().is_err_and(|text| text.starts_with("too many failed sign-ins"))
}

#[actix_web::test]
async fn names_and_passwords_that_no_user_can_have_are_not_remembered() {
    let (bench, _) = with_ann().await;
    let (name, password) = ("x".repeat(1_000_000), "x".repeat(1_025));
    let wrong = Err("the user name or the password is wrong".to_owned());
    for _ in 0..30 {
        for (name, password) in [(name.as_str(), PASSWORD), ("", ""), ("a\0", PASSWORD), ("ann", &password)] {
            assert_eq!(bench.sign_in_from(&client(1), name, password).await, wrong);
        }
    }
    assert_eq!(bench.sign_in_from(&client(1), "ann", PASSWORD).await, Ok(()));
    let longest = "x".repeat(1_024);
    for _ in 0..5 {
        assert_eq!(bench.sign_in_from(&client(2), &"x".repeat(100), &longest).await, wrong);
    }
    assert!(waits(&bench.sign_in_from(&client(2), &"x".repeat(100), &longest).await), "a name that a user can have");
}

#[actix_web::test]
async fn a_known_browser_signs_in_while_a_botnet_guesses() {
    let (bench, ann) = with_ann().await;
    let known = Origin { browser: Some(bench.auth.known_browser(ann.id, &client(1)).await.unwrap()), ..client(1) };
    for number in 1..=60 {
        let _ = bench.sign_in_from(&client(number), "ann", "wrong horse").await;
    }
    assert!(waits(&bench.sign_in_from(&client(61), "ann", PASSWORD).await));
    assert_eq!(bench.sign_in_from(&known, "ann", PASSWORD).await, Ok(()));
    for _ in 0..5 {
        assert!(!waits(&bench.sign_in_from(&known, "ann", "wrong horse").await));
    }
    assert!(waits(&bench.sign_in_from(&known, "ann", PASSWORD).await), "its own wrong guesses count");
    bench.later(60_000);
    bench.auth.set_password(&Caller::shell().admin().unwrap(), ann.id, "a better horse").await.unwrap();
    for number in 1..=60 {
        let _ = bench.sign_in_from(&client(number), "ann", "wrong horse").await;
    }
    assert!(waits(&bench.sign_in_from(&known, "ann", "a better horse").await), "a new password ends the mark");
}

#[actix_web::test]
async fn strangers_do_not_keep_a_user_from_a_new_password() {
    let (bench, _) = with_ann().await;
    let here = bench.sign_in(Browser, "ann", PASSWORD).await.unwrap();
    let caller = bench.auth.caller(Browser, &here).await.unwrap();
    for number in (1..=60).chain([1; 10]) {
        let _ = bench.sign_in_from(&client(number), "ann", "wrong horse").await;
    }
    let change = |current: &'static str| bench.auth.change_password(&caller, current, "a better horse", &ORIGIN, &here);
    for _ in 0..5 {
        assert!(matches!(change("wrong horse").await, Err(SignInError::Wrong)));
    }
    assert!(matches!(change(PASSWORD).await, Err(SignInError::Throttled { retry_after: 15 })), "its own guesses count");
    bench.later(15_000);
    change(PASSWORD).await.unwrap();
}

#[actix_web::test]
async fn a_password_from_the_shell_ends_the_waits_in_a_running_server() {
    let (bench, ann) = with_ann().await;
    for number in (1..=60).chain([7; 10]) {
        let _ = bench.sign_in_from(&client(number), "ann", "wrong horse").await;
    }
    assert!(waits(&bench.sign_in_from(&client(7), "ann", PASSWORD).await));
    let shell = Auth::start(bench.auth.0.store.clone()).unwrap();
    shell.set_password(&Caller::shell().admin().unwrap(), ann.id, "a better horse").await.unwrap();
    assert_eq!(bench.sign_in_from(&client(7), "ann", "a better horse").await, Ok(()));
}

#[actix_web::test]
async fn guesses_at_the_setup_code_wait() {
    let Bench { auth, clock, .. } = &fresh();
    let code = auth.setup_code().unwrap();
    let enter = |code: &str, number| {
        let code = code.to_owned();
        async move { auth.first_admin(&code, "ACME", "ann", PASSWORD, &client(number)).await }
    };
    for _ in 0..5 {
        assert!(matches!(enter("wrong", 1).await, Err(SetupError::WrongCode)));
    }
    assert!(matches!(enter(&code, 1).await, Err(SetupError::Throttled { retry_after: 15 })));
    clock.set(clock.now().plus(15_000));
    assert!(enter(&code, 1).await.is_ok());
}

#[actix_web::test]
async fn a_user_ends_its_own_sessions_and_an_admin_those_of_all() {
    let (bench, ann) = with_ann().await;
    let by = Caller::shell().admin().unwrap();
    bench.auth.create_user(&by, User::new("bob", Role::Viewer), PASSWORD).await.unwrap();
    let here = bench.sign_in(Browser, "ann", PASSWORD).await.unwrap();
    let there = bench.sign_in(Api, "ann", PASSWORD).await.unwrap();
    let third = bench.sign_in(Browser, "ann", PASSWORD).await.unwrap();
    let bob = bench.sign_in(Browser, "bob", PASSWORD).await.unwrap();
    let caller = bench.auth.caller(Browser, &here).await.unwrap();
    let other = bench.auth.caller(Browser, &bob).await.unwrap();
    let own = bench.auth.own_sessions(&caller, &here).await.unwrap();
    assert_eq!(own.iter().filter(|session| session.is_current).count(), 1);
    let api = own.iter().find(|session| session.session.kind == Api).unwrap();
    let refused = bench.auth.end_own_session(&other, api.id).await.unwrap_err();
    assert!(matches!(refused, StoreError::NotFound { .. }), "of another user");
    bench.auth.end_own_session(&caller, api.id).await.unwrap();
    assert_eq!(bench.caller(Api, &there).await, unknown());
    bench.auth.end_other_sessions(&caller, &here).await.unwrap();
    assert_eq!(bench.caller(Browser, &third).await, unknown());
    assert!(bench.caller(Browser, &here).await.is_ok());
    bench.auth.end_sessions_of(&by, ann.id).await.unwrap();
    assert_eq!(bench.caller(Browser, &here).await, unknown());
    assert!(bench.caller(Browser, &bob).await.is_ok());
    bench.later(13 * Millis::HOUR);
    assert_eq!(bench.auth.own_sessions(&other, &bob).await.unwrap(), [], "it ended by time");
}
