//! Numbers, and what they become: integers, floats, file sizes, datetimes.

use super::{
    compile::ELEMENTS,
    mix,
    names::kebab,
    plan::{Place, World},
};
use crate::model::{Range, Unit};
use chrono::DateTime;
use nu_protocol::{Filesize, Span, Value};

/// 2024-01-01T00:00:00Z: mock data has no clock. Rows are a minute apart.
const EPOCH: i64 = 1_704_067_200;
const MINUTE: i64 = 60;
const YEAR: i64 = 365 * 24 * 60 * MINUTE;
/// Rows beyond this share their time, so that dates stay dates.
const LAST_MINUTE: u64 = 1_000_000_000;

/// A number of one member, ready to be made for any row.
#[derive(Debug, Clone)]
pub(super) struct Number {
    pub(super) source: Source,
    pub(super) form: Form,
    /// Least and most by the model.
    pub(super) bounds: (i64, i64),
}

/// Where a number comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// Always the same.
    Fixed(i64),
    /// `least..least + spread`, without order.
    Hashed { hash: u64, least: i64, spread: u64 },
    /// Seconds since 1970, rising with the row.
    Clock { offset: i64 },
}

/// What a number becomes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Int,
    /// Hundredths.
    Float,
    /// A file size, of so many bytes each.
    Size(i64),
    /// A datetime; the number counts seconds.
    Moment,
    /// The same as thousandths of a second.
    Millis,
}

impl Number {
    /// The value for a row or element.
    pub(super) fn value(&self, number: u64, span: Span) -> Value {
        let plain = match self.source {
            Source::Fixed(fixed) => fixed,
            Source::Hashed { hash, least, spread } => {
                let within = mix::mix(hash, number) % spread.max(1);
                least.saturating_add(i64::try_from(within).unwrap_or(0))
            }
            Source::Clock { offset } => {
                let minutes = i64::try_from(number.min(LAST_MINUTE)).unwrap_or(0);
                EPOCH + offset + minutes * MINUTE
            }
        };
        self.form.value(plain.clamp(self.bounds.0, self.bounds.1), span)
    }
}

impl Form {
    /// How the decoder would show a number of that unit.
    pub(super) fn of(unit: Option<Unit>) -> Option<Self> {
        Some(match unit? {
            Unit::Bytes => Self::Size(1),
            Unit::KiB => Self::Size(1 << 10),
            Unit::MiB => Self::Size(1 << 20),
            Unit::GiB => Self::Size(1 << 30),
            Unit::TiB => Self::Size(1 << 40),
            Unit::EpochSeconds => Self::Moment,
            Unit::EpochMillis => Self::Millis,
            Unit::PolicyDocument => return None,
        })
    }

