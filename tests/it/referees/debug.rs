//! What Rust's `{:?}` shows of a typed answer, as a tree that can be compared.
//!
//! The typed SDKs have no other way to look at all members of an answer.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::DateTime;
use serde_json::{Map, Value as Json, json};

/// Key of the name of an enum's variant, whose text only the SDK knows.
const VARIANT: &str = "$variant";

/// Members of our models that the release of the typed SDK does not know yet.
const NEWER: [&str; 3] = ["associatedkmskeys", "metriccategoryids", "versionid"];

/// What the SDK shows in the place of what is sensitive.
const REDACTED: &str = "*** Sensitive Data Redacted ***";

/// The tree of a value's debug text.
pub(super) fn tree(text: &str) -> Json {
    let mut parser = Parser { text, at: 0 };
    let tree = parser.value();
    parser.space();
    assert_eq!(parser.rest(), "", "at {} of {text}", parser.at);
    tree
}

/// The first place where our value differs from the typed one.
pub(super) fn difference(ours: &Json, typed: &Json) -> Option<String> {
    match (ours, typed) {
        (Json::Null, typed) if is_default(typed) => None,
        (_, Json::String(text)) if text == REDACTED => None,
        (Json::String(text), Json::Object(variant)) if variant.contains_key(VARIANT) => {
            let name = variant[VARIANT].as_str().unwrap();
            (key(text) != key(name)).then(|| format!(": {text} instead of {name}"))
        }
        // A structure without members is shown as its name.
        (Json::Object(ours), Json::Object(typed)) if ours.is_empty() && typed.contains_key(VARIANT) => None,
        (Json::Object(ours), Json::Object(typed)) => {
            let ours: Map<String, Json> =
                ours.iter().map(|(name, value)| (key(name), value.clone())).collect();
            let names = ours.keys().chain(typed.keys().filter(|name| !ours.contains_key(*name)));
            let names = names.filter(|name| typed.contains_key(*name) || !NEWER.contains(&name.as_str()));
            names.into_iter().find_map(|name| {
                let none = &Json::Null;
                let difference = difference(ours.get(name).unwrap_or(none), typed.get(name).unwrap_or(none))?;
                Some(format!(".{name}{difference}"))
            })
        }
        (Json::Array(ours), Json::Array(typed)) if ours.len() == typed.len() => ours
            .iter()
            .zip(typed)
            .enumerate()
            .find_map(|(index, (ours, typed))| Some(format!("[{index}]{}", difference(ours, typed)?))),
        (Json::Number(ours), Json::Number(typed)) => {
            // Floats of 32 bits are shown by their shortest text.
            let (left, right) = (ours.as_f64().unwrap(), typed.as_f64().unwrap());
            let near = (left - right).abs() <= left.abs() * f64::from(f32::EPSILON);
            let equal = if ours.is_i64() && typed.is_i64() { ours == typed } else { near };
            (!equal).then(|| format!(": {ours} instead of {typed}"))
        }
        // S3's markers of parts are text in the typed model.
        (Json::Number(ours), Json::String(typed)) if ours.to_string() == *typed => None,
        _ => (ours != typed).then(|| format!(": {ours} instead of {typed}")),
    }
}

/// Nothing, and what typed clients put where an answer says nothing.
fn is_default(typed: &Json) -> bool {
    match typed {
        Json::Null => true,
        Json::Bool(value) => !value,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::Array(values) => values.is_empty(),
        _ => false,
    }
}

