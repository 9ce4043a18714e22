//! The service models: what every AWS service, operation and shape looks like.
//!
//! A [`Service`] is plain data. It comes from the embedded pack ([`pack`]) or from botocore's JSON on disk
//! ([`botocore`]), and [`catalog`] decides which. Shapes refer to each other by index, so recursion is no problem.

pub mod botocore;
pub mod catalog;
pub mod docs;
mod listings;
pub mod names;
mod operation;
pub mod pack;
pub mod rules;
mod service;
mod shape;
pub mod tables;

pub use listings::Listing;
pub use operation::{Checksum, Class, Context, ContextSource, Http, Operation, Pagination, Rows};
pub use service::{Auth, Metadata, Protocol, Service, Waiter};
pub use shape::{
    ErrorTraits, Flags, Kind, Location, Member, Range, Shape, ShapeId, Structure, TimestampFormat, Unit,
    XmlNamespace,
};
