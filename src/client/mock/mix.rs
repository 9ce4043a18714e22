//! Hashes that stay the same for ever: mock data must not change with the compiler.

use nu_protocol::{Record, Value};

/// Mixes two numbers into one whose bits all depend on both (the finaliser of SplitMix64).
pub(super) fn mix(left: u64, right: u64) -> u64 {
    let mut bits = left ^ right.wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xD134_2543_DE82_EF95);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// Mixes bytes in (FNV-1a, then [`mix`]).
pub(super) fn bytes(seed: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    mix(seed, bytes.iter().fold(0xCBF2_9CE4_8422_2325, step))
}

/// Mixes a record in, spans aside.
pub(super) fn record(seed: u64, record: &Record) -> u64 {
    record.iter().fold(mix(seed, 1), |hash, (name, item)| value(bytes(hash, name.as_bytes()), item))
}

fn value(seed: u64, item: &Value) -> u64 {
    match item {
        Value::String { val, .. } => bytes(seed, val.as_bytes()),
        Value::Binary { val, .. } => bytes(mix(seed, 2), val),
        Value::Int { val, .. } => mix(seed, val.cast_unsigned()),
        Value::Bool { val, .. } => mix(seed, 3 + u64::from(*val)),
        Value::Float { val, .. } => mix(seed, val.to_bits()),
        Value::Date { val, .. } => mix(seed, val.timestamp_micros().cast_unsigned()),
        Value::List { vals, .. } => vals.iter().fold(mix(seed, 5), value),
        Value::Record { val, .. } => record(seed, val),
        // Canonical input has no other kinds.
        _ => mix(seed, 6),
    }
}

/// A number from 0 to under 1.
pub(super) fn share(hash: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exactly what a double holds")]
    let share = (hash >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::{Span, record};

    #[test]
    fn hashes_are_pinned() {
        assert_eq!(mix(0, 0), mix(0, 0));
        assert_eq!(bytes(7, b"ec2"), 0x1F61_8D4A_1C7F_4AF4);
    }

    #[test]
    fn records_differ_by_names_values_and_kinds_but_not_by_spans() {
        let hash = |item: Value| record(0, &record! { "a" => item });
        assert_eq!(hash(Value::test_int(1)), hash(Value::int(1, Span::new(3, 4))));
        assert_ne!(hash(Value::test_int(1)), hash(Value::test_string("1")));
        assert_ne!(hash(Value::test_int(1)), record(0, &record! { "b" => Value::test_int(1) }));
        assert_ne!(hash(Value::test_list(vec![])), hash(Value::test_record(Record::new())));
    }

    #[test]
    fn shares_spread_over_the_unit_interval() {
        let shares: Vec<f64> = (0..1000).map(|n| share(mix(1, n))).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        let below = shares.iter().filter(|share| **share < 0.1).count();
        assert!((50..150).contains(&below), "{below}");
    }
}
