//! Shapes and their members.

use serde::{Deserialize, Serialize};

/// Index of a shape within its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShapeId(pub u32);

impl ShapeId {
    /// As an index of `Service::shapes`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One shape of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// As `DescribeInstancesRequest`.
    pub name: Box<str>,
    /// What it is, with what belongs to that kind.
    pub kind: Kind,
    /// Namespace of its XML element.
    pub namespace: Option<Box<XmlNamespace>>,
    /// Name on the wire where a member gives none (elasticache has these on shapes).
    pub location_name: Option<Box<str>>,
    /// The model calls it sensitive: it must not be shown or stored.
    pub sensitive: bool,
}

impl Shape {
    /// The error code of an error shape, where it differs from the shape's name.
    pub fn error_code(&self) -> Option<&str> {
        match &self.kind {
            Kind::Structure(structure) => structure.error.as_ref()?.code.as_deref(),
            _ => None,
        }
    }
}

/// What a shape is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// A record.
    Structure(Structure),
    /// A list of one kind of element.
    List {
        /// The element.
        member: Box<Member>,
        /// Elements stand without a wrapper.
        flattened: bool,
        /// Null elements mean something.
        sparse: bool,
        /// Number of elements.
        range: Range,
    },
    /// A record with free keys.
    Map {
        /// The key; always a string.
        key: Box<Member>,
        /// The value.
        value: Box<Member>,
        /// Entries stand without a wrapper.
        flattened: bool,
        /// Null values mean something.
        sparse: bool,
        /// Number of entries.
        range: Range,
    },
    /// Text, with the known values where the model enumerates them.
    String {
        /// Known values; AWS may add more at any time.
        values: Vec<Box<str>>,
        /// Number of characters.
        range: Range,
    },
    /// 32 bits.
    Integer(Range),
    /// 64 bits.
    Long(Range),
    /// 32 bits.
    Float(Range),
    /// 64 bits.
    Double(Range),
    /// True or false.
    Boolean,
    /// Bytes.
    Blob {
        /// The body of a message, not held in memory.
        streaming: bool,
        /// Number of bytes.
        range: Range,
    },
    /// A point in time.
    Timestamp(Option<TimestampFormat>),
    /// Anything that JSON can say.
    Document,
}

/// A structure's members and traits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Structure {
    /// In model order.
    pub members: Vec<Member>,
    /// Index of the member that is the whole body.
    pub payload: Option<u32>,
    /// Exactly one member is set.
    pub union: bool,
    /// A stream of events; this client does not speak those.
    pub event_stream: bool,
    /// Set for error shapes.
    pub error: Option<Box<ErrorTraits>>,
}

impl Structure {
    /// The member of exactly that model name, with its index.
    pub fn member(&self, name: &str) -> Option<(usize, &Member)> {
        self.members.iter().enumerate().find(|(_, member)| &*member.name == name)
    }

    /// The member that is the whole body.
    pub fn payload(&self) -> Option<&Member> {
        self.members.get(self.payload? as usize)
    }
}

/// What the model says of an error shape.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ErrorTraits {
    /// Code on the wire where it differs from the shape's name.
    pub code: Option<Box<str>>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Modelled as retryable; `Some(true)` where it means throttling.
    pub retryable: Option<bool>,
}

/// A member of a structure, or the element of a list or map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// As the API names it. `member`, `key` and `value` within lists and maps.
    pub name: Box<str>,
    /// What it targets.
    pub shape: ShapeId,
    /// Where on the wire it travels.
    pub location: Location,
    /// Name on the wire where it differs.
    pub location_name: Option<Box<str>>,
    /// Name in ec2 queries.
    pub query_name: Option<Box<str>>,
    /// The yes-or-no traits.
    pub flags: Flags,
    /// How a timestamp is written, before the shape's own format.
    pub timestamp: Option<TimestampFormat>,
    /// Namespace of its XML element.
    pub namespace: Option<Box<XmlNamespace>>,
    /// Endpoint parameter that it sets, as `Bucket`.
    pub context: Option<Box<str>>,
    /// What a number counts, or how a text is to be read, by the reviewed table.
    pub unit: Option<Unit>,
}

/// Where on the wire a member travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Location {
    /// In the body.
    Body,
    /// One header.
    Header,
    /// All headers with a prefix.
    Headers,
    /// The query string.
    Query,
    /// A label of the URI.
    Uri,
    /// The HTTP status.
    Status,
}

/// The yes-or-no traits of a member, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flags(pub u16);

impl Flags {
    /// List or map elements without a wrapper.
    pub const FLATTENED: u16 = 1;
    /// A body that is not held in memory.
    pub const STREAMING: u16 = 1 << 1;
    /// Filled with a random id when absent.
    pub const IDEMPOTENCY_TOKEN: u16 = 1 << 2;
    /// An attribute of the XML element.
    pub const XML_ATTRIBUTE: u16 = 1 << 3;
    /// JSON text within a header.
    pub const JSON_VALUE: u16 = 1 << 4;
    /// Part of the host name.
    pub const HOST_LABEL: u16 = 1 << 5;
    /// Must be given.
    pub const REQUIRED: u16 = 1 << 6;
    /// AWS calls it deprecated.
    pub const DEPRECATED: u16 = 1 << 7;
    /// A stream of events.
    pub const EVENT_STREAM: u16 = 1 << 8;

    /// Whether the trait is set.
    pub fn has(self, flag: u16) -> bool {
        self.0 & flag != 0
    }
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimestampFormat {
    /// RFC 3339, as `2020-01-02T03:04:05Z`.
    Iso8601,
    /// Seconds since 1970.
    Epoch,
    /// As `Thu, 02 Jan 2020 03:04:05 GMT`.
    HttpDate,
}

/// An XML namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct XmlNamespace {
    /// As `http://s3.amazonaws.com/doc/2006-03-01/`.
    pub uri: Box<str>,
    /// As `xsi`.
    pub prefix: Option<Box<str>>,
}

/// Bounds of a length or a number, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Range {
    /// Least.
    pub min: Option<f64>,
    /// Most.
    pub max: Option<f64>,
}

/// What a number counts, or how a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Bytes; shown as a file size.
    Bytes,
    /// 1,024 bytes.
    KiB,
    /// 1,024 KiB.
    MiB,
    /// 1,024 MiB.
    GiB,
    /// 1,024 GiB.
    TiB,
    /// Seconds since 1970; shown as a datetime.
    EpochSeconds,
    /// Milliseconds since 1970; shown as a datetime.
    EpochMillis,
    /// A policy document, URL-encoded JSON; shown as a record.
    PolicyDocument,
}
