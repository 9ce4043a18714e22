//! Points in time: the three formats that requests are written in, and all that answers have been seen with.

use crate::model::TimestampFormat;
use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc,
};

/// A point in time as [`nu_protocol::Value`] holds it; always UTC here.
pub(super) type Moment = DateTime<FixedOffset>;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Writes a moment. ISO and epoch carry microseconds where there are any, as botocore does; HTTP dates have none.
pub(super) fn format(moment: &Moment, format: TimestampFormat) -> String {
    let utc = moment.with_timezone(&Utc);
    match format {
        TimestampFormat::Iso8601 => {
            let seconds = utc.format_seconds();
            match utc.nanosecond() / 1000 {
                0 => format!("{seconds}Z"),
                micros => format!("{seconds}.{micros:06}Z"),
            }
        }
        TimestampFormat::Epoch => epoch(moment),
        TimestampFormat::HttpDate => format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
            DAYS.get(utc.weekday().num_days_from_monday() as usize).copied().unwrap_or_default(),
            utc.day(),
            MONTHS.get(utc.month0() as usize).copied().unwrap_or_default(),
            utc.year(),
            utc.hour(),
            utc.minute(),
            utc.second()
        ),
    }
}

/// Seconds since 1970 with at most six decimals, exact: no float is involved.
pub(super) fn epoch(moment: &Moment) -> String {
    let micros = moment.timestamp_micros();
    let sign = if micros < 0 { "-" } else { "" };
    let (seconds, fraction) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    if fraction == 0 {
        return format!("{sign}{seconds}");
    }
    let digits = format!("{fraction:06}");
    format!("{sign}{seconds}.{}", digits.trim_end_matches('0'))
}

trait Seconds {
    fn format_seconds(&self) -> String;
}

impl Seconds for DateTime<Utc> {
    fn format_seconds(&self) -> String {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year(),
            self.month(),
            self.day(),
            self.hour(),
            self.minute(),
            self.second()
        )
    }
}

/// From whole seconds since 1970.
pub(super) fn from_seconds(seconds: i64) -> Option<Moment> {
    DateTime::from_timestamp(seconds, 0).map(|moment| moment.fixed_offset())
}

/// From whole milliseconds since 1970.
pub(super) fn from_millis(millis: i64) -> Option<Moment> {
    DateTime::from_timestamp_millis(millis).map(|moment| moment.fixed_offset())
}

/// From seconds since 1970, rounded to the microsecond: a double holds no more for dates of our age.
pub(super) fn from_float(seconds: f64) -> Option<Moment> {
    // Far outside of what chrono can hold, and exact as an integer.
    const LIMIT: f64 = 1e13;
    if !(-LIMIT..LIMIT).contains(&seconds) {
        return None;
    }
    let whole = seconds.floor();
    let micros = ((seconds - whole) * 1e6).round();
    #[expect(clippy::cast_possible_truncation, reason = "both are bounded by LIMIT and without fraction")]
    let (whole, micros) = (whole as i64, micros as i64);
    let start = DateTime::from_timestamp(whole, 0)?;
    start.checked_add_signed(TimeDelta::microseconds(micros)).map(|moment| moment.fixed_offset())
}

/// Reads any text that AWS has been seen to send for a timestamp: seconds since 1970, ISO 8601 in its common spellings,
/// HTTP dates. Without an offset it is UTC.
pub(super) fn parse(text: &str) -> Option<Moment> {
    let text = text.trim();
    iso(text).or_else(|| number(text)).or_else(|| http_date(text))
}

/// Seconds as text: decimals exactly, powers of ten by way of a double.
fn number(text: &str) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let exact = whole.parse().ok().and_then(from_seconds).zip(nanos(fraction));
    let Some((start, nanos)) = exact else { return text.parse().ok().and_then(from_float) };
    let nanos = TimeDelta::nanoseconds(i64::from(nanos));
    if text.starts_with('-') { start.checked_sub_signed(nanos) } else { start.checked_add_signed(nanos) }
}

/// The digits behind a decimal point; those beyond nanoseconds are dropped.
fn nanos(fraction: &str) -> Option<u32> {
    let mut nanos = 0;
    let mut unit = 100_000_000;
    for byte in fraction.bytes() {
        nanos += digits(&[byte])? * unit;
        unit /= 10;
    }
    Some(nanos)
}

