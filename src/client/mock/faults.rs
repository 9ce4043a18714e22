//! Faults on demand: drawn by seed, operation, input and attempt, so that a run can be repeated exactly.

use super::{Answer, Call, Settings, mix};
use crate::model::{ErrorTraits, Kind, Protocol};

/// The fault that this attempt meets, if any.
pub(super) fn draw(call: &Call<'_>, settings: &Settings) -> Option<Answer> {
    if settings.throttle_rate <= 0.0 && settings.error_rate <= 0.0 {
        return None;
    }
    let mut hash = mix::bytes(settings.seed, call.service.name.as_bytes());
    hash = mix::bytes(hash, call.operation.name.as_bytes());
    hash = mix::mix(mix::record(hash, call.input), u64::from(call.attempt));
    if mix::share(mix::mix(hash, 1)) < settings.throttle_rate {
        return Some(throttled(call, settings));
    }
    let fails = mix::share(mix::mix(hash, 2)) < settings.error_rate;
    fails.then(|| failed(call, settings, mix::mix(hash, 3)))
}

/// The service's own way to say "too fast": as modelled, else by the custom of its protocol.
fn throttled(call: &Call<'_>, settings: &Settings) -> Answer {
    let modelled = errors(call).find(|(_, traits)| traits.retryable == Some(true));
    let (status, code) = match (modelled, call.service.meta.protocol) {
        (Some((code, traits)), _) => (traits.status.unwrap_or(400), code.to_string()),
        (None, Protocol::Ec2) => (503, "RequestLimitExceeded".into()),
        (None, Protocol::RestXml) if &*call.service.name == "s3" => (503, "SlowDown".into()),
        (None, Protocol::RestXml | Protocol::Query) => (400, "Throttling".into()),
        (None, Protocol::RestJson) => (429, "TooManyRequestsException".into()),
        (None, Protocol::Json10 | Protocol::Json11 | Protocol::Cbor) => (400, "ThrottlingException".into()),
    };
    let message = format!("Rate exceeded (mocked: AWS_MOCK_THROTTLE_RATE is {}).", settings.throttle_rate);
    Answer::Fault { status, code, message }
}

/// One of the operation's modelled errors, or the one that every service may give.
fn failed(call: &Call<'_>, settings: &Settings, hash: u64) -> Answer {
    let known = errors(call).filter(|(_, traits)| traits.retryable != Some(true)).collect::<Vec<_>>();
    // One more than there are, for the error that no model names.
    let choices = known.len() as u64 + 1;
    let chosen = usize::try_from(hash % choices).ok().and_then(|index| known.get(index));
    let (status, code) = match chosen {
        Some((code, traits)) => (traits.status.unwrap_or(400), (*code).to_string()),
        None => (500, "InternalError".into()),
    };
    let message = format!("The call failed (mocked: AWS_MOCK_ERROR_RATE is {}).", settings.error_rate);
    Answer::Fault { status, code, message }
}

/// Codes and traits of the operation's modelled errors.
fn errors<'a>(call: &Call<'a>) -> impl Iterator<Item = (&'a str, &'a ErrorTraits)> {
    let service = call.service;
    call.operation.errors.iter().filter_map(move |id| {
        let shape = service.shape(*id)?;
        let Kind::Structure(structure) = &shape.kind else { return None };
        Some((shape.error_code().unwrap_or(&shape.name), structure.error.as_deref()?))
    })
}
