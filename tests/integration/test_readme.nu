# What the README shows, works.
use std/assert
use std/testing *

@test
def "every Nushell example runs" [] {
    let examples = open --raw ($env.TEST_ROOT | path join README.md) | parse --regex '(?s)```nushell\n(?<code>.*?)```'
    assert greater ($examples | length) 5
    for example in $examples.code {
        let ended = with-env {AWS_MOCK_MODE: "true", AWS_MOCK_ITEMS: "20"} {
            ^$nu.current-exe --commands $example | complete
        }
        assert equal $ended.exit_code 0 $"($example)\n($ended.stderr)"
    }
}

@test
def "what it links to exists" [] {
    let links = open --raw ($env.TEST_ROOT | path join README.md) | parse --regex '\]\((?<path>[^):]+)\)'
    assert equal ($links | where not ($env.TEST_ROOT | path join $it.path | path exists)) []
}
