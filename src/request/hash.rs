//! One text for all spellings of the same parameters.

use super::Request;
use nu_protocol::{Record, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What stands for no parameters at all, as in the keys of existing scripts.
const NO_PARAMETERS: &str = "empty-params";

impl Request {
    /// 32 hexadecimal digits that are the same for the same parameters, whatever their order and spelling, at every
    /// depth; nulls are parameters that are not there.
    pub fn parameters_hash(&self) -> String {
        if self.input.iter().all(|(_, value)| value.is_nothing()) {
            return NO_PARAMETERS.into();
        }
        let mut hash = Sha256::new();
        record(&self.input, &mut hash);
        let mut text = String::with_capacity(32);
        for byte in hash.finalize().iter().take(16) {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// A part with its length in front, so that no two values are the same bytes.
fn part(kind: u8, bytes: &[u8], hash: &mut Sha256) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn record(record: &Record, hash: &mut Sha256) {
    let mut fields: Vec<(&String, &Value)> = record.iter().filter(|(_, value)| !value.is_nothing()).collect();
    fields.sort_by_key(|(name, _)| *name);
    hash.update([b'{']);
    for (name, value) in fields {
        part(b'k', name.as_bytes(), hash);
        value_into(value, hash);
    }
    hash.update([b'}']);
}

fn value_into(value: &Value, hash: &mut Sha256) {
    match value {
        Value::Bool { val, .. } => part(b'b', &[u8::from(*val)], hash),
        Value::Int { val, .. } => part(b'i', &val.to_be_bytes(), hash),
        Value::Float { val, .. } => part(b'f', &val.to_be_bytes(), hash),
        Value::String { val, .. } => part(b's', val.as_bytes(), hash),
        Value::Binary { val, .. } => part(b'x', val, hash),
        Value::Date { val, .. } => {
            part(b'd', &val.timestamp().to_be_bytes(), hash);
            part(b'n', &val.timestamp_subsec_nanos().to_be_bytes(), hash);
        }
        Value::List { vals, .. } => {
            hash.update([b'[']);
            for value in vals {
                value_into(value, hash);
            }
            hash.update([b']']);
        }
        Value::Record { val, .. } => record(val, hash),
        // Canonical input holds nothing else but nulls in lists.
        _ => hash.update([b'0']),
    }
}
