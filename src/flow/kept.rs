//! A read through the cache: memory -> disk -> one call for all who ask -> kept.

use super::{
    absent::Absent,
    all::fetch_all_as,
    fetch_as,
    flights::Flights,
    known::Renewals,
    nuon::nuon,
    provenance::{Answer, Origin, Provenance},
    stale::Renewing,
    states, touched, uncached,
};
use crate::{
    cache::{Cache, Generation, Hit, Listing, Name, Scope, set_span},
    client::{Caller, Reply, Transport, session::Session},
    config::Settings,
    error::{Error, Result},
    metrics::{Meter, Metrics, Source, Told},
    request::{Freshness, Pace, Request},
};
use nu_protocol::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// What the caller wants of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// What is there, where it is fresh.
    Fresh,
    /// A new answer, which is kept.
    Refresh,
    /// Nothing: a new answer, which is not kept.
    Nothing,
}

/// What the calls of a process share.
#[derive(Debug, Clone, Default)]
pub struct Keeper {
    /// What was answered before.
    pub cache: Arc<Cache>,
    /// What was measured.
    pub metrics: Arc<Metrics>,
    flights: Flights<(Name, String, Duration), Reply>,
    absent: Absent,
    pub(super) renewals: Renewals,
    pub(super) renewing: Renewing,
}

/// How a request goes through the cache.
#[derive(Debug, Clone)]
pub struct Passage {
    pub(super) keeper: Keeper,
    pub(super) scope: Scope,
    pub(super) wish: Use,
    /// Its name and the page it is on; none where it goes past the cache.
    pub(super) name: Option<(Name, Generation)>,
    pub(super) max_age: Option<Duration>,
    pub(super) in_a_hurry: bool,
    /// How long a new answer lives, where its states say nothing else.
    pub(super) ttl: Duration,
    pub(super) pace: Pace,
    pub(super) stale_if_error: Duration,
    meter: Option<Arc<Meter>>,
    extent: Extent,
}

/// How much of an answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What one call gives.
    Page,
    /// All pages, joined.
    All,
    /// All pages, one after the other.
    Stream,
}

impl Extent {
    /// What is behind the hash in the key.
    fn suffix(self) -> &'static str {
        match self {
            Self::Page => "",
            Self::All => "-all",
            Self::Stream => "-stream",
        }
    }
}

/// What a caller says of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// What is wanted of the cache.
    pub of_cache: Use,
    /// How much is asked for.
    pub extent: Extent,
    /// How old an answer may be, and how long a new one lives.
    pub max_age: Option<Duration>,
    /// Whether what is kept is taken although its time is over, where that was not long ago.
    pub in_a_hurry: bool,
}

impl Keeper {
    /// Removes entries, for all shells: those that there were.
    pub fn forget(&self, scope: &Scope, entries: Vec<Listing>) -> Vec<Listing> {
        self.absent.clear();
        self.cache.forget(scope, entries)
    }

    /// The pages that answers to a request stand on now.
    pub(super) fn generation(&self, caller: &Caller, request: &Request, scope: &Scope) -> Generation {
        let (service, operation) = (&request.service.name, &request.operation.name);
        self.cache.generation(scope, &touched::under(service, operation, caller.answers_of()))
    }

    /// The way of a request.
    pub fn passage(
        &self,
        caller: &Caller,
        request: &Request,
        scope: Scope,
        wish: Wish,
        settings: &Settings,
    ) -> Passage {
        let Wish { of_cache: wish, extent, max_age, in_a_hurry } = wish;
        let past = wish == Use::Nothing || !scope.is_on() || caller.transport() == Transport::Mock;
        let name = (!past
            && uncached::may_be_kept(&request.service, &request.operation, &settings.sensitive))
        .then(|| {
            let generation = self.generation(caller, request, &scope);
            (name(caller, request, extent, &generation), generation)
        });
        let Freshness { ttl, pace, .. } =
            Freshness::of(&request.service.name, &request.operation.name, settings);
        Passage {
            keeper: self.clone(),
            scope,
            wish,
            name,
            max_age,
            in_a_hurry,
            ttl: max_age.unwrap_or(ttl),
            pace,
            stale_if_error: settings.stale_if_error,
            meter: caller.meter().cloned(),
            extent,
        }
    }
}

