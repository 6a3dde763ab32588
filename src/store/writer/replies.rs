//! Delivers the results of commits to the tasks that wait for them. All results of one commit for one runtime travel as
//! a single message. So a commit costs one wake-up per web thread, not one per row.

use std::cell::RefCell;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot};

use crate::domain::Seq;
use crate::store::StoreError;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// The waiting sender of a row. `T` is [`Seq`] for a log row, and nothing for a rejected request.
pub(in crate::store) struct Waiter<T> {
    reply: Reply<T>,
    desk: Option<Desk>,
}

/// The result of a commit for one waiter.
pub(in crate::store) struct Answer {
    delivery: Delivery,
    desk: Option<Desk>,
}

/// The channel to the task that delivers the answers on one runtime.
type Desk = mpsc::UnboundedSender<Vec<Delivery>>;

enum Delivery {
    Logged(Reply<Seq>, Result<Seq, StoreError>),
    Rejected(Reply<()>, Result<(), StoreError>),
}

thread_local! {
    /// The desk of the runtime that this thread runs, and that runtime's id.
    static HERE: RefCell<Option<(tokio::runtime::Id, Desk)>> = const { RefCell::new(None) };
}

impl<T> Waiter<T> {
    /// A waiter for the calling task.
    pub(in crate::store) fn new() -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, receiver) = oneshot::channel();
        (Waiter { reply, desk: desk() }, receiver)
    }
}

impl Waiter<Seq> {
    pub(in crate::store) fn answer(self, result: Result<Seq, StoreError>) -> Answer {
        Answer { delivery: Delivery::Logged(self.reply, result), desk: self.desk }
    }
}

impl Waiter<()> {
    pub(in crate::store) fn answer(self, result: Result<(), StoreError>) -> Answer {
        Answer { delivery: Delivery::Rejected(self.reply, result), desk: self.desk }
    }
}

/// The desk of this thread's own runtime. Other runtimes have none: waking the desk would cost as much as waking the
/// waiter.
fn desk() -> Option<Desk> {
    let runtime = Handle::try_current().ok()?;
    if runtime.runtime_flavor() != RuntimeFlavor::CurrentThread {
        return None;
    }
    HERE.with_borrow_mut(|here| match here {
        Some((id, desk)) if *id == runtime.id() && !desk.is_closed() => Some(desk.clone()),
        _ => {
            let (desk, mut commits) = mpsc::unbounded_channel();
            runtime.spawn(async move {
                while let Some(commit) = commits.recv().await {
                    deliver(commit);
                }
            });
            *here = Some((runtime.id(), desk.clone()));
            Some(desk)
        }
    })
}

fn deliver(commit: impl IntoIterator<Item = Delivery>) {
    for delivery in commit {
        // The sender may be gone. Its row is stored all the same.
        match delivery {
            Delivery::Logged(reply, result) => drop(reply.send(result)),
            Delivery::Rejected(reply, result) => drop(reply.send(result)),
        }
    }
}

/// Sends all answers of one commit.
pub(in crate::store) fn send(answers: impl IntoIterator<Item = Answer>) {
    let mut desks: Vec<(Desk, Vec<Delivery>)> = Vec::new();
    for Answer { delivery, desk } in answers {
        let Some(desk) = desk else {
            deliver([delivery]);
            continue;
        };
        match desks.iter_mut().find(|(known, _)| known.same_channel(&desk)) {
            Some((_, commit)) => commit.push(delivery),
            None => desks.push((desk, vec![delivery])),
        }
    }
    for (desk, commit) in desks {
        // The runtime has ended with its tasks, so nothing waits.
        if let Err(mpsc::error::SendError(commit)) = desk.send(commit) {
            deliver(commit);
        }
    }
}
