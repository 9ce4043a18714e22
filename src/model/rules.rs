//! Endpoint rule sets and partitions, as data. The interpreter is `client::endpoints`.
