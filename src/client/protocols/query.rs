//! awsQuery and ec2Query requests: one form, whose keys are paths into the parameters.

use super::{
    Encoded, names,
    text::{self, push_encoded},
};
use crate::{
    error::{Error, Result},
    model::{Kind, Member, Operation, Protocol, Service, Structure, TimestampFormat},
};
use nu_protocol::{Record, Value};
use std::fmt::Write;

pub(super) fn encode(service: &Service, operation: &Operation, input: &Record) -> Result<Encoded> {
    let mut form = Form {
        service,
        ec2: service.meta.protocol == Protocol::Ec2,
        path: String::new(),
        body: format!("Action={}&Version={}", operation.name, service.meta.api_version),
    };
    if let Some(structure) = operation.input.and_then(|id| service.structure(id)) {
        form.structure(structure, input)?;
    }
    let content_type = "application/x-www-form-urlencoded; charset=utf-8";
    Ok(Encoded {
        method: operation.http.method.to_string(),
        uri: "/".into(),
        headers: vec![("Content-Type".into(), content_type.into())],
        body: form.body.into(),
    })
}

struct Form<'a> {
    service: &'a Service,
    ec2: bool,
    // The key of the value that is being written; grows and shrinks with the depth.
    path: String,
    body: String,
}

impl Form<'_> {
    fn structure(&mut self, structure: &Structure, record: &Record) -> Result<()> {
        for (name, value) in record {
            let Some((_, member)) = structure.member(name) else {
                return Err(Error::invalid(format!("there is no member {name}")).at(value.span()));
            };
            if matches!(value, Value::Nothing { .. }) {
                continue;
            }
            let base = self.path.len();
            if base > 0 {
                self.path.push('.');
            }
            self.push_name(member);
            self.value(member, value)?;
            self.path.truncate(base);
        }
        Ok(())
    }

    /// ec2 has names of its own: the query name, else the wire name with a capital.
    fn push_name(&mut self, member: &Member) {
        if !self.ec2 {
            self.path.push_str(names::plain(self.service, member));
        } else if let Some(name) = &member.query_name {
            self.path.push_str(name);
        } else if let Some(name) = names::given(self.service, member) {
            let mut letters = name.chars();
            self.path.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
            self.path.push_str(letters.as_str());
        } else {
            self.path.push_str(&member.name);
        }
    }

    fn value(&mut self, member: &Member, value: &Value) -> Result<()> {
        let Some(shape) = self.service.target(member) else {
            return Err(Error::invalid(format!("the model has no shape for {}", member.name)));
        };
        match (&shape.kind, value) {
            (Kind::Structure(structure), Value::Record { val, .. }) => self.structure(structure, val),
            (Kind::List { member: element, .. }, Value::List { vals, .. }) => {
                self.list(element, names::is_flattened(member, &shape.kind), vals)
            }
            (Kind::Map { key, value: element, .. }, Value::Record { val, .. }) => {
                self.map(key, element, names::is_flattened(member, &shape.kind), val)
            }
            _ => {
                let text = text::write(member, shape, value, TimestampFormat::Iso8601)?;
                self.push(&text);
                Ok(())
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.body.push('&');
        push_encoded(&mut self.body, &self.path);
        self.body.push('=');
        push_encoded(&mut self.body, text);
    }

    fn list(&mut self, element: &Member, flattened: bool, values: &[Value]) -> Result<()> {
        let base = self.path.clone();
        if !self.ec2 {
            if values.is_empty() {
                // An empty list is told, so that it can overwrite one; ec2 has no such thing.
                self.push("");
                return Ok(());
            }
            match (flattened, names::given(self.service, element)) {
                (false, _) => {
                    self.path.push('.');
                    self.path.push_str(names::plain(self.service, element));
                }
                (true, Some(name)) => {
                    self.path.truncate(self.path.rfind('.').map_or(0, |dot| dot + 1));
                    self.path.push_str(name);
                }
                (true, None) => {}
            }
        }
        let start = self.path.len();
        for (index, value) in (1..).zip(values) {
            self.push_index(index);
            self.value(element, value)?;
            self.path.truncate(start);
        }
        self.path = base;
        Ok(())
    }

    fn map(&mut self, key: &Member, element: &Member, flattened: bool, entries: &Record) -> Result<()> {
        let base = self.path.len();
        if !flattened {
            self.path.push_str(".entry");
        }
        let start = self.path.len();
        for (index, (name, value)) in (1..).zip(entries) {
            self.push_index(index);
            let entry = self.path.len();
            self.path.push('.');
            self.push_name(key);
            self.push(name);
            self.path.truncate(entry);
            self.path.push('.');
            self.push_name(element);
            self.value(element, value)?;
            self.path.truncate(start);
        }
        self.path.truncate(base);
        Ok(())
    }

    fn push_index(&mut self, index: u32) {
        // Writing to a string cannot fail.
        let _ = write!(self.path, ".{index}");
    }
}
