//! The pages of a stream: kept ones, or AWS's, which are kept as they pass.

use super::{
    fetch_as,
    kept::{Extent, Origin, Passage, Use, kept_reply, name, source_of},
};
use crate::{
    cache::{Generation, Recording, Replay, with_span},
    client::{Caller, Reply},
    error::{Error, ErrorKind, Result},
    metrics::{Meter, Source},
    request::Request,
};
use nu_protocol::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::{JoinHandle, spawn_blocking};

/// Where the pages of a stream come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The tier, or AWS.
    pub origin: Origin,
    /// How old the first page is.
    pub age: Duration,
    /// How long the stream was meant to live; `None` where it is not kept.
    pub ttl: Option<Duration>,
    /// Its key, where it has one.
    pub key: Option<String>,
}

/// The way of a stream's pages.
#[derive(Debug)]
pub(super) struct Reel {
    way: Way,
    /// Whose pages others may share, and whom the others are known to.
    shared: Option<(Passage, Generation)>,
    meter: Option<Arc<Meter>>,
    pub(super) provenance: Provenance,
}

#[derive(Debug)]
enum Way {
    /// From the cache; `None` while a page is being read.
    Kept(Option<Replay>),
    /// From AWS, and to the cache where it is still worth it.
    Asked(Option<Recorder>),
}

/// Writes pages behind the stream's back, one at a time.
#[derive(Debug)]
struct Recorder {
    passage: Passage,
    generation: Generation,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready(Box<Recording>),
    Writing(JoinHandle<Option<Recording>>),
}

impl Reel {
    /// Pages that nobody keeps.
    pub(super) fn past() -> Self {
        let provenance = Provenance { origin: Origin::Bypass, age: Duration::ZERO, ttl: None, key: None };
        Self { way: Way::Asked(None), shared: None, meter: None, provenance }
    }

    /// The kept stream where it is fresh, else AWS's.
    pub(super) fn new(passage: Passage) -> Self {
        let Some((name, generation)) = passage.name.clone() else { return Self::past() };
        let meter = passage.meter.clone();
        let (cache, scope) = (passage.keeper.cache.clone(), passage.scope.clone());
        let key = Some(name.key().to_owned());
        let kept = || cache.replay(&scope, &name, passage.max_age);
        if let Some(replay) = (passage.wish == Use::Fresh).then(kept).flatten() {
            let Replay { tier, age, ttl, .. } = replay;
            let provenance = Provenance { origin: Origin::Kept(tier), age, ttl, key };
            return Self { way: Way::Kept(Some(replay)), shared: None, meter, provenance };
        }
        let ttl = passage.ttl;
        // What somebody asked before this one wished for something new is not new.
        let shared = (passage.wish == Use::Fresh).then(|| (passage.clone(), generation.clone()));
        let recording = generation.settled.then(|| cache.record(&scope, &name, Some(ttl))).flatten();
        let recorder = recording.map(|recording| Recorder {
            state: State::Ready(Box::new(recording)),
            passage,
            generation,
        });
        let ttl = recorder.is_some().then_some(ttl);
        let provenance = Provenance { origin: Origin::Network, age: Duration::ZERO, ttl, key };
        Self { way: Way::Asked(recorder), shared, meter, provenance }
    }

    /// The next page, and of a kept stream whether more follow it.
    pub(super) async fn next(&mut self, caller: &Caller, request: Request) -> Result<(Reply, Option<bool>)> {
        let span = request.span;
        let Way::Kept(slot) = &mut self.way else {
            let kept = self.provenance.origin == Origin::Network;
            let source = if kept { Source::Network } else { Source::Bypass };
            let reply = match &self.shared {
                Some((passage, generation)) => share(passage, generation, caller, request).await?,
                None => fetch_as(caller, Arc::new(request), source).await?,
            };
            return Ok((reply, None));
        };
        let start = Instant::now();
        let Some(mut replay) = slot.take() else { return Err(broken()) };
        let read = spawn_blocking(move || {
            let page = replay.next(span);
            (replay, page)
        });
        let Ok((replay, Some(page))) = read.await else { return Err(broken()) };
        if let Some(meter) = &self.meter {
            let name = (&*request.service.name, &*request.operation.name);
            let told = page.as_ref().map(|_| 0);
            meter.record(name, source_of(replay.tier), told, start.elapsed());
        }
        let more = !replay.is_at_end();
        *slot = Some(replay);
        Ok((kept_reply(page?, start.elapsed()), Some(more)))
    }

    /// Keeps a page as it came.
    pub(super) async fn keep(&mut self, page: &Value) {
        let Way::Asked(slot) = &mut self.way else { return };
        let Some(recorder) = slot.take() else { return };
        *slot = recorder.add(page).await;
    }

    /// What was kept so far is of no use.
    pub(super) fn give_up(&mut self) {
        if let Way::Asked(slot) = &mut self.way {
            *slot = None;
        }
    }

    /// The stream ended whole.
    pub(super) async fn finish(&mut self) {
        let Way::Asked(slot) = &mut self.way else { return };
        if let Some(recorder) = slot.take() {
            recorder.finish().await;
        }
    }
}

/// The page that another stream has under way, else one of its own.
async fn share(
    passage: &Passage,
    generation: &Generation,
    caller: &Caller,
    request: Request,
) -> Result<Reply> {
    let (span, start) = (request.span, Instant::now());
    // Who has less patience must not end the call of who has more.
    let flight = (name(caller, &request, Extent::Stream, generation), caller.deadline());
    let (asking, asked) = (caller.clone(), Arc::new(request));
    let page = asked.clone();
    let call = async move { fetch_as(&asking, page, Source::Network).await };
    let (outcome, shared) = passage.keeper.flights.join(flight, call).await;
    if !shared {
        return outcome;
    }
    passage.measure(&asked, Source::Shared, outcome.as_ref().map(|_| 0), start.elapsed());
    let mut reply = outcome.map_err(|error| error.relocated(span))?;
    reply.value = with_span(&reply.value, span);
    Ok(reply)
}

impl Recorder {
    async fn recording(state: State) -> Option<Recording> {
        match state {
            State::Ready(recording) => Some(*recording),
            State::Writing(task) => task.await.ok().flatten(),
        }
    }

    async fn add(self, page: &Value) -> Option<Self> {
        let mut recording = Self::recording(self.state).await?;
        let packed = recording.pack(page)?;
        let task = spawn_blocking(move || recording.write(&packed));
        Some(Self { state: State::Writing(task), ..self })
    }

    async fn finish(self) {
        let Some(recording) = Self::recording(self.state).await else { return };
        if self.passage.is_on_page(&self.generation) {
            // What cannot be kept is asked again.
            drop(spawn_blocking(move || recording.finish()).await);
        }
    }
}

fn broken() -> Error {
    Error::new(ErrorKind::Internal, "a kept stream can no longer be read").help("ask AWS: add --refresh")
}
