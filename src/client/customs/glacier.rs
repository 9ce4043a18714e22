//! Glacier: the account by default, the version of the API and the checksums of archives.

use super::add_header;
use crate::{client::protocols::Encoded, request::Request};
use nu_protocol::{Record, Value};
use sha2::{Digest, Sha256};

/// The caller's own account.
const OWN_ACCOUNT: &str = "-";
/// A leaf of the tree: <https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations.html>.
const LEAF: usize = 1 << 20;

pub(super) fn account(input: &mut Record, request: &Request) {
    let given = input.get("accountId").is_some_and(|value| !value.is_nothing());
    if !given {
        input.insert("accountId", Value::string(OWN_ACCOUNT, request.span));
    }
}

pub(super) fn headers(request: &Request, encoded: &mut Encoded) {
    add_header(encoded, "x-amz-glacier-version", &request.service.meta.api_version);
    if matches!(&*request.operation.name, "UploadArchive" | "UploadMultipartPart") {
        let (whole, tree) = (hex(&Sha256::digest(&encoded.body)), hex(&tree_hash(&encoded.body)));
        add_header(encoded, "x-amz-content-sha256", &whole);
        add_header(encoded, "x-amz-sha256-tree-hash", &tree);
    }
}

/// The hash of the hashes of neighbours, up to one; a last one without a neighbour rises as it is.
fn tree_hash(body: &[u8]) -> [u8; 32] {
    let mut level: Vec<[u8; 32]> = body.chunks(LEAF).map(|leaf| Sha256::digest(leaf).into()).collect();
    while level.len() > 1 {
        let pair = |pair: &[[u8; 32]]| match pair {
            [left, right] => Sha256::digest([*left, *right].concat()).into(),
            [last, ..] => *last,
            [] => [0; 32],
        };
        level = level.chunks(2).map(pair).collect();
    }
    level.first().copied().unwrap_or_else(|| Sha256::digest([]).into())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of botocore's `calculate_tree_hash`.
    #[test]
    fn trees_of_no_one_and_several_leaves() {
        let tree = |size: usize| hex(&tree_hash(&vec![b'a'; size]));
        assert_eq!(tree(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(tree(LEAF), "9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360");
        assert_eq!(tree(LEAF * 5 / 2), "dd02e6cd3b8cf26ca37630cf686b0f0a620499d8707218bacb9479cd80af9af6");
        assert_eq!(tree(LEAF * 5), "1ca676a2caf9791fcf24580c2c6f9b051ebbf689720da6ff8c41f2d01cdde5ea");
    }
}