/// The key of a request, for people: `profile:region:service:operation:hash`, with `%3A` for a colon within a part. A service
/// without regions has one entry for all of them.
pub fn key(caller: &Caller, request: &Request) -> String {
    let part = |text: &str| text.replace('%', "%25").replace(':', "%3A");
    let parts = [
        part(&caller.session().profile),
        part(caller.answers_of()),
        part(&request.service.name),
        part(&request.operation.name),
        request.parameters_hash(),
    ];
    parts.join(":")
}

/// The parts of a key; `None` where it is none of a request.
pub fn parse_key(key: &str) -> Option<[String; 5]> {
    let part = |text: &str| text.replace("%3A", ":").replace("%25", "%");
    let parts: Vec<String> = key.split(':').map(part).collect();
    parts.try_into().ok()
}

/// Everything that tells an answer from another one.
pub(super) fn name(caller: &Caller, request: &Request, extent: Extent, generation: &Generation) -> Name {
    let session = caller.session();
    let key = key(caller, request) + extent.suffix();
    let model = &request.service.meta.api_version;
    let version = env!("CARGO_PKG_VERSION");
    let apart = [session.identity(), caller.place_text(), model, version, &generation.token];
    // What may be secret is written nowhere, also where the answer is none.
    let shown = !request.service.is_sensitive(request.operation.input);
    let parameters = shown.then(|| nuon(&Value::record(request.input.clone(), request.span)));
    Name::of_answer(key, &apart).described(shown_identity(session), parameters).standing_on(generation)
}

/// As whom was asked, in one line.
pub(super) fn shown_identity(session: &Session) -> String {
    let lines: Vec<&str> = session.identity().lines().filter(|line| !line.is_empty()).collect();
    lines.join(", ")
}

impl Passage {
    /// What is kept, where it is fresh. Asks nobody.
    pub fn look(&self, request: &Request) -> Option<Answer> {
        let (name, _) = self.name.as_ref().filter(|_| self.wish == Use::Fresh)?;
        let start = Instant::now();
        let hit = self.keeper.cache.get(&self.scope, name, self.max_age, request.span)?;
        Some(self.kept(request, name, hit, start, None))
    }

    /// An answer of the cache, measured. `stale` says why it is given where its time is over.
    pub(super) fn kept(
        &self,
        request: &Request,
        name: &Name,
        hit: Hit,
        start: Instant,
        stale: Option<String>,
    ) -> Answer {
        let Hit { value, tier, age, ttl } = hit;
        let reply = kept_reply(value, start.elapsed());
        let told = Told { entry: Some(name.id()), ..Told::default() };
        self.measure(request, tier.source(), Ok(told), reply.duration);
        let key = Some(name.key().into());
        Answer { reply, from: Provenance { origin: Origin::Kept(tier), age, ttl, key, stale } }
    }

    /// How long a new answer lives. What the caller says is meant, whatever state things are in.
    pub(super) fn lives(&self, request: &Request, answer: &Value) -> Duration {
        self.max_age.unwrap_or_else(|| states::adjusted(self.ttl, request, answer))
    }

    /// Records what was answered without a call of its own.
    pub(super) fn measure(
        &self,
        request: &Request,
        source: Source,
        outcome: std::result::Result<Told, &Error>,
        took: Duration,
    ) {
        if let Some(meter) = &self.meter {
            meter.record((&request.service.name, &request.operation.name), source, outcome, took);
        }
    }

    /// The outcome of the call that somebody has under way for `name`, else of `call`.
    pub(super) async fn join(
        &self,
        name: Name,
        caller: &Caller,
        request: &Request,
        call: impl Future<Output = Result<Reply>> + Send + 'static,
    ) -> Result<Reply> {
        let start = Instant::now();
        // Who has less patience must not end the call of who has more, and who asks after entries were removed by hand
        // wants an answer of after.
        let sweep = self.name.as_ref().map(|(_, generation)| generation.sweep.clone()).unwrap_or_default();
        let (outcome, shared) = self.keeper.flights.join((name, sweep, caller.deadline()), call).await;
        if shared {
            let told = outcome.as_ref().map(|_| Told::default());
            self.measure(request, Source::Shared, told, start.elapsed());
        }
        let mut reply = outcome.map_err(|error| error.relocated(request.span))?;
        if shared && reply.value.span() != request.span {
            // It was asked elsewhere in the script.
            set_span(&mut reply.value, request.span);
        }
        Ok(reply)
    }

