//! The names of members on the wire.

use crate::model::{Flags, Kind, Member, Service};

/// The name of a member: its own wire name, else that of its shape, else its model name.
pub(super) fn plain<'a>(service: &'a Service, member: &'a Member) -> &'a str {
    given(service, member).unwrap_or(&member.name)
}

/// The wire name that the model gives, if any.
pub(super) fn given<'a>(service: &'a Service, member: &'a Member) -> Option<&'a str> {
    member.location_name.as_deref().or_else(|| service.target(member)?.location_name.as_deref())
}

/// The name of a member in an XML answer: elements of a list without a wrapper carry the name of the list's element
/// where that has one.
pub(super) fn in_xml_answer<'a>(service: &'a Service, member: &'a Member) -> &'a str {
    if let Some(shape) = service.target(member)
        && let Kind::List { member: element, flattened, .. } = &shape.kind
        && (*flattened || member.flags.has(Flags::FLATTENED))
        && let Some(name) = given(service, element)
    {
        return name;
    }
    plain(service, member)
}

/// Whether the elements of a member's list or map stand without a wrapper.
pub(super) fn is_flattened(member: &Member, kind: &Kind) -> bool {
    let by_shape = matches!(kind, Kind::List { flattened: true, .. } | Kind::Map { flattened: true, .. });
    by_shape || member.flags.has(Flags::FLATTENED)
}

/// Finds the member of a wire name. Members mostly travel in the order of the model, so the search starts at `from`
/// and wraps around. `wire` is asked only where the names that stand on the members themselves do not decide it.
pub(super) fn position<'a>(
    members: &'a [Member],
    from: usize,
    name: &[u8],
    wire: impl Fn(&'a Member) -> &'a str,
) -> Option<usize> {
    let (early, late) = members.split_at_checked(from).unwrap_or((members, &[]));
    let matches = |member: &'a Member| {
        let own = member.location_name.as_deref().unwrap_or(&member.name);
        own.as_bytes() == name && wire(member).as_bytes() == name
    };
    if let Some(found) = late.iter().position(matches) {
        return Some(from + found);
    }
    early
        .iter()
        .position(matches)
        .or_else(|| members.iter().position(|member| wire(member).as_bytes() == name))
}
