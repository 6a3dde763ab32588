//! How a row's answer gets from the writer's thread to the task that waits for it: those of a commit go together, as one
//! message to each runtime, where a task of its own gives them out. Waking a task from another thread costs a system
//! call; so it costs one a commit and not one a row.

use std::cell::RefCell;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use crate::domain::Seq;

/// What a row's sender waits for.
pub(super) type Answer = Result<Seq, StoreError>;

/// Where the answer to one row goes.
pub(super) struct Waiter {
    reply: oneshot::Sender<Answer>,
    desk: Option<Desk>,
}

/// The way to the task that gives answers out on one runtime.
type Desk = mpsc::UnboundedSender<Vec<(oneshot::Sender<Answer>, Answer)>>;

thread_local! {
    /// The desk of the runtime that this thread runs, and that runtime's name.
    static HERE: RefCell<Option<(tokio::runtime::Id, Desk)>> = const { RefCell::new(None) };
}

impl Waiter {
    /// For the task that calls it.
    pub(super) fn new() -> (Self, oneshot::Receiver<Answer>) {
        let (reply, receiver) = oneshot::channel();
        (Waiter { reply, desk: desk() }, receiver)
    }
}

/// The desk of the runtime that runs on this thread alone; none elsewhere, where a desk would be woken no cheaper than
/// who waits.
fn desk() -> Option<Desk> {
    let runtime = Handle::try_current().ok()?;
    if runtime.runtime_flavor() != RuntimeFlavor::CurrentThread {
        return None;
    }
    HERE.with_borrow_mut(|here| match here {
        Some((id, desk)) if *id == runtime.id() && !desk.is_closed() => Some(desk.clone()),
        _ => {
            let (desk, mut answers) = mpsc::unbounded_channel();
            runtime.spawn(async move {
                while let Some(commit) = answers.recv().await {
                    give_out(commit);
                }
            });
            *here = Some((runtime.id(), desk.clone()));
            Some(desk)
        }
    })
}

fn give_out(commit: Vec<(oneshot::Sender<Answer>, Answer)>) {
    for (reply, answer) in commit {
        // Who has gone away is not told; the row is stored all the same.
        let _ = reply.send(answer);
    }
}

/// Answers everybody who waited for a commit.
pub(super) fn answer(waiters: impl IntoIterator<Item = (Waiter, Answer)>) {
    let mut desks: Vec<(Desk, Vec<_>)> = Vec::new();
    for (Waiter { reply, desk }, answer) in waiters {
        let Some(desk) = desk else {
            give_out(vec![(reply, answer)]);
            continue;
        };
        match desks.iter_mut().find(|(known, _)| known.same_channel(&desk)) {
            Some((_, commit)) => commit.push((reply, answer)),
            None => desks.push((desk, vec![(reply, answer)])),
        }
    }
    for (desk, commit) in desks {
        // A runtime that has ended takes its tasks with it, and nobody waits.
        if let Err(mpsc::error::SendError(commit)) = desk.send(commit) {
            give_out(commit);
        }
    }
}
