//! Who asks AWS.

pub mod endpoints;
pub mod mock;
pub mod protocols;
