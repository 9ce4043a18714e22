//! Polling until a waiter's acceptors are content, as botocore does it.

mod acceptors;
mod json;

pub use acceptors::{Acceptor, Acceptors, Goal, Matcher, Seen};

use crate::{
    client::{Caller, Reply, Transport, protocols::with_units},
    error::{Error, ErrorKind, Result},
    model::Waiter,
    request::Request,
};
use nu_protocol::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Between two polls.
    pub interval: Duration,
    /// Polls at most; `None` where only the deadline counts.
    pub max_attempts: Option<u32>,
    /// Of the whole wait.
    pub deadline: Option<Duration>,
}

impl Patience {
    /// What the model says, where nothing else is said. With a deadline of the user's the model's number of polls
    /// does not count: who says an hour means an hour.
    pub fn new(
        waiter: &Waiter,
        interval: Option<Duration>,
        max_attempts: Option<u32>,
        deadline: Option<Duration>,
    ) -> Self {
        let usual = deadline.is_none().then_some(waiter.max_attempts);
        Self {
            interval: interval.unwrap_or(Duration::from_secs(waiter.delay.into())),
            max_attempts: max_attempts.or(usual),
            deadline,
        }
    }
}

/// How far a wait is, and in the end how it went.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Polls so far.
    pub attempts: u32,
    /// Since the wait began.
    pub duration: Duration,
    /// What the last poll showed, in words.
    pub seen: String,
    /// Why the wait is over.
    pub reason: Option<String>,
    /// The last answer, with units; `None` where the last poll brought an error.
    pub answer: Option<Value>,
    /// How the last answer came about.
    pub transport: Transport,
}

/// Polls until the waiter's goal is reached. Nothing is cached or shared: each poll asks anew. A mocked answer would
/// hardly ever match, so in mock mode one call is made and counts as success.
///
/// # Errors
/// [`ErrorKind::WaitFailed`] for a state from which the goal cannot be reached, [`ErrorKind::Timeout`] where patience
/// ends, and any error of a poll for which the waiter has no acceptor, as it is.
pub async fn wait_until(
    caller: Caller,
    request: Request,
    waiter: &Waiter,
    patience: Patience,
    note: &dyn Fn(&Progress),
) -> Result<Progress> {
    let progress = Progress {
        attempts: 0,
        duration: Duration::ZERO,
        seen: "nothing yet".into(),
        reason: None,
        answer: None,
        transport: caller.transport(),
    };
    let mut waiting = Waiting {
        acceptors: Acceptors::read(&waiter.acceptors)?,
        caller: caller.untyped(),
        request: Arc::new(request),
        waiter,
        patience,
        started: Instant::now(),
        progress,
    };
    let outcome = match patience.deadline {
        None => waiting.run(note).await,
        Some(deadline) => match tokio::time::timeout(deadline, waiting.run(note)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(waiting.gave_up(&format!("within {deadline:?}"))),
        },
    };
    let span = waiting.request.span;
    outcome.map_err(|error| error.at(span))?;
    waiting.progress.duration = waiting.started.elapsed();
    Ok(waiting.progress)
}

struct Waiting<'a> {
    acceptors: Acceptors,
    caller: Caller,
    request: Arc<Request>,
    waiter: &'a Waiter,
    patience: Patience,
    started: Instant,
    progress: Progress,
}

impl Waiting<'_> {
    async fn run(&mut self, note: &dyn Fn(&Progress)) -> Result<()> {
        loop {
            if self.poll().await? {
                return Ok(());
            }
            if self.patience.max_attempts.is_some_and(|most| self.progress.attempts >= most) {
                let polls = self.progress.attempts;
                return Err(
                    self.gave_up(&format!("after {polls} {}", if polls == 1 { "poll" } else { "polls" }))
                );
            }
            self.progress.duration = self.started.elapsed();
            note(&self.progress);
            tokio::time::sleep(self.patience.interval).await;
        }
    }

    /// One poll; whether the wait is over.
    async fn poll(&mut self) -> Result<bool> {
        let reply = self.caller.call(self.request.clone()).await;
        self.progress.attempts += 1;
        match reply {
            Ok(reply) if reply.transport == Transport::Mock => {
                self.progress.reason = Some("mocked answers are not looked at".into());
                self.progress.answer = Some(self.typed(reply.value));
                Ok(true)
            }
            Ok(reply) => self.answered(reply),
            Err(error) => self.refused(error),
        }
    }

    fn answered(&mut self, reply: Reply) -> Result<bool> {
        self.progress.seen =
            self.acceptors.look(&reply.value).unwrap_or_else(|| format!("HTTP status {}", reply.status));
        let found = self.acceptors.first(Seen::Answer(reply.status, &reply.value));
        let found = found.map_err(|error| error.context("last seen", self.progress.seen.clone()))?;
        let over = found.map(|acceptor| (acceptor.goal, acceptor.to_string()));
        self.progress.answer = Some(self.typed(reply.value));
        match over {
            Some((Goal::Success, reason)) => {
                self.progress.reason = Some(reason);
                Ok(true)
            }
            Some((Goal::Failure, reason)) => Err(self.failed(&reason)),
            Some((Goal::Retry, _)) | None => Ok(false),
        }
    }

    fn refused(&mut self, error: Error) -> Result<bool> {
        let Some(fault) = error.fault() else { return Err(error) };
        self.progress.seen = format!("the error {}", fault.code);
        self.progress.answer = None;
        let over = self
            .acceptors
            .first(Seen::Fault(fault.status, &fault.code))?
            .map(|acceptor| (acceptor.goal, acceptor.to_string()));
        match over {
            Some((Goal::Success, reason)) => {
                self.progress.reason = Some(reason);
                Ok(true)
            }
            Some((Goal::Failure, reason)) => Err(self.failed(&reason).source(error)),
            Some((Goal::Retry, _)) => Ok(false),
            None => Err(error),
        }
    }

    fn typed(&self, answer: Value) -> Value {
        with_units(&self.request.service, &self.request.operation, answer)
    }

    fn name(&self) -> String {
        format!("{} {}", self.request.service.name, self.waiter.name)
    }

    fn failed(&self, reason: &str) -> Error {
        let message = format!("`{}` will not happen: {reason}", self.name());
        self.described(Error::new(ErrorKind::WaitFailed, message))
            .help(format!("look at the resource: aws call {}", self.request.name()))
    }

    fn gave_up(&self, when: &str) -> Error {
        let message = format!("`{}` did not happen {when}; at last {}", self.name(), self.progress.seen);
        self.described(Error::new(ErrorKind::Timeout, message))
            .help("raise --timeout or --max-attempts, or look at the resource")
    }

    fn described(&self, error: Error) -> Error {
        let mut error = error.context("operation", self.request.name());
        if let Some(region) = self.caller.region() {
            error = error.context("region", region);
        }
        error
            .context("profile", self.caller.session().profile.clone())
            .context("polls", self.progress.attempts.to_string())
            .context("last seen", self.progress.seen.clone())
    }
}
