//! Request bodies that a service takes compressed.

use super::{protocols::Encoded, session::Options};
use crate::{
    error::{Error, ErrorKind, Result},
    model::Operation,
};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// Compresses a body where the model allows it and it is large enough. gzip is all that models name.
pub(super) fn compress(operation: &Operation, encoded: &mut Encoded, options: &Options) -> Result<()> {
    let Some(least) = options.compress_from else { return Ok(()) };
    if !operation.compression.iter().any(|encoding| &**encoding == "gzip") || encoded.body.len() < least {
        return Ok(());
    }
    let failed = |error| Error::new(ErrorKind::Internal, "the body could not be compressed").source(error);
    let mut gzip = GzEncoder::new(Vec::with_capacity(encoded.body.len() / 4), Compression::default());
    gzip.write_all(&encoded.body).map_err(failed)?;
    encoded.body = gzip.finish().map_err(failed)?.into();
    match encoded.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("content-encoding")) {
        Some((_, encodings)) => encodings.push_str(",gzip"),
        None => encoded.headers.push(("Content-Encoding".into(), "gzip".into())),
    }
    Ok(())
}
