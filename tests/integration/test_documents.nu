# The examples of the documents run, on generated answers.

use std/assert
use std/testing *

const DOCS = path self ../../docs

# The blocks of Nushell code in a document.
def blocks [document: string]: nothing -> list<string> {
    open --raw ($DOCS | path join $document) | split row --regex "```nu(?:shell)?\n" | skip 1 | each { split row "```" | first }
}

def runs [document: string] {
    let blocks = blocks $document
    assert (($blocks | length) > 0) $"($document) has no examples"
    for block in $blocks {
        let environment = {
            AWS_MOCK_MODE: "true", AWS_REGION: eu-west-1, AWS_CACHE_DIR: ($env.TEST_DIR | path join documents)
        }
        let run = with-env $environment {
            ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $block | complete
        }
        assert equal $run.exit_code 0 $"($document):\n($block)\n($run.stderr)"
    }
}

@test
def "the examples of the cache run" [] { runs CACHING.md }

@test
def "the examples of the metrics run" [] { runs METRICS.md }

@test
def "the examples of the configuration run" [] { runs CONFIGURATION.md }
