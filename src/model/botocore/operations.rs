//! Operations, but for pagination and rows ([`super::paging`]), filter names ([`super::filters`]) and what the
//! reviewed tables say.

use super::{metadata, raw, shapes::Shapes};
use crate::{
    error::Result,
    model::{Auth, Checksum, Class, Context, ContextSource, Http, Operation},
};

/// All operations, sorted by name.
pub(super) fn convert(raw: raw::Entries<raw::Operation>, shapes: &Shapes<'_>) -> Result<Vec<Operation>> {
    let mut operations = raw
        .0
        .into_iter()
        .map(|(name, operation)| convert_one(name, operation, shapes))
        .collect::<Result<Vec<_>>>()?;
    operations.sort_by(|left, right| left.name.cmp(&right.name));
    // JSON lets a key repeat; one of them has to do, or the search by name would find either.
    operations.dedup_by(|later, earlier| later.name == earlier.name);
    Ok(operations)
}

fn convert_one(name: Box<str>, raw: raw::Operation, shapes: &Shapes<'_>) -> Result<Operation> {
    let user = |part: &str| format!("the {part} of operation '{name}'");
    let input = raw.input.as_ref().map(|input| shapes.structure(&input.shape, &user("input"))).transpose()?;
    let output =
        raw.output.as_ref().map(|output| shapes.structure(&output.shape, &user("output"))).transpose()?;
    let errors = raw
        .errors
        .iter()
        .map(|error| shapes.structure(&error.shape, &user("error list")))
        .collect::<Result<Vec<_>>>()?;
    let (Some(method), Some(uri)) = (raw.http.method, raw.http.request_uri) else {
        return Err(shapes.broken(&format!("operation '{name}' has no HTTP method and path")));
    };
    let mut auth: Vec<Auth> = raw.auth.iter().filter_map(|id| metadata::scheme(id)).collect();
    if auth.is_empty() {
        auth.extend(auth_type(raw.authtype.as_deref()));
    }
    let mut context = Vec::new();
    for (parameter, value) in raw.static_context_params.0 {
        let source = ContextSource::Static(value.value.to_string().into());
        context.push(Context { name: parameter, source });
    }
    for (parameter, path) in raw.operation_context_params.0 {
        context.push(Context { name: parameter, source: ContextSource::Path(path.path) });
    }
    let (input_name, input_namespace) = match raw.input {
        Some(input) => (input.location_name, input.xml_namespace.map(Into::into)),
        None => (None, None),
    };
    Ok(Operation {
        http: Http { method, uri, status: raw.http.response_code },
        filters: Vec::new(),
        input,
        output,
        input_name,
        input_namespace,
        result_wrapper: raw.output.and_then(|output| output.result_wrapper),
        errors,
        host_prefix: raw.endpoint.host_prefix,
        auth,
        unsigned_payload: raw.unsigned_payload || raw.authtype.as_deref() == Some("v4-unsigned-body"),
        checksum: Checksum {
            required: raw.http_checksum.request_checksum_required || raw.http_checksum_required,
            request_member: raw.http_checksum.request_algorithm_member,
            validation_member: raw.http_checksum.request_validation_mode_member,
            response_algorithms: raw.http_checksum.response_algorithms,
        },
        compression: raw.requestcompression.encodings,
        context,
        pagination: None,
        rows: Vec::new(),
        class: Class::Write,
        deprecated: raw.deprecated,
        idempotent: raw.idempotent,
        name,
    })
}

fn auth_type(name: Option<&str>) -> Option<Auth> {
    match name? {
        "none" => Some(Auth::None),
        "bearer" => Some(Auth::Bearer),
        "v4a" => Some(Auth::SigV4a),
        // `v4` repeats the service's, and `v4-unsigned-body` only says what is signed.
        _ => None,
    }
}
