//! Reads of the disk that fail for a while: nothing is answered that is not kept, and all goes on by itself afterwards.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use pixeld::domain::{ApiToken, Caller, Role};

use crate::harness::TestApp;
use crate::program::Program;

const PATIENCE: Duration = Duration::from_secs(20);

/// While the file that PIXELD_TEST_FAULT names is there, every read of a place in a file fails.
const FAULT: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>
static int fails(void) {
    if (access(getenv("PIXELD_TEST_FAULT"), F_OK) != 0) return 0;
    errno = EIO;
    return 1;
}
typedef ssize_t (*reader)(int, void *, size_t, off64_t);
ssize_t pread64(int fd, void *to, size_t most, off64_t at) {
    return fails() ? -1 : ((reader)dlsym(RTLD_NEXT, "pread64"))(fd, to, most, at);
}
ssize_t pread(int fd, void *to, size_t most, off_t at) {
    return fails() ? -1 : ((reader)dlsym(RTLD_NEXT, "pread64"))(fd, to, most, at);
}
"#;

/// Compiles the library, with the C compiler that also builds SQLite.
fn library(directory: &Path) -> PathBuf {
    let (source, library) = (directory.join("fault.c"), directory.join("fault.so"));
    std::fs::write(&source, FAULT).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).args([&library, &source]).arg("-ldl");
    assert!(compiler.status().unwrap().success());
    library
}

struct Server {
    program: Program,
    pixel: i64,
    token: String,
}

impl Server {
    async fn status(&self, path: &str) -> (u16, String) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.get(format!("{}{path}", self.program.address)).bearer_auth(&self.token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }

    /// Fires until the answer has this status; counts the fires that were taken.
    async fn fire_until(&self, status: u16, taken: &mut i64) {
        let end = Instant::now() + PATIENCE;
        loop {
            let (answered, _) = self.status(&format!("/px?id={}", self.pixel)).await;
            *taken += i64::from(answered == 200);
            if answered == status {
                return;
            }
            assert!(Instant::now() < end && [200, 503].contains(&answered), "{answered} instead of {status}");
        }
    }

    async fn until(&self, path: &str, has: impl Fn(u16, &str) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let (status, text) = self.status(path).await;
            if has(status, &text) {
                return;
            }
            assert!(Instant::now() < end, "{path}: {status} {text}");
        }
    }
}

#[tokio::test]
async fn reads_that_fail_for_a_while_need_no_restart() {
    let (directory, aside) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
    let app = TestApp::start_on(directory.path()).await;
    let (pixel, before) = (app.shop().await.pixel.id.0, app.store.logged());
    let by = Caller::shell().admin().unwrap();
    let (secret, _) = app.auth.create_token(&by, ApiToken::new("script", Role::Editor, None)).await.unwrap();
    let before = before.max(app.store.logged());
    app.stop();

    let fault = aside.path().join("fault");
    let program = Program::start_with_library(directory.path(), &library(aside.path()), ("PIXELD_TEST_FAULT", &fault));
    let server = Server { program, pixel, token: secret.expose().to_owned() };
    let mut taken = 0;
    for _ in 0..3 {
        server.fire_until(200, &mut taken).await;
        assert_eq!(server.status("/conversion").await.0, 200);
        std::fs::write(&fault, "").unwrap();
        server.fire_until(503, &mut taken).await;
        server.until("/healthz", |status, text| status == 200 && text.contains("nothing can be written")).await;
        std::fs::remove_file(&fault).unwrap();
        server.fire_until(200, &mut taken).await;
        server.until("/readyz", |status, text| status == 200 && text == "ok\n").await;
        server.until("/conversion", |status, _| status == 200).await;
    }
    let log = server.program.stop();
    assert!(log.contains("commits succeed again"), "{log}");

    let app = TestApp::start_on(directory.path()).await;
    assert_eq!(app.store.logged().0, before.0 + taken, "what was answered is there, and nothing else");
    app.judged().await;
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}

/// Overwrites the begin of the log's file. Another process does it: POSIX would drop this one's locks.
fn garble(app: &TestApp) {
    let file = app.data_dir().join(pixeld::store::FILE_NAME);
    let garble = format!("head -c 65536 /dev/zero | tr '\\0' x | dd of={} conv=notrunc status=none", file.display());
    assert!(Command::new("sh").args(["-c", &garble]).status().unwrap().success());
}

#[tokio::test]
async fn a_file_that_stays_damaged_is_reported_for_a_restart_after_a_minute() {
    let app = TestApp::start().await;
    let px = format!("/px?id={}", app.shop().await.pixel.id);
    let get = async |path: &str| {
        let answer = app.get(path, &[]).await;
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    };
    assert_eq!(get("/healthz").await, (200, "ok\n".to_owned()));
    let end = Instant::now() + PATIENCE;
    // A checkpoint that is under way may repair the damage once.
    while app.store.faulty_since().is_none() {
        garble(&app);
        get(&px).await;
        assert!(Instant::now() < end, "it is never noticed");
    }
    assert_eq!(get(&px).await.0, 503);
    let (status, text) = get("/healthz").await;
    assert!(status == 200 && text.contains("checkpoints fail: "), "{status} {text}");
    assert_eq!(get("/readyz").await.0, 503);

    app.wait_minutes(1);
    let (status, text) = get("/healthz").await;
    assert!(status == 503 && text.contains("the log's file has been faulty for more than a minute"), "{status} {text}");
    assert_eq!(get("/readyz").await.0, 503);
}