    pub(super) fn value(self, number: i64, span: Span) -> Value {
        let moment = |seconds: i64| {
            let moment = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
            Value::date(moment.fixed_offset(), span)
        };
        match self {
            Self::Int => Value::int(number, span),
            Self::Float => Value::float(hundredths(number), span),
            Self::Size(factor) => Value::filesize(Filesize::new(number.saturating_mul(factor)), span),
            Self::Moment => moment(number),
            Self::Millis => moment(number / 1000),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "mock numbers are small, and the model's bounds are doubles")]
fn hundredths(number: i64) -> f64 {
    number as f64 / 100.0
}

/// A datetime member.
pub(super) fn moment(place: &Place<'_>) -> Number {
    Number { source: clock(&kebab(place.member)), form: Form::Moment, bounds: (i64::MIN, i64::MAX) }
}

/// What ends comes after what begins.
fn clock(name: &str) -> Source {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let offset = if has(&["expir", "valid", "renew", "until"]) {
        YEAR
    } else if has(&["end", "stop", "last", "updat", "modif", "complet", "finish", "delet"]) {
        MINUTE / 2
    } else {
        0
    };
    Source::Clock { offset }
}

/// A numeric member, or a text that the reviewed table takes for a number.
pub(super) fn number(
    world: &World<'_>,
    place: &Place<'_>,
    form: Form,
    unit: Option<Unit>,
    range: Range,
) -> Number {
    let name = kebab(place.member);
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let hash = world.hash(place);
    let source = match unit {
        Some(Unit::EpochSeconds | Unit::EpochMillis) => clock(&name),
        Some(Unit::Bytes) => Source::Hashed { hash, least: 1, spread: 10_000_000 },
        Some(_) => Source::Hashed { hash, least: 1, spread: 1000 },
        None if name == "quantity" => Source::Fixed(i64::try_from(ELEMENTS).unwrap_or(0)),
        None if name.ends_with("port") => Source::Fixed(443),
        None if has(&["status-code", "http-status"]) => Source::Fixed(200),
        None if name.ends_with("version") => Source::Fixed(1),
        None if has(&["percent"]) => Source::Hashed { hash, least: 0, spread: 101 },
        None if has(&["bytes", "size", "length"]) => Source::Hashed { hash, least: 1, spread: 1_000_000 },
        None if has(&["count", "number", "quantity", "total", "capacity"]) => {
            Source::Hashed { hash, least: 1, spread: 10 }
        }
        None if has(&["second", "duration", "timeout", "interval"]) => {
            Source::Hashed { hash, least: 1, spread: 3600 }
        }
        None if matches!(form, Form::Float) => Source::Hashed { hash, least: 0, spread: 10_000 },
        None => Source::Hashed { hash, least: 1, spread: 100 },
    };
    // The clock counts seconds.
    let form = if matches!(form, Form::Millis) { Form::Moment } else { form };
    Number { source, form, bounds: bounds(range, form) }
}

/// The model's bounds as whole numbers, in what the form counts.
fn bounds(range: Range, form: Form) -> (i64, i64) {
    let scale = if matches!(form, Form::Float) { 100.0 } else { 1.0 };
    // Bounds of milliseconds would not fit seconds.
    if matches!(form, Form::Moment) {
        return (i64::MIN, i64::MAX);
    }
    let least = range.min.map_or(i64::MIN, |min| whole((min * scale).ceil()));
    let most = range.max.map_or(i64::MAX, |max| whole((max * scale).floor()));
    (least, most.max(least))
}

/// A whole double as an integer; beyond the integers their last one.
pub(super) fn whole(number: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what a bound wants")]
    let whole = number as i64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(form: Form, source: Source, bounds: (i64, i64), number: u64) -> Value {
        Number { source, form, bounds }.value(number, Span::test_data())
    }

    #[test]
    fn forms_are_what_the_decoder_gives() {
        let all = (i64::MIN, i64::MAX);
        let value = |form| made(form, Source::Fixed(1_704_067_200), all, 0);
        assert_eq!(value(Form::Int), Value::test_int(EPOCH));
        assert_eq!(value(Form::Size(1024)), Value::test_filesize(EPOCH * 1024));
        assert_eq!(value(Form::Moment).as_date().unwrap().to_rfc3339(), "2024-01-01T00:00:00+00:00");
        assert_eq!(made(Form::Float, Source::Fixed(1250), all, 0), Value::test_float(12.5));
    }

    #[test]
    fn numbers_stay_within_bounds_and_dates_rise() {
        let hashed = Source::Hashed { hash: 1, least: 1, spread: 1_000_000 };
        assert_eq!(made(Form::Int, hashed, (3, 3), 9), Value::test_int(3));
        assert_eq!(bounds(Range { min: Some(0.5), max: Some(2.5) }, Form::Int), (1, 2));
        assert_eq!(bounds(Range { min: Some(0.5), max: None }, Form::Float).0, 50);
        let at = |number| made(Form::Moment, clock("created-at"), (0, 0), number);
        let rising = |number| made(Form::Moment, clock("created-at"), (i64::MIN, i64::MAX), number);
        assert!(rising(1) < rising(2) && rising(u64::MAX) > rising(2));
        assert_eq!(at(1), at(2));
    }
}