/// As `2020-01-02T03:04:05.678Z`, with a space for the `T`, without seconds or without a time, with any offset.
fn iso(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    if bytes.get(4) != Some(&b'-') {
        return basic_iso(text);
    }
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(digits(bytes.get(..4)?)?).ok()?,
        digits(bytes.get(5..7)?)?,
        digits(bytes.get(8..10)?)?,
    )?;
    if bytes.get(7) != Some(&b'-') {
        return None;
    }
    let Some(rest) = text.get(10..).filter(|rest| !rest.is_empty()) else {
        return Some(date.and_time(NaiveTime::MIN).and_utc().fixed_offset());
    };
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, offset) = split_offset(clock)?;
    shift(date.and_time(time(clock)?), offset)
}

/// As `20200102T030405Z`.
fn basic_iso(text: &str) -> Option<Moment> {
    let (date, clock) = text.split_once('T')?;
    let (clock, offset) = split_offset(clock)?;
    if date.len() != 8 || clock.len() != 6 {
        return None;
    }
    let (date, clock) = (date.as_bytes(), clock.as_bytes());
    let year = i32::try_from(digits(date.get(..4)?)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, digits(date.get(4..6)?)?, digits(date.get(6..)?)?)?;
    let clock = NaiveTime::from_hms_opt(
        digits(clock.get(..2)?)?,
        digits(clock.get(2..4)?)?,
        digits(clock.get(4..)?)?,
    )?;
    shift(date.and_time(clock), offset)
}

/// As `Thu, 02 Jan 2020 03:04:05 GMT`; the weekday and the comma may be missing, the year may have two digits, words
/// may be joined by `-`, and `Thu Jan  2 03:04:05 2020` is read as well.
fn http_date(text: &str) -> Option<Moment> {
    let (mut day, mut month, mut year, mut clock, mut offset) = (None, None, None, None, 0);
    for (index, word) in text.split([' ', ',', '-']).filter(|word| !word.is_empty()).enumerate() {
        if word.contains(':') {
            clock = Some(time(word)?);
        } else if let Some(found) = month_of(word).filter(|_| month.is_none()) {
            month = Some(found);
        } else if let Some(found) = digits(word.as_bytes()).filter(|_| !word.starts_with('+')) {
            if word.len() == 4 && clock.is_some() && year.is_some() {
                // The `-` of a negative offset was taken for a joint.
                offset = -offset_minutes(word)?;
            } else if day.is_none() {
                day = Some(found);
            } else {
                year = Some(if word.len() == 2 { century(found) } else { found });
            }
        } else if let Some(ahead) = word.strip_prefix('+') {
            offset = offset_minutes(ahead)?;
        } else if !(matches!(word, "GMT" | "UTC" | "Z") || index == 0) {
            return None;
        }
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year?).ok()?, month?, day?)?;
    shift(date.and_time(clock?), offset)
}

// RFC 6265, section 5.1.1: two digits from 70 on are of the last century.
fn century(year: u32) -> u32 {
    if year < 70 { 2000 + year } else { 1900 + year }
}

fn month_of(word: &str) -> Option<u32> {
    let short = word.get(..3)?;
    let index = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(short))?;
    u32::try_from(index + 1).ok()
}

/// As `03:04:05.678`, fraction and seconds optional.
fn time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.splitn(3, ':');
    let hour = digits(parts.next()?.as_bytes())?;
    let minute = digits(parts.next()?.as_bytes())?;
    let Some(seconds) = parts.next() else { return NaiveTime::from_hms_opt(hour, minute, 0) };
    let (seconds, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, ""));
    NaiveTime::from_hms_nano_opt(hour, minute, digits(seconds.as_bytes())?, nanos(fraction)?)
}

/// Splits `03:04:05+01:00` into the clock and minutes east of Greenwich.
fn split_offset(clock: &str) -> Option<(&str, i32)> {
    let clock = clock.trim_end();
    if let Some(utc) = clock.strip_suffix(['Z', 'z']) {
        return Some((utc, 0));
    }
    if let Some(utc) = clock.strip_suffix("UTC").or_else(|| clock.strip_suffix("GMT")) {
        return Some((utc.trim_end(), 0));
    }
    match clock.rfind(['+', '-']) {
        None => Some((clock, 0)),
        Some(at) => {
            let (time, offset) = clock.split_at_checked(at)?;
            let sign = if offset.starts_with('-') { -1 } else { 1 };
            Some((time.trim_end(), sign * offset_minutes(offset.get(1..)?)?))
        }
    }
}

/// Minutes of `0100`, `01:00` or `01`.
fn offset_minutes(text: &str) -> Option<i32> {
    let (hours, minutes) = match text.split_once(':') {
        Some(parts) => parts,
        None => text.split_at_checked(2)?,
    };
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes.as_bytes())? };
    i32::try_from(digits(hours.as_bytes())? * 60 + minutes).ok()
}

