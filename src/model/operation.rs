//! Operations.

use super::{Auth, ShapeId, XmlNamespace};
use serde::{Deserialize, Serialize};

/// One operation of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// As `DescribeInstances`.
    pub name: Box<str>,
    /// Method, path and status.
    pub http: Http,
    /// The input structure.
    pub input: Option<ShapeId>,
    /// The output structure.
    pub output: Option<ShapeId>,
    /// Root element of an XML request.
    pub input_name: Option<Box<str>>,
    /// Namespace of that root element.
    pub input_namespace: Option<XmlNamespace>,
    /// Element around the answer of a query operation.
    pub result_wrapper: Option<Box<str>>,
    /// Modelled errors.
    pub errors: Vec<ShapeId>,
    /// Put in front of the host, with labels as `{AccountId}.`.
    pub host_prefix: Option<Box<str>>,
    /// Authentication where it differs from the service's.
    pub auth: Vec<Auth>,
    /// The body is not part of the signature.
    pub unsigned_payload: bool,
    /// What the model says about checksums.
    pub checksum: Checksum,
    /// Encodings that a request may be compressed with.
    pub compression: Vec<Box<str>>,
    /// Endpoint parameters that the operation sets.
    pub context: Vec<Context>,
    /// How to get the next page.
    pub pagination: Option<Pagination>,
    /// Where the rows of a stream are; several entries where an answer has several lists.
    pub rows: Vec<Rows>,
    /// Whether it reads, writes or destroys.
    pub class: Class,
    /// Filter names that stand only in the documentation, as `instance-state-name`.
    pub filters: Vec<Box<str>>,
    /// AWS calls it deprecated.
    pub deprecated: bool,
    /// Repeating it is harmless by the model's word.
    pub idempotent: bool,
}

/// Method, path and status of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Http {
    /// As `GET`.
    pub method: Box<str>,
    /// Path and query with labels, as `/{Bucket}/{Key+}?x-id=GetObject`.
    pub uri: Box<str>,
    /// Expected status.
    pub status: Option<u16>,
}

/// What the model says about an operation's checksums.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checksum {
    /// A request must carry one.
    pub required: bool,
    /// Input member that names the algorithm.
    pub request_member: Option<Box<str>>,
    /// Input member that asks for validation of the answer.
    pub validation_member: Option<Box<str>>,
    /// Algorithms that an answer may carry, as `CRC32`.
    pub response_algorithms: Vec<Box<str>>,
}

/// An endpoint parameter that an operation sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// Name of the endpoint parameter.
    pub name: Box<str>,
    /// Where its value comes from.
    pub source: ContextSource,
}

/// Where the value of an endpoint parameter comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ContextSource {
    /// A constant, as JSON text.
    Static(Box<str>),
    /// A JMESPath expression over the input.
    Path(Box<str>),
}

/// How to get from one page to the next. Paths are dotted names, as botocore's paginators have them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pagination {
    /// Input members that take the tokens.
    pub input_tokens: Vec<Box<str>>,
    /// Paths of the tokens in the answer, in the same order; botocore's small expressions are kept as they are.
    pub output_tokens: Vec<Box<str>>,
    /// Path that tells whether there is more.
    pub more_results: Option<Box<str>>,
    /// Input member that bounds the size of a page.
    pub limit_key: Option<Box<str>>,
    /// Not botocore's, but inferred from an unambiguous token and list.
    pub inferred: bool,
    /// A repeated token means the end (`GetLogEvents`); elsewhere it is an error.
    pub stop_on_same_token: bool,
}

/// Where rows are in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Names from the answer down to the rows. Each step that is a list is walked element by element:
    /// `["Reservations", "Instances"]`.
    pub path: Vec<Box<str>>,
    /// Members of passed structures that every row keeps, as `ReservationId`.
    pub keep: Vec<Box<str>>,
}

/// Whether an operation reads, writes or destroys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Changes nothing.
    Read,
    /// Changes something.
    Write,
    /// Destroys, stops or detaches something.
    Destructive,
}

impl Class {
    /// As `read`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }
}
