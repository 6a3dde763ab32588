//! It starts, answers, stops, and refuses what it cannot open.

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
