//! `aws cache …`: the cache as a thing of its own.

mod clear;
mod get;
mod key;
mod list;
mod prune;
mod put;
mod stats;
mod ttl;
mod verify;

use super::invocation::Invocation;
use crate::{
    app::App,
    cache::{Name, Scope, Tier},
    error::Result,
    metrics::Event,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Span, Value};
use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

/// The commands of this group.
pub(super) fn all() -> Vec<Box<dyn PluginCommand<Plugin = App>>> {
    vec![
        Box::new(get::Get),
        Box::new(put::Put),
        Box::new(list::List),
        Box::new(key::Key),
        Box::new(stats::Stats),
        Box::new(ttl::Ttl),
        Box::new(prune::Prune),
        Box::new(clear::Clear),
        Box::new(verify::Verify),
    ]
}

/// The caller's part of the cache.
pub(super) struct Access<'a> {
    pub(super) app: &'a App,
    pub(super) scope: Scope,
    default_ttl: Duration,
    measured: bool,
    head: Span,
}

impl<'a> Access<'a> {
    pub(super) fn new(app: &'a App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Self> {
        Ok(Self::of(&Invocation::new(app, engine, call)?, call.head))
    }

    pub(super) fn of(invocation: &Invocation<'a>, head: Span) -> Self {
        let Invocation { app, environment, settings, .. } = invocation;
        let scope = Scope::new(environment, settings);
        Self { app, scope, default_ttl: settings.cache_ttl, measured: settings.metrics, head }
    }

    /// Where events are written, where the disk is in use.
    pub(super) fn journal(&self) -> Option<PathBuf> {
        self.app.keeper.cache.journal(&self.scope)
    }

    /// Notes that an entry of a user's answered. How often is of interest, and nothing else: scripts measure themselves.
    fn count_hit(&self, name: &Name, tier: Tier) {
        if self.measured {
            let event =
                Event { entry: Some(name.id()), uncounted: true, ..Event::new("", "", tier.source()) };
            self.app.keeper.metrics.record(self.journal().as_deref(), event);
        }
    }

    /// Says what went wrong with the disk, once in a process.
    pub(super) fn warn(&self) {
        super::invocation::warn_of_cache(self.app);
    }
}

pub(super) fn number(number: u64, span: Span) -> Value {
    Value::int(i64::try_from(number).unwrap_or(i64::MAX), span)
}

pub(super) fn size(bytes: u64, span: Span) -> Value {
    Value::filesize(i64::try_from(bytes).unwrap_or(i64::MAX), span)
}

fn moment(time: SystemTime, span: Span) -> Value {
    Value::date(chrono::DateTime::<chrono::Utc>::from(time).fixed_offset(), span)
}
