//! What the generation of one answer knows: the world it is in, and where in the answer it is.

use super::mix;
use nu_protocol::Span;

/// What holds for a whole answer.
#[derive(Debug)]
pub(super) struct World<'a> {
    /// botocore's name of the service.
    pub(super) service: &'a str,
    /// Its name in ARNs.
    pub(super) signing_name: &'a str,
    /// Its region.
    pub(super) region: &'a str,
    /// The user's seed: ids depend on nothing else, so that they match between operations.
    pub(super) seed: u64,
    /// Seed, service and operation: all other variety.
    pub(super) salt: u64,
    /// What the request makes and names: the resource, and its name.
    pub(super) made: Option<(String, &'a str)>,
    /// What keys of objects begin with.
    pub(super) key_prefix: &'a str,
    /// Put on every value.
    pub(super) span: Span,
}

impl World<'_> {
    /// The partition of the region, by the prefixes that AWS gives.
    pub(super) fn partition(&self) -> &'static str {
        let known = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-iso-", "aws-iso"),
            ("us-isob-", "aws-iso-b"),
            ("us-isof-", "aws-iso-f"),
            ("eu-isoe-", "aws-iso-e"),
            ("eusc-", "aws-eusc"),
        ];
        known
            .iter()
            .find(|(prefix, _)| self.region.starts_with(prefix))
            .map_or("aws", |(_, partition)| partition)
    }

    /// Variety for one member.
    pub(super) fn hash(&self, place: &Place<'_>) -> u64 {
        mix::bytes(mix::bytes(self.salt, place.parent.as_bytes()), place.member.as_bytes())
    }
}

/// Where in an answer a value is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// Name of the member; for elements of a list the list's, in the singular.
    pub(super) member: &'a str,
    /// Name of the value's own shape.
    pub(super) shape: &'a str,
    /// Name of the structure around it.
    pub(super) parent: &'a str,
    /// How far from the answer's top.
    pub(super) level: Level,
}

/// How far from the answer's top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// A member of the answer, or of a single structure in it.
    Answer,
    /// A member of a row.
    Row,
    /// Deeper.
    Inner,
}
