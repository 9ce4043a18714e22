//! One AWS service.

use super::{Flags, Member, Operation, Shape, ShapeId, Structure, XmlNamespace, shape::Kind};
use serde::{Deserialize, Serialize};

/// One AWS service: its metadata, operations and shapes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// botocore's folder name, as `ec2` or `stepfunctions`.
    pub name: Box<str>,
    /// What holds for all operations.
    pub meta: Metadata,
    /// Sorted by name, so that [`Service::operation`] can search.
    pub operations: Vec<Operation>,
    /// Addressed by [`ShapeId`].
    pub shapes: Vec<Shape>,
    /// The service's own waiters, sorted by name.
    pub waiters: Vec<Waiter>,
}

/// What holds for all operations of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The stable identifier, as `EC2` or `SFN`; names retry partitions and configuration sections.
    pub service_id: Box<str>,
    /// The name in AWS's documentation, as `Amazon Elastic Compute Cloud`.
    pub full_name: Box<str>,
    /// Version of the API, as `2016-11-15`.
    pub api_version: Box<str>,
    /// Host prefix where no endpoint rules exist.
    pub endpoint_prefix: Box<str>,
    /// Name in the SigV4 credential scope.
    pub signing_name: Box<str>,
    /// Prefix of `X-Amz-Target`, for the JSON protocols.
    pub target_prefix: Option<Box<str>>,
    /// The protocol that is spoken: botocore's choice among those that the service offers.
    pub protocol: Protocol,
    /// All that the service offers, as the model lists them.
    pub protocols: Vec<Protocol>,
    /// Default namespace of XML bodies.
    pub xml_namespace: Option<XmlNamespace>,
    /// A JSON service that still knows the error codes of its query past.
    pub query_compatible: bool,
    /// Authentication schemes in order of preference.
    pub auth: Vec<Auth>,
}

/// The wire protocols of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// awsJson 1.0.
    Json10,
    /// awsJson 1.1.
    Json11,
    /// restJson1.
    RestJson,
    /// restXml.
    RestXml,
    /// awsQuery.
    Query,
    /// ec2Query.
    Ec2,
    /// rpcv2Cbor.
    Cbor,
}

impl Protocol {
    /// The name that botocore's models use, as `rest-json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json10 | Self::Json11 => "json",
            Self::RestJson => "rest-json",
            Self::RestXml => "rest-xml",
            Self::Query => "query",
            Self::Ec2 => "ec2",
            Self::Cbor => "smithy-rpc-v2-cbor",
        }
    }

    /// Whether answers are XML.
    pub fn is_xml(self) -> bool {
        matches!(self, Self::RestXml | Self::Query | Self::Ec2)
    }
}

/// How a request is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Auth {
    /// Signature version 4.
    SigV4,
    /// Signature version 4 over several regions.
    SigV4a,
    /// A bearer token.
    Bearer,
    /// None.
    None,
}

/// One waiter: polls an operation until its answer matches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiter {
    /// As `InstanceRunning`.
    pub name: Box<str>,
    /// The operation it polls.
    pub operation: Box<str>,
    /// Seconds between two polls.
    pub delay: u32,
    /// Polls at most.
    pub max_attempts: u32,
    /// botocore's acceptors, as JSON text.
    pub acceptors: Box<str>,
}

impl Service {
    /// The operation of exactly that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        let found = self.operations.binary_search_by(|operation| operation.name.as_ref().cmp(name)).ok()?;
        self.operations.get(found)
    }

    /// The shape behind an id. Ids come from this service's own members, so `None` means a foreign id.
    pub fn shape(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id.index())
    }

    /// The shape that a member targets.
    pub fn target(&self, member: &Member) -> Option<&Shape> {
        self.shape(member.shape)
    }

    /// The structure behind an id, or `None` where the shape is of another kind.
    pub fn structure(&self, id: ShapeId) -> Option<&Structure> {
        match &self.shape(id)?.kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// Members of an optional structure, as the input of an operation; none where there is no structure.
    pub fn members(&self, id: Option<ShapeId>) -> &[Member] {
        id.and_then(|id| self.structure(id)).map_or(&[], |structure| &structure.members)
    }

    /// Whether a path of member names exists below a shape; lists and maps on the way are walked element by element.
    pub fn has_path(&self, from: Option<ShapeId>, path: &[Box<str>]) -> bool {
        let mut at = from;
        path.iter().all(|step| {
            let members = self.members(at.and_then(|id| self.element(id)));
            at = members.iter().find(|member| member.name == *step).map(|member| member.shape);
            at.is_some()
        })
    }

    /// What lists and maps hold in the end; any other shape is its own answer.
    fn element(&self, id: ShapeId) -> Option<ShapeId> {
        let mut at = id;
        // A list of itself would never end, so no more steps than there are shapes.
        for _ in 0..=self.shapes.len() {
            match &self.shape(at)?.kind {
                Kind::List { member, .. } => at = member.shape,
                Kind::Map { value, .. } => at = value.shape,
                _ => return Some(at),
            }
        }
        None
    }

    /// Whether an input or output speaks in event streams.
    pub fn streams_events(&self, id: Option<ShapeId>) -> bool {
        self.members(id).iter().any(|member| {
            member.flags.has(Flags::EVENT_STREAM)
                || self.structure(member.shape).is_some_and(|structure| structure.event_stream)
        })
    }

    /// Whether anything in an input or output is what the model calls sensitive.
    pub fn is_sensitive(&self, id: Option<ShapeId>) -> bool {
        let mut seen = vec![false; self.shapes.len()];
        let mut left: Vec<ShapeId> = id.into_iter().collect();
        while let Some(id) = left.pop() {
            let Some((shape, seen)) = self.shape(id).zip(seen.get_mut(id.index())) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            if shape.sensitive {
                return true;
            }
            match &shape.kind {
                Kind::Structure(structure) => {
                    left.extend(structure.members.iter().map(|member| member.shape));
                }
                Kind::List { member, .. } => left.push(member.shape),
                Kind::Map { key, value, .. } => left.extend([key.shape, value.shape]),
                _ => (),
            }
        }
        false
    }

    /// The modelled error of that code: by shape name or by its own error code.
    pub fn error(&self, operation: &Operation, code: &str) -> Option<ShapeId> {
        operation.errors.iter().copied().find(|id| {
            self.shape(*id).is_some_and(|shape| {
                &*shape.name == code || shape.error_code().is_some_and(|modelled| modelled == code)
            })
        })
    }
}
