# One suite from its file to its results.

use sandbox.nu
use discover.nu

# Runs a suite; `tests` is a regex on test names. Rows: `{suite, test, outcome, duration, message}`,
# outcome one of passed, failed, skipped.
export def execute [suite: record, settings: record]: nothing -> table {
    let folder = sandbox prepare $suite $settings
    let found = discover items $suite $settings
    if $found.error != null { return [(failed $suite.name "(the suite)" $found.error)] }
    let items = $found.items | where kind not-in [test ignore] or name =~ $settings.tests
    if ($items | where kind in [test ignore] | is-empty) { return [] }

    let events = $folder | path join events.jsonl
    let plan = $items | each {|item|
        $"{name: (discover literal $item.name), kind: ($item.kind), run: {|| ($item.name)}}"
    } | str join ", "
    let executor = $settings.root | path join tests lib runner execute.nu
    let ended = sandbox execute $suite $settings --output suite $"
        use (discover literal $executor) *
        source (discover literal $suite.path)
        suite-runner execute [($plan)] (discover literal $events)"
    results $suite $items $events $ended
}

# The rows of a suite that was ended from outside, or died, from what it managed to write.
export def aborted [suite: record, settings: record, reason: string]: nothing -> table {
    let folder = sandbox folder $suite $settings
    let events = read ($folder | path join events.jsonl)
    let running = $events | where event? == start | get test? | where $it not-in ($events | where event != start | get test?)
    rows $suite $events | append (failed $suite.name ($running | get 0? | default "(the suite)") $reason)
}

def results [suite: record, items: table, events: path, ended: record]: nothing -> table {
    let read = read $events
    let rows = rows $suite $read
    if ($ended.exit_code == 0) and ($read | any {|e| $e.event == done }) {
        return ($rows | each {|row| if $row.outcome == failed { $row | upsert output (tail $ended) } else { $row } })
    }
    # the process died: what did not report has failed
    let reason = $"the suite's nu ended early \(exit code ($ended.exit_code))\n(tail $ended)"
    let missing = $items | where kind in [test ignore] and name not-in $rows.test? | get name
    $rows | append ($missing | default --empty ["(the suite)"] | each {|test| failed $suite.name $test $reason })
}

def rows [suite: record, events: list<any>]: nothing -> table {
    $events | where event in [pass fail skip] | each {|e|
        {
            suite: $suite.name, test: $e.test, duration: ($e.duration? | default 0 | into duration), message: ($e.message? | default "")
            outcome: ({pass: passed, fail: failed, skip: skipped} | get $e.event)
        }
    }
}

def failed [suite: string, test: string, message: string]: nothing -> record {
    {suite: $suite, test: $test, duration: 0sec, message: $message, outcome: failed}
}

def read [events: path]: nothing -> list<any> {
    if not ($events | path exists) { return [] }
    open --raw $events | lines | each { from json }
}

# The last lines that the suite itself printed; both streams, since either may tell the reason.
def tail [ended: record]: nothing -> string {
    [$ended.stdout $ended.stderr] | where ($it | path exists)
    | each {|file| open --raw $file | decode utf-8 | lines | last 20 } | flatten | str join "\n" | ansi strip
}
