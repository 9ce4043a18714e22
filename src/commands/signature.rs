//! Flags that several commands share.

use nu_protocol::{Category, Signature, SyntaxShape};

/// The category of all commands.
pub(super) fn signature(name: &str) -> Signature {
    Signature::build(name).category(Category::Custom("aws".into()))
}

/// Service, operation and parameters.
pub(super) fn operation(signature: Signature) -> Signature {
    signature
        .required(
            "service",
            SyntaxShape::String,
            "Service, such as ec2 or stepfunctions; CLI names work too.",
        )
        .required("operation", SyntaxShape::String, "Operation: DescribeInstances or describe-instances.")
        .optional(
            "parameters",
            SyntaxShape::Record(nu_protocol::CollectionColumns::default()),
            "Parameters as the API names them; snake_case and kebab-case are understood.",
        )
        .switch("merge", "Join a record from the pipeline with the parameters, which win.", None)
}

/// As whom and where, and how long a call may take.
pub(super) fn target(signature: Signature) -> Signature {
    place(signature).named(
        "timeout",
        SyntaxShape::Duration,
        "Deadline of each call, with all its attempts.",
        None,
    )
}

/// As whom and where.
pub(super) fn place(signature: Signature) -> Signature {
    signature
        .named("profile", SyntaxShape::String, "Profile to use instead of $env.AWS_PROFILE.", None)
        .named("region", SyntaxShape::String, "Region to use instead of $env.AWS_REGION.", None)
        .named("endpoint-url", SyntaxShape::String, "Endpoint to use instead of AWS's own.", None)
}

/// How fresh an answer must be.
pub(super) fn freshness(signature: Signature) -> Signature {
    signature
        .switch("refresh", "Ask AWS whatever is kept, and keep the new answer.", None)
        .switch("no-cache", "Ask AWS, and keep nothing.", None)
        .switch(
            "stale",
            "Take at once what is kept, also where its time is just over, and ask AWS behind.",
            None,
        )
        .named(
            "ttl",
            SyntaxShape::Duration,
            "How old an answer may be, and how long a new one is kept.",
            None,
        )
}