/// A name without what its spelling in a language adds.
fn key(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Goes over a sign, if it comes next.
    fn eats(&mut self, sign: &str) -> bool {
        self.space();
        let comes = self.rest().starts_with(sign);
        self.at += if comes { sign.len() } else { 0 };
        comes
    }

    fn expect(&mut self, sign: &str) {
        assert!(self.eats(sign), "{sign} at {} of {}", self.at, self.text);
    }

    fn value(&mut self) -> Json {
        self.space();
        match self.rest().chars().next().unwrap() {
            '"' => Json::String(self.string()),
            '[' => Json::Array(self.values("[", "]")),
            '{' => self.map(),
            '-' | '0'..='9' => self.number(),
            _ => self.named(),
        }
    }

    fn values(&mut self, open: &str, close: &str) -> Vec<Json> {
        self.expect(open);
        let mut values = Vec::new();
        while !self.eats(close) {
            values.push(self.value());
            self.eats(",");
        }
        values
    }

    fn map(&mut self) -> Json {
        self.expect("{");
        let mut map = Map::new();
        while !self.eats("}") {
            let name = match self.value() {
                Json::String(name) => key(&name),
                variant => key(variant[VARIANT].as_str().unwrap()),
            };
            self.expect(":");
            map.insert(name, self.value());
            self.eats(",");
        }
        map.into()
    }

    fn string(&mut self) -> String {
        self.expect("\"");
        let mut text = String::new();
        loop {
            let letter = self.next();
            match letter {
                '"' => return text,
                '\\' => match self.next() {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '0' => text.push('\0'),
                    'u' => {
                        self.expect("{");
                        let digits = self.rest().split_once('}').unwrap().0.to_owned();
                        self.at += digits.len() + 1;
                        text.push(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).unwrap());
                    }
                    letter => text.push(letter),
                },
                letter => text.push(letter),
            }
        }
    }

    fn next(&mut self) -> char {
        let letter = self.rest().chars().next().unwrap();
        self.at += letter.len_utf8();
        letter
    }

    /// A number or a date.
    fn number(&mut self) -> Json {
        let end = self.rest().find(|letter: char| !letter.is_ascii_digit() && !"+-.eTZ:".contains(letter));
        let digits = self.rest()[..end.unwrap_or(self.rest().len())].to_owned();
        self.at += digits.len();
        if digits.ends_with('Z') {
            let date = DateTime::parse_from_rfc3339(&digits).unwrap();
            return json!(format!("t:{}", date.timestamp_micros()));
        }
        serde_json::from_str(&digits).unwrap()
    }

    /// `Some(…)`, structures, variants of enums.
    fn named(&mut self) -> Json {
        let end = self.rest().find(|letter: char| !letter.is_alphanumeric() && !"_#:".contains(letter));
        let name = self.rest()[..end.unwrap_or(self.rest().len())].to_owned();
        assert!(!name.is_empty(), "a value at {} of {}", self.at, self.text);
        self.at += name.len();
        if self.rest().starts_with('(') {
            let mut values = self.values("(", ")");
            return match (name.as_str(), values.pop()) {
                ("Some" | "Unknown" | "UnknownVariantValue", Some(value)) => value,
                (_, value) => json!({ key(&name): value }),
            };
        }
        if !self.rest().starts_with(" {") {
            return match name.as_str() {
                "None" => Json::Null,
                "true" | "false" => json!(name == "true"),
                _ => json!({ VARIANT: name }),
            };
        }
        let fields = self.fields();
        match name.as_str() {
            "Blob" => {
                let bytes: Vec<u8> = serde_json::from_value(fields["inner"].clone()).unwrap();
                json!(format!("b:{}", STANDARD.encode(bytes)))
            }
            _ => fields.into(),
        }
    }

    /// Fields but those of the SDK's own.
    fn fields(&mut self) -> Map<String, Json> {
        self.expect("{");
        let mut fields = Map::new();
        while !self.eats("}") {
            self.space();
            let name = self.rest().split_once(':').unwrap().0.to_owned();
            self.at += name.len();
            self.expect(":");
            let value = self.value();
            if !name.starts_with('_') {
                fields.insert(key(name.trim_start_matches("r#")), value);
            }
            self.eats(",");
        }
        fields
    }
}

#[test]
fn debug_texts_are_read_back() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "shown only")]
    enum Size {
        T2Micro,
    }
    #[derive(Debug)]
    #[allow(dead_code, reason = "shown only")]
    struct Shown {
        instance_id: Option<&'static str>,
        size: Size,
        none: Option<i32>,
        list: Vec<f64>,
        _request_id: Option<i32>,
    }
    let shown = Shown {
        instance_id: Some("é \"q\" \\ \n\u{7f}"),
        size: Size::T2Micro,
        none: None,
        list: vec![-1.5, 2.0],
        _request_id: Some(1),
    };
    let ours = json!({ "InstanceId": "é \"q\" \\ \n\u{7f}", "Size": "t2.micro", "List": [-1.5, 2.0] });
    let typed = tree(&format!("{shown:?}"));
    assert_eq!(difference(&ours, &typed), None);
    let other = json!({ "InstanceId": "é \"q\" \\ \n\u{7f}", "Size": "t2.nano", "List": [-1.5, 2.0] });
    assert_eq!(difference(&other, &typed).as_deref(), Some(".size: t2.nano instead of T2Micro"));
}
