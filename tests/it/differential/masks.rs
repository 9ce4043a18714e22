//! What is random or follows the clock is masked on both sides.

/// Random ids, and the date and signature of URLs and forms that carry theirs.
pub(super) fn masked(bytes: &[u8]) -> Vec<u8> {
    let mut masked = bytes.to_vec();
    for start in 0..masked.len().saturating_sub(35) {
        if is_uuid(&masked[start..start + 36]) {
            masked[start..start + 36].fill(b'u');
        }
    }
    for name in ["X-Amz-Date", "X-Amz-Signature", "Timestamp", "Signature"] {
        for (equals, end) in [("=", &b"&"[..]), ("%3D", b"%26")] {
            masked = cut(&masked, format!("{name}{equals}").as_bytes(), end);
        }
    }
    masked
}

pub(super) fn masked_text(text: &str) -> String {
    String::from_utf8(masked(text.as_bytes())).unwrap()
}

fn is_uuid(bytes: &[u8]) -> bool {
    let fits = |(place, byte): (usize, &u8)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(byte),
    };
    bytes.iter().enumerate().all(fits)
}

/// Without what stands between `start` and the next `end`, `&` or the end of all.
fn cut(bytes: &[u8], start: &[u8], end: &[u8]) -> Vec<u8> {
    let Some(at) = bytes.windows(start.len()).position(|window| window == start) else {
        return bytes.to_vec();
    };
    let from = at + start.len();
    let rest = &bytes[from..];
    let stop = (0..rest.len()).find(|place| rest[*place..].starts_with(end) || rest[*place] == b'&');
    [&bytes[..from], &rest[stop.unwrap_or(rest.len())..]].concat()
}
