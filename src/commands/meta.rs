//! How an answer came about, as `--meta` and the pipeline's metadata tell it.

use super::values::{perhaps, phases, text, time};
use crate::{
    client::{Caller, Reply},
    flow::Provenance,
};
use nu_protocol::{Record, Span, Value, record};

/// What does not change from page to page.
#[derive(Debug, Clone)]
pub(super) struct Circumstances {
    region: Option<String>,
    profile: String,
    head: Span,
}

impl Circumstances {
    pub(super) fn of(caller: &Caller, head: Span) -> Self {
        Self { region: caller.region().map(String::from), profile: caller.session().profile.clone(), head }
    }

    /// `{request_id, attempts, duration, phases, region, profile, endpoint, transport, cache, age, ttl, stale, key}`.
    pub(super) fn meta(&self, reply: &Reply, from: &Provenance) -> Record {
        let span = self.head;
        record! {
            "request_id" => text(reply.request_id.as_deref(), span),
            "attempts" => Value::int(reply.attempts.into(), span),
            "duration" => time(reply.duration, span),
            "phases" => phases(reply.phases, span),
            "region" => text(self.region.as_deref(), span),
            "profile" => Value::string(&self.profile, span),
            "endpoint" => text(reply.endpoint.as_deref(), span),
            "transport" => Value::string(reply.transport.name(), span),
            "cache" => Value::string(from.origin.name(), span),
            "age" => time(from.age, span),
            "ttl" => perhaps(from.ttl, span),
            "stale" => Value::bool(from.stale.is_some(), span),
            "key" => text(from.key.as_deref(), span),
        }
    }

    /// `{data, meta}`.
    pub(super) fn wrap(&self, data: Value, meta: Record) -> Value {
        Value::record(record! { "data" => data, "meta" => Value::record(meta, self.head) }, self.head)
    }
}
