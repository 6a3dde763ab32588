//! It starts, answers, stops, and refuses what it cannot open.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use pixeld::app::App;
use pixeld::clock::Clock;
use pixeld::config::{Config, RawSettings};
use pixeld::domain::Pixel;
use pixeld::store::Store;

use crate::harness::TestApp;

#[tokio::test]
async fn definitions_survive_a_restart() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    app.stop();

    let app = TestApp::start_on(directory.path()).await;
    let pixel: Pixel = app.store.get(&app.reader(), shop.pixel.id.0).await.unwrap();
    assert_eq!(pixel, shop.pixel);
    assert_eq!(app.store.catalog().pixel(pixel.id).as_deref(), Some(&pixel), "tags know it from the start");
}

#[tokio::test]
async fn a_file_of_another_program_is_refused() {
    let directory = tempfile::TempDir::new().unwrap();
    std::fs::write(directory.path().join(pixeld::store::FILE_NAME), "not a database, but some notes").unwrap();
    let refused = Store::open(directory.path(), Clock::System).err().expect("refused").to_string();
    assert!(refused.contains("file is not a database"), "{refused}");
}

#[actix_web::test]
async fn a_directory_that_is_served_is_refused_to_a_second_server() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let given = RawSettings { data_dir: Some(directory.path().display().to_string()), ..RawSettings::default() };
    let refused = App::build(Config::resolve(&given).unwrap(), Clock::System).err().expect("refused").to_string();
    let expected = format!(
        "another pixeld serves from {}: stop it first, or give this one a directory of its own with --data-dir",
        directory.path().display()
    );
    assert_eq!(refused, expected);
    app.stop();
    TestApp::start_on(directory.path()).await;
}

/// The program under the usual umask of a shell.
fn program(arguments: &str, directory: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("umask 022; exec \"$0\" {arguments} --data-dir \"$1\"")]);
    command.arg(env!("CARGO_BIN_EXE_pixeld")).arg(directory).stdin(Stdio::null());
    command
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn what_the_program_makes_is_for_its_owner_alone() {
    let outside = tempfile::TempDir::new().unwrap();
    for command in ["user list", "token list", "serve --listen 127.0.0.1:0"] {
        let directory = outside.path().join(format!("{command}/data"));
        let mut started = program(command, &directory).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        if command.starts_with("serve") {
            let mut line = String::new();
            BufReader::new(started.stdout.take().unwrap()).read_line(&mut line).unwrap();
            assert!(line.contains("ready"), "{line}");
            started.kill().unwrap();
        }
        started.wait().unwrap();
        assert!(program("rebuild", &directory).stdout(Stdio::null()).status().unwrap().success());
        assert_eq!((mode(&directory), mode(directory.parent().unwrap())), (0o700, 0o700), "{command}");
        for file in std::fs::read_dir(&directory).unwrap().map(|file| file.unwrap().path()) {
            assert_eq!(mode(&file) & 0o077, 0, "{command}: {}", file.display());
        }
    }
}

#[test]
fn an_open_directory_is_named_in_the_log_and_stays_as_it_is() {
    let outside = tempfile::TempDir::new().unwrap();
    for (bits, is_named) in [(0o755, true), (0o700, false)] {
        let directory = outside.path().join(format!("{bits:o}"));
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(&directory, PermissionsExt::from_mode(bits)).unwrap();
        let serve = "serve --listen 127.0.0.1:0";
        let mut started = program(serve, &directory).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(started.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        started.kill().unwrap();
        let log = String::from_utf8(started.wait_with_output().unwrap().stderr).unwrap();
        let named = format!("close it with: chmod 700 {}", directory.display());
        assert_eq!((log.contains(&named), mode(&directory)), (is_named, bits), "{log}");
    }
}
