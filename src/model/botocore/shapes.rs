//! Shapes: names become indexes, and traits become typed.

use super::{broken, raw};
use crate::{
    error::{Error, Result},
    model::{ErrorTraits, Flags, Kind, Location, Member, Range, Shape, ShapeId, Structure, TimestampFormat},
};
use std::collections::HashMap;

/// The converted shapes of one service, with the names that operations refer to them by.
pub(super) struct Shapes<'a> {
    file: &'a str,
    ids: HashMap<Box<str>, ShapeId>,
    shapes: Vec<Shape>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(raw: raw::Entries<raw::Shape>, file: &'a str) -> Result<Self> {
        let mut ids = HashMap::with_capacity(raw.0.len());
        for (index, (name, _)) in raw.0.iter().enumerate() {
            let id = u32::try_from(index).map_err(|cause| broken(file, &cause))?;
            ids.insert(name.clone(), ShapeId(id));
        }
        let mut shapes = Self { file, ids, shapes: Vec::with_capacity(raw.0.len()) };
        for (name, shape) in raw.0 {
            let shape = shapes.shape(name, shape)?;
            shapes.shapes.push(shape);
        }
        shapes.check_keys()?;
        Ok(shapes)
    }

    pub(super) fn finish(self) -> Vec<Shape> {
        self.shapes
    }

    /// The structure that an operation names as its input, output or error.
    pub(super) fn structure(&self, name: &str, user: &str) -> Result<ShapeId> {
        let id = self.id(name, user)?;
        match self.shapes.get(id.index()).map(|shape| &shape.kind) {
            Some(Kind::Structure(_)) => Ok(id),
            _ => Err(self.broken(&format!("{user} refers to '{name}', which is not a structure"))),
        }
    }

    pub(super) fn broken(&self, cause: &str) -> Error {
        broken(self.file, &cause)
    }

    fn id(&self, name: &str, user: &str) -> Result<ShapeId> {
        self.ids
            .get(name)
            .copied()
            .ok_or_else(|| self.broken(&format!("{user} refers to the unknown shape '{name}'")))
    }

    fn shape(&self, name: Box<str>, raw: raw::Shape) -> Result<Shape> {
        let range = Range { min: raw.min, max: raw.max };
        let kind = match raw.kind.as_deref() {
            _ if raw.document => Kind::Document,
            Some("structure") => return self.structure_shape(name, raw),
            Some("list") => Kind::List {
                member: Box::new(self.element(&name, "member", raw.member)?),
                flattened: raw.flattened,
                sparse: raw.sparse,
                range,
            },
            Some("map") => Kind::Map {
                key: Box::new(self.element(&name, "key", raw.key)?),
                value: Box::new(self.element(&name, "value", raw.value)?),
                flattened: raw.flattened,
                sparse: raw.sparse,
                range,
            },
            // A single character is text of length one; nothing else is special about it.
            Some("string" | "character") => Kind::String { values: raw.values, range },
            Some("integer" | "short" | "byte") => Kind::Integer(range),
            Some("long") => Kind::Long(range),
            Some("float") => Kind::Float(range),
            Some("double") => Kind::Double(range),
            Some("boolean") => Kind::Boolean,
            Some("blob") => Kind::Blob { streaming: raw.streaming, range },
            Some("timestamp") => {
                Kind::Timestamp(self.timestamp(raw.timestamp_format.as_deref(), &format!("shape '{name}'"))?)
            }
            Some(other) => {
                return Err(self.broken(&format!("shape '{name}' has the unknown type '{other}'")));
            }
            None => return Err(self.broken(&format!("shape '{name}' has no type"))),
        };
        Ok(Shape {
            name,
            kind,
            namespace: raw.xml_namespace.map(|namespace| Box::new(namespace.into())),
            location_name: raw.location_name,
            sensitive: raw.sensitive,
        })
    }

    fn structure_shape(&self, name: Box<str>, raw: raw::Shape) -> Result<Shape> {
        let mut members = Vec::with_capacity(raw.members.0.len());
        for (member, reference) in raw.members.0 {
            let user = format!("member '{member}' of shape '{name}'");
            let required = raw.required.contains(&member);
            members.push(self.member(member, reference, required, &user)?);
        }
        let payload = match raw.payload {
            None => None,
            Some(payload) => {
                let place = members.iter().position(|member| member.name == payload);
                Some(place.and_then(|place| u32::try_from(place).ok()).ok_or_else(|| {
                    self.broken(&format!(
                        "the payload '{payload}' of shape '{name}' is not one of its members"
                    ))
                })?)
            }
        };
        let error = error_traits(raw.exception, raw.error, raw.retryable);
        Ok(Shape {
            kind: Kind::Structure(Structure {
                members,
                payload,
                union: raw.union,
                event_stream: raw.eventstream,
                error,
            }),
            name,
            namespace: raw.xml_namespace.map(|namespace| Box::new(namespace.into())),
            location_name: raw.location_name,
            sensitive: raw.sensitive,
        })
    }

    fn element(&self, shape: &str, name: &str, reference: Option<raw::Reference>) -> Result<Member> {
        let user = format!("the {name} of shape '{shape}'");
        let reference = reference.ok_or_else(|| self.broken(&format!("{user} is missing")))?;
        self.member(name.into(), reference, false, &user)
    }

    fn member(&self, name: Box<str>, raw: raw::Reference, required: bool, user: &str) -> Result<Member> {
        let shape = self.id(&raw.shape, user)?;
        let location = match raw.location.as_deref() {
            None => Location::Body,
            Some("header") => Location::Header,
            Some("headers") => Location::Headers,
            Some("querystring") => Location::Query,
            Some("uri") => Location::Uri,
            Some("statusCode") => Location::Status,
            Some(other) => {
                return Err(self.broken(&format!("{user} has the unknown location '{other}'")));
            }
        };
        let flags = [
            (raw.flattened, Flags::FLATTENED),
            (raw.streaming, Flags::STREAMING),
            (raw.idempotency_token, Flags::IDEMPOTENCY_TOKEN),
            (raw.xml_attribute, Flags::XML_ATTRIBUTE),
            (raw.jsonvalue, Flags::JSON_VALUE),
            (raw.host_label, Flags::HOST_LABEL),
            (required, Flags::REQUIRED),
            (raw.deprecated, Flags::DEPRECATED),
            (raw.eventstream, Flags::EVENT_STREAM),
        ];
        let flags = flags.iter().filter(|(set, _)| *set).fold(0, |all, (_, flag)| all | flag);
        Ok(Member {
            timestamp: self.timestamp(raw.timestamp_format.as_deref(), user)?,
            name,
            shape,
            location,
            query_name: raw.query_name,
            location_name: raw.location_name,
            flags: Flags(flags),
            namespace: raw.xml_namespace.map(|namespace| Box::new(namespace.into())),
            context: raw.context_param.map(|parameter| parameter.name),
            unit: None,
        })
    }

    fn timestamp(&self, format: Option<&str>, user: &str) -> Result<Option<TimestampFormat>> {
        Ok(Some(match format {
            None => return Ok(None),
            Some("iso8601") => TimestampFormat::Iso8601,
            Some("unixTimestamp") => TimestampFormat::Epoch,
            Some("rfc822") => TimestampFormat::HttpDate,
            Some(other) => {
                return Err(self.broken(&format!("{user} has the unknown timestamp format '{other}'")));
            }
        }))
    }

    /// Codecs rely on text keys, so a map with others is refused here.
    fn check_keys(&self) -> Result<()> {
        for shape in &self.shapes {
            if let Kind::Map { key, .. } = &shape.kind
                && !self
                    .shapes
                    .get(key.shape.index())
                    .is_some_and(|key| matches!(key.kind, Kind::String { .. }))
            {
                return Err(self.broken(&format!("the key of shape '{}' is not a string", shape.name)));
            }
        }
        Ok(())
    }
}

fn error_traits(
    exception: bool,
    error: Option<raw::ErrorTrait>,
    retryable: Option<raw::Retryable>,
) -> Option<Box<ErrorTraits>> {
    if !exception && error.is_none() && retryable.is_none() {
        return None;
    }
    let error = error.unwrap_or_default();
    Some(Box::new(ErrorTraits {
        code: error.code,
        status: error.http_status_code,
        retryable: retryable.map(|retryable| retryable.throttling),
    }))
}
