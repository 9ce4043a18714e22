//! What things are called, for completions: told at once from what was listed before, and listed anew behind.
//!
//! Names may always be old, so they live apart from answers: no write takes them away, and what makes a listing too
//! sensitive to be kept is not in them.

use super::{
    Keeper, RowPlan, fetch_as,
    kept::{key, shown_identity},
    tokens::Tokens,
};
use crate::{
    cache::{Cache, Name, Scope},
    client::{Caller, Transport},
    config::Settings,
    error::Result,
    metrics::Source,
    model::{Listing, Service, names::find_operation},
    request::{Freshness, Request},
    sync::lock,
};
use nu_protocol::{Record, Span, Value, record};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Names of one kind at most, and pages that are asked for them.
const MOST: usize = 5_000;
const PAGES: usize = 50;
/// For how long after their time names are told.
const USEFUL: Duration = Duration::from_hours(7 * 24);
/// Names that are older are listed anew when they are used.
const ANEW_AFTER: Duration = Duration::from_secs(30);

/// What is listed, and where in its rows the names are.
#[derive(Debug, Clone)]
pub struct Names {
    request: Arc<Request>,
    column: Option<String>,
    plan: RowPlan,
}

/// A name, and what a person calls the thing.
pub type Called = (String, Option<String>);

/// What is known at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The names.
    pub names: Vec<Called>,
    /// Whether they are not older than an answer would be.
    pub fresh: bool,
    /// How old they are.
    pub age: Duration,
    /// The page of the service when they were listed.
    page: String,
}

/// What is behind the hash in the key of names.
pub(super) const NAMES: &str = "-names";

/// Listings that were begun, so that nobody begins them again with every key.
#[derive(Debug, Clone, Default)]
pub(super) struct Renewals(Arc<Mutex<HashMap<(u64, String), Instant>>>);

impl Names {
    /// The names that a listing of a service gives.
    ///
    /// # Errors
    /// Where the model knows no such operation, or no rows of it.
    pub fn new(service: &Arc<Service>, listing: &Listing, span: Span) -> Result<Self> {
        let mut parameters = Record::new();
        if let Some((name, text)) = listing.bound {
            parameters.push(name, Value::list(vec![Value::string(text, span)], span));
        }
        let operation = find_operation(service, &listing.operation)?;
        let request = Request::new(service.clone(), operation, &Value::record(parameters, span), span)?;
        let plan = RowPlan::new(&request, None)?;
        Ok(Self { request: Arc::new(request), column: listing.column.clone(), plan })
    }

    fn name(&self, caller: &Caller) -> Name {
        let key = key(caller, &self.request) + NAMES;
        let (identity, column) = (caller.session().identity(), self.column.as_deref().unwrap_or_default());
        let apart = [identity, caller.place_text(), "names", column, env!("CARGO_PKG_VERSION")];
        Name::of_answer(key, &apart).described(shown_identity(caller.session()), None)
    }

    fn of_row(&self, row: &Value) -> Option<Called> {
        let name = match &self.column {
            Some(column) => row.as_record().ok()?.get(column)?.as_str().ok()?,
            None => row.as_str().ok()?,
        };
        // What a terminal would take for a command is no name.
        let plain = !name.is_empty() && !name.contains(char::is_control);
        plain.then(|| (name.to_owned(), self.called(row)))
    }

    /// What people call a thing of EC2, whose name is a number: its tag `Name`.
    fn called(&self, row: &Value) -> Option<String> {
        if &*self.request.service.name != "ec2" {
            return None;
        }
        let tags = row.as_record().ok()?.get("Tags")?.as_list().ok()?;
        let of = |tag: &Value, part: &str| Some(tag.as_record().ok()?.get(part)?.as_str().ok()?.to_owned());
        let name = tags.iter().find(|tag| of(tag, "Key").as_deref() == Some("Name"))?;
        of(name, "Value").filter(|text| !text.is_empty() && !text.contains(char::is_control))
    }
}

