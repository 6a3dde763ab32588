//! A log that cannot be written, since it stands on the disk that is full: the program goes on without it, says on
//! `/healthz` and `/readyz` how it stands, and neither hangs nor loses a thread.

use std::time::{Duration, Instant};

use reqwest::Client;

use crate::collect::header;
use crate::harness::TestApp;
use crate::program::Program;

/// No answer takes longer, if it comes at all.
const PATIENCE: Duration = Duration::from_secs(20);

struct Asker {
    client: Client,
    address: String,
}

impl Asker {
    async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.address)).send().await.unwrap()
    }

    async fn status_of(&self, path: &str) -> (u16, String) {
        let answer = self.get(path).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Whether it soon says this of itself.
    async fn says(&self, words: &str) -> bool {
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end {
            if self.status_of("/healthz").await.1.contains(words) {
                return true;
            }
        }
        false
    }
}

#[tokio::test]
async fn a_program_whose_log_cannot_be_written_goes_on_all_the_same() {
    let directory = tempfile::TempDir::new().unwrap();
    let app = TestApp::start_on(directory.path()).await;
    let shop = app.shop().await;
    let before = app.store.logged();
    app.stop();

    let program = Program::start_unheard(directory.path());
    let client = Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
    let asker = Asker { client, address: program.address.clone() };
    assert_eq!(asker.status_of("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(asker.status_of("/readyz").await, (200, "ok\n".to_owned()));

    // Until the checkpoints fail, too: one may just have moved all there was.
    let px = format!("/px?id={}", shop.pixel.id);
    let mut taken = 0;
    loop {
        assert_eq!(asker.get(&px).await.status(), 200);
        taken += 1;
        program.limit_files(Some(1));
        if asker.says("checkpoints fail: disk I/O error").await {
            break;
        }
        program.limit_files(None);
    }
    for _ in 0..5 {
        for path in [&px, &format!("/imptr?id={}", shop.impression.id)] {
            let refused = asker.get(path).await;
            assert_eq!((refused.status().as_u16(), header(&refused, "retry-after").as_str()), (503, "30"));
        }
    }
    assert_eq!(asker.get("/admin/sign-in").await.status(), 200);
    let (status, health) = asker.status_of("/healthz").await;
    assert!(status == 200 && health.starts_with("nothing can be written: disk I/O error\n"), "{status} {health}");
    assert_eq!(asker.status_of("/readyz").await, (503, health));

    program.limit_files(None);
    assert_eq!(asker.get(&px).await.status(), 200);
    assert!(asker.says("ok\n").await);
    let threads = program.threads();
    assert!(["writer", "judge", "checkpoint"].iter().all(|name| threads.iter().any(|own| own == name)), "{threads:?}");
    program.stop();

    let app = TestApp::start_on(directory.path()).await;
    assert_eq!(app.store.logged().0, before.0 + taken + 1);
    app.judged().await;
    assert_eq!(app.store.verify(&app.reader()).await.unwrap().faults, []);
}
