//! Texts that carry the number of their row, and that look like what their name says.

use super::mix;

/// A text of one member, ready to be written for any number.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) style: Style,
    /// Numbers are taken modulo this, so that many rows refer to few things (instances to their VPC).
    pub(super) modulo: Option<u64>,
    /// Characters at least.
    pub(super) min: usize,
    /// Characters at most.
    pub(super) max: usize,
}

/// The looks of a text. All are ASCII.
#[derive(Debug, Clone)]
pub(super) enum Style {
    /// Always the same.
    Fixed(String),
    /// The number in six or more digits between two texts.
    Numbered(String, &'static str),
    /// The number in nine hexadecimal digits behind a text: an id such as `i-0a1b2c3d000000012`.
    Resource(String),
    /// A UUID that ends with the number.
    Uuid(u64),
    /// Hexadecimal digits without meaning, that many.
    Hex(u64, usize),
    /// One of several, in turn, beginning somewhere.
    Cycle(Vec<Box<str>>, u64),
    /// The number alone.
    Digits,
    /// An IPv4 address of 10.0.0.0/8.
    PrivateIp,
    /// An IPv4 address of the documentation block.
    PublicIp,
    /// An IPv6 address of the documentation block.
    Ipv6,
    /// A hardware address, locally administered.
    Mac,
    /// An IPv4 network.
    Cidr,
}

impl Text {
    pub(super) fn new(style: Style) -> Self {
        Self { style, modulo: None, min: 0, max: usize::MAX }
    }

    /// Writes the text for a number.
    pub(super) fn write(&self, number: u64) -> String {
        let number = self.modulo.map_or(number, |modulo| number % modulo);
        let mut text = String::with_capacity(40);
        match &self.style {
            Style::Fixed(fixed) => text.push_str(fixed),
            Style::Numbered(before, after) => {
                text.push_str(before);
                decimal(&mut text, number, 6);
                text.push_str(after);
            }
            Style::Resource(before) => {
                text.push_str(before);
                hexadecimal(&mut text, number, 9);
            }
            Style::Uuid(hash) => {
                hexadecimal(&mut text, hash >> 32, 8);
                text.push('-');
                hexadecimal(&mut text, hash >> 16 & 0xFFFF, 4);
                text.push_str("-4");
                hexadecimal(&mut text, hash & 0xFFF, 3);
                text.push_str("-8000-");
                hexadecimal(&mut text, number & 0xFFFF_FFFF_FFFF, 12);
            }
            Style::Hex(hash, length) => hex(&mut text, mix::mix(*hash, number), *length),
            Style::Cycle(values, offset) => {
                let length = values.len().max(1) as u64;
                let index = number.wrapping_add(*offset) % length;
                text.push_str(
                    usize::try_from(index).ok().and_then(|index| values.get(index)).map_or("", |v| v),
                );
            }
            Style::Digits => decimal(&mut text, number, 1),
            Style::PrivateIp => {
                text.push_str("10");
                for shift in [16, 8, 0] {
                    text.push('.');
                    decimal(&mut text, number >> shift & 0xFF, 1);
                }
            }
            Style::PublicIp => {
                text.push_str("203.0.113.");
                decimal(&mut text, number & 0xFF, 1);
            }
            Style::Ipv6 => {
                text.push_str("2001:db8::");
                hexadecimal(&mut text, number & 0xFFFF, 1);
            }
            Style::Mac => {
                text.push_str("02:00:00");
                for shift in [16, 8, 0] {
                    text.push(':');
                    hexadecimal(&mut text, number >> shift & 0xFF, 2);
                }
            }
            Style::Cidr => {
                text.push_str("10.");
                decimal(&mut text, number & 0xFF, 1);
                text.push_str(".0.0/16");
            }
        }
        self.fit(text)
    }

    /// Within the model's bounds: the end is kept, since it is what tells rows apart.
    fn fit(&self, mut text: String) -> String {
        if text.len() > self.max {
            text.drain(..text.len() - self.max);
        }
        while text.len() < self.min {
            text.push('0');
        }
        text
    }

    /// The number that a text of this style was written for, for texts that serve as tokens.
    pub(super) fn read(&self, text: &str) -> Option<u64> {
        match &self.style {
            Style::Numbered(before, after) => {
                text.strip_prefix(before.as_str())?.strip_suffix(after)?.parse().ok()
            }
            _ => None,
        }
    }
}

/// Decimal digits with leading zeros.
fn decimal(text: &mut String, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        // The remainder is below 10.
        *digit += u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        used += 1;
        if number == 0 && used >= width {
            break;
        }
    }
    let digits = digits.get(digits.len() - used..).unwrap_or_default();
    text.push_str(std::str::from_utf8(digits).unwrap_or_default());
}

/// Hexadecimal digits with leading zeros, at most sixteen.
fn hexadecimal(text: &mut String, number: u64, width: u32) {
    let needed = (64 - number.leading_zeros()).div_ceil(4);
    for place in (0..needed.max(width).min(16)).rev() {
        let digit = u32::try_from(number >> (4 * place) & 0xF).unwrap_or(0);
        text.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}

fn hex(text: &mut String, mut hash: u64, length: usize) {
    let end = text.len() + length;
    while text.len() < end {
        hexadecimal(text, hash, 16);
        hash = mix::mix(hash, 1);
    }
    text.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(style: Style, number: u64) -> String {
        Text::new(style).write(number)
    }

    #[test]
    fn every_style_writes_its_number() {
        assert_eq!(written(Style::Numbered("a-".into(), ".txt"), 12), "a-000012.txt");
        assert_eq!(written(Style::Numbered("a-".into(), ""), u64::MAX), format!("a-{}", u64::MAX));
        assert_eq!(written(Style::Resource("i-0abcdef0".into()), 255), "i-0abcdef00000000ff");
        assert_eq!(written(Style::Uuid(0x1234_5678_9ABC_DEF0), 16), "12345678-9abc-4ef0-8000-000000000010");
        assert_eq!(written(Style::Hex(1, 40), 5).len(), 40);
        assert_eq!(written(Style::Cycle(vec!["a".into(), "b".into()], 1), 2), "b");
        assert_eq!(written(Style::Cycle(vec![], 1), 2), "");
        assert_eq!(written(Style::Digits, 0), "0");
        assert_eq!(written(Style::PrivateIp, 0x01_02_03), "10.1.2.3");
        assert_eq!(written(Style::PublicIp, 300), "203.0.113.44");
        assert_eq!(written(Style::Ipv6, 255), "2001:db8::ff");
        assert_eq!(written(Style::Mac, 0x0A_0B), "02:00:00:00:0a:0b");
        assert_eq!(written(Style::Cidr, 7), "10.7.0.0/16");
    }

    #[test]
    fn bounds_keep_the_end_and_the_number() {
        let mut text = Text::new(Style::Numbered("instance-".into(), ""));
        text.max = 8;
        assert_eq!(text.write(3), "e-000003");
        (text.max, text.min) = (usize::MAX, 20);
        assert_eq!(text.write(3), "instance-00000300000");
        text.modulo = Some(2);
        assert_eq!(text.write(3), "instance-00000100000");
    }

    #[test]
    fn numbers_are_read_back() {
        let text = Text::new(Style::Numbered("shard-".into(), ""));
        assert_eq!(text.read(&text.write(1_234_567)), Some(1_234_567));
        assert_eq!(text.read("other-000001"), None);
    }
}