fn shift(local: NaiveDateTime, minutes_east: i32) -> Option<Moment> {
    let utc = local.checked_sub_signed(TimeDelta::minutes(i64::from(minutes_east)))?;
    Some(utc.and_utc().fixed_offset())
}

/// A short run of ASCII digits as a number.
fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 8 {
        return None;
    }
    text.iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn micros(text: &str) -> Option<i64> {
        parse(text).map(|moment| moment.timestamp_micros())
    }

    #[test]
    fn all_spellings_of_one_moment() {
        for text in [
            "2020-01-02T03:04:05Z",
            "2020-01-02T03:04:05.000Z",
            "2020-01-02 03:04:05",
            "2020-01-02T03:04:05",
            "2020-01-02T04:04:05+01:00",
            "2020-01-02T04:04:05+0100",
            "2020-01-02T04:04:05+01",
            "2020-01-01T22:04:05-0500",
            "20200102T030405Z",
            "2020-01-02T03:04:05 UTC",
            "1577934245",
            "1577934245.0",
            "1.577934245E9",
            "Thu, 02 Jan 2020 03:04:05 GMT",
            "Thu, 02 Jan 2020 04:04:05 +0100",
            "Wed, 01 Jan 2020 22:04:05 -0500",
            "02 Jan 2020 03:04:05 GMT",
            "Thursday, 02-Jan-20 03:04:05 GMT",
            "Thu Jan  2 03:04:05 2020",
            " 2020-01-02T03:04:05Z\n",
        ] {
            assert_eq!(micros(text), Some(1_577_934_245_000_000), "{text}");
        }
    }

    #[test]
    fn parts_may_be_missing() {
        assert_eq!(micros("2020-01-02"), Some(1_577_923_200_000_000));
        assert_eq!(micros("2020-01-02T03:04Z"), Some(1_577_934_240_000_000));
    }

    #[test]
    fn fractions_are_exact() {
        assert_eq!(micros("1577934245.123456"), Some(1_577_934_245_123_456));
        assert_eq!(micros("2020-01-02T03:04:05.123456Z"), Some(1_577_934_245_123_456));
        assert_eq!(micros("-0.5"), Some(-500_000));
        assert_eq!(from_float(1.003_691).map(|moment| moment.timestamp_micros()), Some(1_003_691));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in
            ["", "x", "never", "2020-13-01", "2020-01-32T00:00:00Z", "NaN", "inf", "1e300", "2020-01-02T"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn formats() {
        let moment = parse("2020-01-02T03:04:05.120000Z").unwrap();
        assert_eq!(format(&moment, TimestampFormat::Iso8601), "2020-01-02T03:04:05.120000Z");
        assert_eq!(format(&moment, TimestampFormat::Epoch), "1577934245.12");
        assert_eq!(format(&moment, TimestampFormat::HttpDate), "Thu, 02 Jan 2020 03:04:05 GMT");
        let whole = parse("1577934245").unwrap();
        assert_eq!(format(&whole, TimestampFormat::Iso8601), "2020-01-02T03:04:05Z");
        assert_eq!(format(&whole, TimestampFormat::Epoch), "1577934245");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
            let moment = DateTime::from_timestamp_micros(micros).unwrap().fixed_offset();
            prop_assert_eq!(parse(&format(&moment, TimestampFormat::Iso8601)), Some(moment));
            prop_assert_eq!(parse(&format(&moment, TimestampFormat::Epoch)), Some(moment));
            let whole = from_seconds(micros.div_euclid(1_000_000)).unwrap();
            prop_assert_eq!(parse(&format(&whole, TimestampFormat::Epoch)), Some(whole));
            prop_assert_eq!(parse(&format(&whole, TimestampFormat::HttpDate)), Some(whole));
        }

        // Up to 2242: there a double stops telling microseconds apart.
        #[test]
        fn doubles_keep_their_microseconds(micros in 0..(1_i64 << 33) * 1_000_000) {
            let moment = DateTime::from_timestamp_micros(micros).unwrap().fixed_offset();
            let seconds = format(&moment, TimestampFormat::Epoch).parse().unwrap();
            prop_assert_eq!(from_float(seconds), Some(moment));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse(&text);
        }

        #[test]
        fn nothing_date_like_panics(text in "[0-9TZ:+. ,JanGMT-]{0,40}") {
            let _ = parse(&text);
        }
    }
}