    /// The answer of AWS, which others who ask the same share, and which is kept.
    ///
    /// # Errors
    /// Those of [`Caller::call`].
    pub async fn ask(self, caller: &Caller, request: Arc<Request>) -> Result<Answer> {
        let Some((name, generation)) = self.name.clone() else {
            return fetch_extent(caller, request, self.extent, Source::Bypass).await.map(Answer::past);
        };
        let (key, settled) = (name.key().to_owned(), generation.settled);
        let (passage, asked) = (self.clone(), request.clone());
        let outcome = if self.wish == Use::Refresh {
            // What somebody asked before this one wished for something new is not new.
            self.fetch_and_keep(caller.clone(), request, name, generation).await
        } else {
            if let Some(error) = self.keeper.absent.find(&name, self.max_age) {
                self.measure(&request, Source::Memory, Err(&error), Duration::ZERO);
                return Err(error.relocated(request.span));
            }
            let call = self.fetch_and_keep(caller.clone(), request, name.clone(), generation);
            passage.join(name, caller, &asked, call).await
        };
        let reply = match outcome {
            Ok(reply) => reply,
            Err(error) => return passage.instead_of(&asked, &error).ok_or(error),
        };
        let ttl = settled.then(|| passage.lives(&asked, &reply.value));
        Ok(Answer { reply, from: Provenance::asked(ttl, key) })
    }

    /// Whether nobody wrote, or removed entries by hand, since.
    pub(super) fn is_on_page(&self, generation: &Generation) -> bool {
        self.keeper.cache.generation(&self.scope, &generation.pages).is_same_page(generation)
    }

    /// What was asked before entries were removed by hand is not kept after.
    pub(super) fn unless_swept(&self, name: &Name, generation: &Generation) {
        if !self.is_on_page(generation) {
            self.keeper.cache.remove(&self.scope, name);
        }
    }

    async fn fetch_and_keep(
        self,
        caller: Caller,
        request: Arc<Request>,
        name: Name,
        generation: Generation,
    ) -> Result<Reply> {
        // Between the look and the lead of a call another one may have been through.
        if let Some(answer) = self.look(&request) {
            return Ok(answer.reply);
        }
        let outcome = fetch_extent(&caller, request.clone(), self.extent, Source::Network).await;
        let reply = outcome.inspect_err(|error| self.keeper.absent.note(&name, error))?;
        if generation.settled && self.is_on_page(&generation) {
            // The disk is slow now and then, and must not hold up the others' calls.
            let kept = reply.value.clone();
            let write = move || {
                let ttl = self.lives(&request, &kept);
                let (cache, lasting) = (&self.keeper.cache, self.lasting());
                let stored = cache.put_lasting(&self.scope, &name, &kept, Some(ttl), lasting);
                self.unless_swept(&name, &generation);
                stored
            };
            // What cannot be kept is asked again.
            drop(tokio::task::spawn_blocking(write).await);
        }
        Ok(reply)
    }
}

/// An answer without what belongs to a call.
pub(super) fn kept_reply(value: Value, duration: Duration) -> Reply {
    Reply {
        value,
        status: 200,
        request_id: None,
        attempts: 0,
        duration,
        phases: None,
        bytes: 0,
        endpoint: None,
        transport: Transport::Network,
    }
}

async fn fetch_extent(
    caller: &Caller,
    request: Arc<Request>,
    extent: Extent,
    source: Source,
) -> Result<Reply> {
    match extent {
        Extent::Page | Extent::Stream => fetch_as(caller, request, source).await,
        Extent::All => fetch_all_as(caller, Arc::unwrap_or_clone(request), source).await,
    }
}
