//! The pages of a stream: kept ones, or AWS's, which are kept as they pass.

use super::{
    fetch, fetch_as,
    kept::{Extent, Passage, Use, kept_reply, name},
    provenance::{Origin, Provenance},
    stale::{HURRY, Turn},
};
use crate::{
    cache::{Recording, Replay},
    client::{Caller, Reply},
    error::{Error, ErrorKind, Result},
    metrics::{Source, Told},
    request::Request,
};
use nu_protocol::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::{JoinHandle, spawn_blocking};

/// The way of a stream's pages.
#[derive(Debug)]
pub(super) struct Reel {
    way: Way,
    /// None where the pages go past the cache.
    passage: Option<Passage>,
    pub(super) provenance: Provenance,
    /// Whether a page was given.
    begun: bool,
    /// Held by a renewal to its end.
    _turn: Option<Turn>,
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
enum Recorder {
    Ready(Box<Recording>),
    Writing(JoinHandle<Option<Recording>>),
}

impl Reel {
    /// Pages that nobody keeps.
    pub(super) fn past() -> Self {
        Self {
            way: Way::Asked(None),
            passage: None,
            provenance: Provenance::past(),
            begun: false,
            _turn: None,
        }
    }

    /// The kept stream where it is fresh, or where it is not and the reader is in a hurry, else AWS's.
    pub(super) fn new(passage: Passage) -> Self {
        let Some((name, generation)) = passage.name.clone() else { return Self::past() };
        let (cache, scope) = (&passage.keeper.cache, &passage.scope);
        let kept = || cache.replay(scope, &name, passage.max_age);
        if let Some(replay) = (passage.wish == Use::Fresh).then(kept).flatten() {
            return Self::kept(passage, name.key(), replay, None);
        }
        if let Some(replay) = passage.replay_old() {
            return Self::kept(passage, name.key(), replay, Some(HURRY.into()));
        }
        let ttl = Some(passage.ttl);
        let recording =
            generation.settled.then(|| cache.record(scope, &name, ttl, passage.lasting())).flatten();
        let ttl = ttl.filter(|_| recording.is_some());
        let recorder = recording.map(|recording| Recorder::Ready(Box::new(recording)));
        let provenance = Provenance::asked(ttl, name.key().into());
        Self { way: Way::Asked(recorder), passage: Some(passage), provenance, begun: false, _turn: None }
    }

    fn kept(passage: Passage, key: &str, replay: Replay, stale: Option<String>) -> Self {
        let Replay { tier, age, ttl, .. } = replay;
        let provenance = Provenance { origin: Origin::Kept(tier), age, ttl, key: Some(key.into()), stale };
        Self { way: Way::Kept(Some(replay)), passage: Some(passage), provenance, begun: false, _turn: None }
    }

    /// AWS's pages in place of the old ones that were given to who was in a hurry, unless somebody is at it.
    pub(super) fn renewal(&self) -> Option<Self> {
        let mut passage = self.passage.clone().filter(|_| self.provenance.stale.is_some())?;
        passage.in_a_hurry = false;
        let turn = passage.begin_renewal()?;
        // Whoever had the turn a moment ago has renewed it.
        let renewal = Self { _turn: Some(turn), ..Self::new(passage) };
        renewal.is_keeping().then_some(renewal)
    }

    /// Whether what passes is still being kept.
    pub(super) fn is_keeping(&self) -> bool {
        matches!(self.way, Way::Asked(Some(_)))
    }

    /// The next page, and of a kept stream whether more follow it.
    pub(super) async fn next(&mut self, caller: &Caller, request: Request) -> Result<(Reply, Option<bool>)> {
        let request = Arc::new(request);
        if matches!(self.way, Way::Asked(_)) {
            let error = match ask(self.passage.as_ref(), caller, request.clone()).await {
                Ok(reply) => {
                    self.begun = true;
                    return Ok((reply, None));
                }
                Err(error) => error,
            };
            // Rows that were given are not given twice.
            let old = if self.begun { None } else { self.instead_of(&error).await };
            *self = old.ok_or(error)?;
        }
        let Way::Kept(slot) = &mut self.way else { return Err(broken()) };
        let (start, span) = (Instant::now(), request.span);
        let Some(mut replay) = slot.take() else { return Err(broken()) };
        let read = spawn_blocking(move || {
            let page = replay.next(span);
            (replay, page)
        });
        let Ok((replay, Some(page))) = read.await else { return Err(broken()) };
        if let Some(passage) = &self.passage {
            // A stream that is used is used once, however many pages it has.
            let entry = passage.name.as_ref().map(|(name, _)| name.id()).filter(|_| !self.begun);
            let told = page.as_ref().map(|_| Told { entry, ..Told::default() });
            passage.measure(&request, replay.tier.source(), told, start.elapsed());
        }
        self.begun = true;
        let more = !replay.is_at_end();
        *slot = Some(replay);
        Ok((kept_reply(page?, start.elapsed()), Some(more)))
    }

    /// What is kept, in place of a first page that could not be had.
    async fn instead_of(&self, error: &Error) -> Option<Self> {
        let passage = self.passage.clone()?;
        let (key, why) = (passage.name.as_ref()?.0.key().to_owned(), error.to_string());
        let (looking, error) = (passage.clone(), error.clone());
        let replay = spawn_blocking(move || looking.replay_instead_of(&error)).await.ok().flatten()?;
        Some(Self::kept(passage, &key, replay, Some(why)))
    }

    /// Keeps a page as it came.
    pub(super) async fn keep(&mut self, request: &Request, page: &Value) {
        let (Way::Asked(slot), Some(passage)) = (&mut self.way, &self.passage) else { return };
        let Some(recorder) = slot.take() else { return };
        *slot = recorder.add(page, passage.lives(request, page)).await;
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
        let (Some(recorder), Some(passage)) = (slot.take(), &self.passage) else { return };
        let Some(recording) = recorder.recording().await else { return };
        let Some((name, generation)) = &passage.name else { return };
        if passage.is_on_page(generation) {
            // What cannot be kept is asked again.
            drop(spawn_blocking(move || recording.finish()).await);
            passage.unless_swept(name, generation);
        }
    }
}

/// A page of AWS, or the one that another stream has under way.
async fn ask(passage: Option<&Passage>, caller: &Caller, request: Arc<Request>) -> Result<Reply> {
    let Some(passage) = passage else { return fetch(caller, request).await };
    match &passage.name {
        Some((_, generation)) if passage.wish == Use::Fresh => {
            let name = name(caller, &request, Extent::Stream, generation);
            let (asking, page) = (caller.clone(), request.clone());
            let call = async move { fetch_as(&asking, page, Source::Network).await };
            passage.join(name, caller, &request, call).await
        }
        // What somebody asked before this one wished for something new is not new.
        _ => fetch_as(caller, request, Source::Network).await,
    }
}

impl Recorder {
    /// What there is of the recording, when the last page is written.
    async fn recording(self) -> Option<Recording> {
        match self {
            Self::Ready(recording) => Some(*recording),
            Self::Writing(task) => task.await.ok().flatten(),
        }
    }

    async fn add(self, page: &Value, ttl: Duration) -> Option<Self> {
        let mut recording = self.recording().await?;
        recording.shorten(ttl);
        let packed = recording.pack(page)?;
        Some(Self::Writing(spawn_blocking(move || recording.write(&packed))))
    }
}

fn broken() -> Error {
    Error::new(ErrorKind::Internal, "a kept stream can no longer be read").help("ask AWS: add --refresh")
}
