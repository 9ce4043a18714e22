# Ends the running test as skipped, with the reason.
export def main [reason: string] {
    error make --unspanned {msg: $reason, code: "test::skip"}
}
