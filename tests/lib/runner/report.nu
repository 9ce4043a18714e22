# What the reader sees, and the JUnit file that machines read.

# One line a test; under a failure, its message and what the suite printed.
export def lines-of [rows: table]: nothing -> string {
    $rows | each {|row|
        let mark = {passed: "ok  ", failed: "FAIL", skipped: "skip"} | get $row.outcome
        let duration = $row.duration | format duration ms
        let head = $"($mark) ($row.suite) › ($row.test) \(($duration))"
        match $row.outcome {
            passed => $head
            skipped => $"($head): ($row.message)"
            _ => ([$head (indent $row.message) (printed $row)] | compact --empty | str join "\n")
        }
    } | str join "\n"
}

# The closing line: `N passed, N failed, N skipped`.
export def closing [rows: table]: nothing -> string {
    let count = {|outcome| $rows | where outcome == $outcome | length }
    $"(do $count passed) passed, (do $count failed) failed, (do $count skipped) skipped"
}

# JUnit XML, as CI systems read it.
export def junit [rows: table]: nothing -> string {
    let suites = $rows | group-by suite --to-table | each {|group|
        {
            tag: testsuite
            attributes: ({name: $group.suite} | merge (counts $group.items))
            content: ($group.items | each {|row| testcase $row })
        }
    }
    {tag: testsuites, attributes: (counts $rows), content: $suites} | to xml --indent 2
}

def counts [rows: table]: nothing -> record {
    {
        tests: ($rows | length | into string)
        failures: ($rows | where outcome == failed | length | into string)
        skipped: ($rows | where outcome == skipped | length | into string)
        time: ($rows | get duration | append 0sec | math sum | seconds)
    }
}

def testcase [row: record]: nothing -> record {
    # XML 1.0 has no place for control characters
    let message = $row.message | str replace --all --regex '[\x00-\x08\x0b\x0c\x0e-\x1f]' ''
    let content = match $row.outcome {
        passed => []
        skipped => [{tag: skipped, attributes: {message: $message}, content: []}]
        _ => [{tag: failure, attributes: {message: ($message | lines | get 0? | default "")}, content: [$message]}]
    }
    {tag: testcase, attributes: {classname: $row.suite, name: $row.test, time: ($row.duration | seconds)}, content: $content}
}

def seconds []: duration -> string { ($in / 1sec) | math round --precision 3 | into string }

def indent [text: string]: nothing -> string { $text | lines | each { $"     ($in)" } | str join "\n" }

def printed [row: record]: nothing -> any {
    let output = $row.output? | default "" | str trim
    if ($output | is-not-empty) { indent $"the suite printed, last lines:\n($output)" }
}
