# Finds suites and what is in them. Nushell's own parser tells: a suite is sourced in a `nu` of its own and
# `scope commands` lists its attributes, so that comments, strings and generated code never fool it.

use sandbox.nu

# Attributes that mean something to the runner; everything else on a command is left alone.
const KINDS = [test ignore before-all before-each after-each after-all]

# Words that Nushell's parser takes for itself at the start of a call, so that a test of such a name would not run.
const KEYWORDS = [
    alias const def export export-env extern for hide let module mut run source source-env use where
]

# Suites below a folder (or the one file given): `test_*.nu` and `*_test.nu`, sorted; `fixtures` folders are data.
# The name of a suite is its path without `.nu`, relative to the folder.
export def suites [root: path]: nothing -> table<name: string, path: string> {
    let root = $root | path expand
    if ($root | path type) == file {
        return [{name: ($root | path parse | get stem), path: $root}]
    }
    glob ($root | path join "**/{test_*,*_test}.nu")
    | each {|file| {name: ($file | path relative-to $root | str replace --regex '\.nu$' ''), path: $file} }
    | where ($it.name | path split | all {|part| $part != fixtures })
    | sort-by name
}

# What a suite contains, in the order of definition: `{items: [{name, kind}], error}`.
# `error` tells why the suite cannot be run (it does not parse, or a test cannot be called by its name).
export def items [suite: record, settings: record]: nothing -> record<items: table, error: any> {
    let query = 'scope commands | where type == custom and ($it.attributes | is-not-empty)
        | sort-by decl_id | each {|c| {name: $c.name, attributes: ($c.attributes | get name)} } | to nuon --raw'
    let found = sandbox execute $suite $settings $"source (literal $suite.path); ($query)" --output discovery
    if $found.exit_code != 0 {
        return {items: [], error: (open --raw $found.stderr | str trim)}
    }
    let items = open --raw $found.stdout | from nuon | each {|command|
        {name: $command.name, kind: (kind $command.attributes)}
    } | where kind != null
    let bad = $items | where not (callable $it.name) | get name
    let error = if ($bad | is-not-empty) {
        $"cannot be called by name, rename: ($bad | str join '; ') \(letters first, then letters, digits, spaces and _ . , : / -; no keyword first)"
    }
    {items: $items, error: $error}
}

# A string as a Nushell literal that needs no escaping.
export def literal [text: string]: nothing -> string { $text | to nuon }

def kind [attributes: list<string>]: nothing -> any {
    let known = $attributes | where $it in $KINDS
    # a test may carry both marks; then it is not to be run
    if ignore in $known { "ignore" } else { $known | get 0? }
}

# Whether calling the name as bare words reaches the command: otherwise a test would be skipped unnoticed.
def callable [name: string]: nothing -> bool {
    ($name =~ '^[\p{L}_][\p{L}\p{N}_ .,:/-]*$') and (($name | split row " " | first) not-in $KEYWORDS)
}
