//! CBOR (RFC 8949) for serde, as far as answers need it: tags are passed over, since shapes say what a value is.
//! Lengths are not trusted, depth is bounded.

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use std::{borrow::Cow, fmt};

/// Nested values at most; the same as for JSON.
const MAX_DEPTH: usize = 128;
const BREAK: u8 = 0xff;

/// Why bytes are not the CBOR that was expected.
#[derive(Debug)]
pub(super) struct CborError(Box<str>);

impl fmt::Display for CborError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CborError {}

impl de::Error for CborError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string().into())
    }
}

/// One document.
pub(super) struct CborReader<'de> {
    rest: &'de [u8],
    depth: usize,
}

/// The first byte of an item, taken apart; an indefinite length has no argument.
struct Head {
    major: u8,
    info: u8,
    argument: Option<u64>,
}

impl<'de> CborReader<'de> {
    pub(super) fn new(body: &'de [u8]) -> Self {
        Self { rest: body, depth: 0 }
    }

    /// Checks that nothing is left.
    pub(super) fn end(&self) -> Result<(), CborError> {
        if self.rest.is_empty() { Ok(()) } else { Err(error("something follows the end of the CBOR")) }
    }

    fn take(&mut self, length: u64) -> Result<&'de [u8], CborError> {
        let length = usize::try_from(length).map_err(|_| ended())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(ended)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, CborError> {
        let (first, rest) = self.rest.split_first().ok_or_else(ended)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Whether an item of indefinite length ends here.
    fn ends(&mut self) -> bool {
        let ends = self.rest.first() == Some(&BREAK);
        if ends {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        ends
    }

    fn head(&mut self) -> Result<Head, CborError> {
        let first = self.byte()?;
        let (major, info) = (first >> 5, first & 0x1f);
        let argument = match info {
            0..=23 => Some(u64::from(info)),
            24..=27 => {
                let bytes = self.take(1 << (info - 24))?;
                Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
            }
            31 if matches!(major, 2..=5) => None,
            _ => return Err(error("not CBOR: a byte that cannot start an item")),
        };
        Ok(Head { major, info, argument })
    }

    /// The content of a string, which may come in pieces.
    fn string(&mut self, head: &Head) -> Result<Cow<'de, [u8]>, CborError> {
        if let Some(length) = head.argument {
            return self.take(length).map(Cow::Borrowed);
        }
        let mut whole = Vec::new();
        while !self.ends() {
            match self.head()? {
                Head { major, argument: Some(length), .. } if major == head.major => {
                    whole.extend_from_slice(self.take(length)?);
                }
                _ => return Err(error("not CBOR: a string in pieces that are none")),
            }
        }
        Ok(Cow::Owned(whole))
    }

    fn text<V: Visitor<'de>>(&mut self, head: &Head, visitor: V) -> Result<V::Value, CborError> {
        let not_text = |_| error("a text is not UTF-8");
        match self.string(head)? {
            Cow::Borrowed(bytes) => visitor.visit_borrowed_str(std::str::from_utf8(bytes).map_err(not_text)?),
            Cow::Owned(bytes) => visitor.visit_str(std::str::from_utf8(&bytes).map_err(not_text)?),
        }
    }

    fn container<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, CborError>) -> Result<T, CborError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(error("values are nested too deep"));
        }
        let read = read(self)?;
        self.depth -= 1;
        Ok(read)
    }
}

fn error(message: &str) -> CborError {
    CborError(message.into())
}

fn ended() -> CborError {
    error("the CBOR ends too early")
}

/// A float of 16 bits, by the arithmetic of RFC 8949, appendix D.
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => mantissa * 2_f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2_f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

impl<'de> Deserializer<'de> for &mut CborReader<'de> {
    type Error = CborError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        let head = self.head()?;
        match (head.major, head.argument) {
            (0, Some(number)) => visitor.visit_u64(number),
            (1, Some(number)) => match i64::try_from(number) {
                // -1 - number, which cannot overflow.
                Ok(number) => visitor.visit_i64(!number),
                #[expect(clippy::cast_precision_loss, reason = "beyond what an integer can hold")]
                Err(_) => visitor.visit_f64(-1.0 - number as f64),
            },
            (2, _) => visitor.visit_bytes(&self.string(&head)?),
            (3, _) => self.text(&head, visitor),
            (4, left) => self.container(|reader| visitor.visit_seq(Items { reader, left })),
            (5, left) => self.container(|reader| visitor.visit_map(Items { reader, left })),
            (6, Some(_)) => self.container(|reader| reader.deserialize_any(visitor)),
            (7, Some(argument)) => match (head.info, argument) {
                (20, _) => visitor.visit_bool(false),
                (21, _) => visitor.visit_bool(true),
                (22 | 23, _) => visitor.visit_unit(),
                #[expect(clippy::cast_possible_truncation, reason = "that many bytes were read")]
                (25, bits) => visitor.visit_f64(half(bits as u16)),
                #[expect(clippy::cast_possible_truncation, reason = "that many bytes were read")]
                (26, bits) => visitor.visit_f64(f64::from(f32::from_bits(bits as u32))),
                (27, bits) => visitor.visit_f64(f64::from_bits(bits)),
                _ => Err(error("not CBOR that AWS uses: an unknown simple value")),
            },
            _ => Err(error("not CBOR: an item without a length")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        if let Some((0xf6 | 0xf7, rest)) = self.rest.split_first() {
            self.rest = rest;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The items of an array or map; `left` counts elements or pairs where their number is known.
struct Items<'a, 'de> {
    reader: &'a mut CborReader<'de>,
    left: Option<u64>,
}

impl Items<'_, '_> {
    fn next(&mut self) -> bool {
        match &mut self.left {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => !self.reader.ends(),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = CborError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, CborError> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = CborError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, CborError> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, CborError> {
        seed.deserialize(&mut *self.reader)
    }
}