impl Keeper {
    /// What is known of names. Asks nobody.
    pub fn known(&self, caller: &Caller, of: &Names, scope: &Scope) -> Option<Known> {
        let (name, span) = (of.name(caller), Span::unknown());
        let fresh = self.cache.get(scope, &name, None, span);
        let is_fresh = fresh.is_some();
        let hit = fresh.or_else(|| self.cache.get_stale(scope, &name, USEFUL, span))?;
        let (names, page) = read(&hit.value)?;
        Some(Known { names, fresh: is_fresh, age: hit.age, page })
    }

    /// Whether names are worth to be listed anew; whoever is told so does it.
    pub fn begins_renewal(&self, caller: &Caller, of: &Names, scope: &Scope, known: Option<&Known>) -> bool {
        if caller.transport() == Transport::Mock {
            return false;
        }
        let page = self.generation(caller, &of.request, scope).token;
        if known.is_some_and(|known| known.age < ANEW_AFTER && known.page == page) {
            return false;
        }
        let now = self.cache.instant();
        let mut begun = lock(&self.renewals.0);
        begun.retain(|_, at| now.saturating_duration_since(*at) < ANEW_AFTER);
        match begun.entry((of.name(caller).id(), page)) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(now);
                true
            }
        }
    }

    /// Lists names anew, and keeps them.
    ///
    /// # Errors
    /// Those of [`Caller::call`].
    pub async fn renew(&self, caller: &Caller, of: &Names, scope: &Scope, settings: &Settings) -> Result<()> {
        let (service, operation) = (&of.request.service.name, &of.request.operation.name);
        let page = self.generation(caller, &of.request, scope).token;
        let mut names = Vec::new();
        let mut tokens = Tokens::default();
        for _ in 0..PAGES {
            let reply = fetch_as(caller, Arc::new(tokens.put(&of.request)), Source::Bypass).await?;
            let more = tokens.advance(&of.request, &reply.value)?;
            names.extend(of.plan.take(reply.value).rows.iter().filter_map(|row| of.of_row(row)));
            if !more || names.len() >= MOST {
                break;
            }
        }
        names.truncate(MOST);
        names.sort();
        names.dedup();
        let ttl = Freshness::of(service, operation, settings).ttl;
        let (cache, scope, name) = (self.cache.clone(), scope.clone(), of.name(caller));
        let begun = (name.id(), page.clone());
        let stored =
            tokio::task::spawn_blocking(move || store(&cache, &scope, &name, names, &page, ttl)).await;
        if matches!(stored, Ok(Ok(true))) {
            // Their age says when they are listed again, or that they were removed meanwhile.
            lock(&self.renewals.0).remove(&begun);
        }
        Ok(())
    }
}

fn store(
    cache: &Cache,
    scope: &Scope,
    name: &Name,
    names: Vec<Called>,
    page: &str,
    ttl: Duration,
) -> Result<bool> {
    let span = Span::unknown();
    let text = |text: String| Value::string(text, span);
    let rows = names.into_iter().map(|(name, called)| {
        Value::list(vec![text(name), called.map_or_else(|| Value::nothing(span), text)], span)
    });
    let value = record! { "page" => text(page.into()), "names" => Value::list(rows.collect(), span) };
    cache.put_lasting(scope, name, &Value::record(value, span), Some(ttl), USEFUL)
}

/// What [`store`] wrote: names and page.
fn read(value: &Value) -> Option<(Vec<Called>, String)> {
    let value = value.as_record().ok()?;
    let page = value.get("page")?.as_str().ok()?.to_owned();
    let rows = value.get("names")?.as_list().ok()?.iter();
    let names = rows.filter_map(|row| {
        let [name, called] = row.as_list().ok()? else { return None };
        Some((name.as_str().ok()?.to_owned(), called.as_str().ok().map(String::from)))
    });
    Some((names.collect(), page))
}
