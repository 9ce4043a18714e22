# The runner on suites whose outcome is known: each fixture is data for one or two of these tests.
use std/assert
use std/testing *

# Runs fixtures by name; the rows of the JUnit file, the exit code and the lines that the reader sees.
def --wrapped run-fixtures [name: string, ...flags] {
    let work = $env.TEST_DIR | path join $name
    let runner = $env.TEST_ROOT | path join tests runner.nu
    let fixtures = $env.TEST_ROOT | path join tests runner fixtures
    let ended = with-env {AWS_PROFILE: leaked, AWS_SECRET_ACCESS_KEY: leaked} {
        ^$nu.current-exe --no-config-file $runner $fixtures --work $work --suites $"^test_($name)$" ...$flags | complete
    }
    {
        rows: (open ($work | path join junit.xml) | get content | each { $in.content } | flatten | each {|case| row $case })
        exit_code: $ended.exit_code
        lines: ($ended.stdout | ansi strip | lines)
        folder: ($work | path join $"test_($name)")
    }
}

def row [case: record] {
    let inner = $case.content | get 0?
    {
        test: $case.attributes.name
        outcome: ({failure: failed, skipped: skipped} | get --optional ($inner.tag? | default "") | default passed)
        message: ($inner.attributes?.message? | default "")
        text: ($inner.content? | default [] | each { $in.content } | str join)
    }
}

def outcomes [run: record] { $run.rows | reduce --fold {} {|row, all| $all | insert $row.test $row.outcome } }

@test
def "every outcome is counted" [] {
    let run = run-fixtures outcomes
    assert equal (outcomes $run) {
        "ignored alone": skipped, "ignored beside test": skipped, passes: passed
        "fails by an assertion": failed, fails-by-an-error: failed, "skips itself": skipped
    }
    assert equal ($run.lines | last) "1 passed, 2 failed, 3 skipped"
    assert equal $run.exit_code 1
    assert str contains ($run.lines | str join "\n") "printed before it failed"
    assert str contains ($run.rows | where test == fails-by-an-error | get 0.text) "on purpose"
    assert equal ($run.rows | where test == "skips itself" | get 0.message) "no such tool"
}

@test
def "tests can be chosen by a regex" [] {
    let run = run-fixtures outcomes --tests "^pass"
    assert equal (outcomes $run) {passes: passed}
    assert equal ($run.lines | last) "1 passed, 0 failed, 0 skipped"
    assert equal $run.exit_code 0
}

@test
def "hooks run around tests and hand over their records" [] {
    let run = run-fixtures hooks
    assert equal (outcomes $run) {"sees both records": passed, "may fail between its hooks": failed}
    assert equal (open ($run.folder | path join order.txt) | lines) [before-all "after-each 2" "after-each 2" "after-all 1"]
}

@test
def "a failing hook fails what depends on it" [] {
    let before = run-fixtures before_all_fails
    assert equal (outcomes $before) {first: failed, second: failed}
    assert str contains ($before.rows.0.text) "nothing to open"
    let text = run-fixtures before_each_returns_text
    assert str contains ($text.rows.0.text) "must return a record or nothing"
    assert equal (outcomes (run-fixtures after_all_fails)) {passes: passed, after-all: failed}
}

@test
def "a hanging suite is ended with all that it started" [] {
    let run = run-fixtures hangs --deadline 4sec
    assert equal (outcomes $run) {passes: passed, hangs: failed}
    assert str contains ($run.rows | last | get text) "not over after"
    let left = open ($run.folder | path join hanging.pid) | str trim | into int
    assert equal (ps | where ($it.pid == $left or $it.ppid == $left) and $it.status != Zombie | length) 0
}

@test
def "a dying suite fails the tests that did not report" [] {
    let run = run-fixtures dies
    assert equal (outcomes $run) {passes: passed, "ends the process": failed, "is never reached": failed}
    assert str contains ($run.rows | last | get text) "exit code 7"
    assert str contains ($run.rows | last | get text) "last words"
}

@test
def "a suite that cannot be read is a failure" [] {
    let run = run-fixtures does_not_parse
    assert equal $run.exit_code 1
    assert equal (outcomes $run) {"(the suite)": failed}
    let name = run-fixtures name_that_cannot_be_called
    assert str contains ($name.rows.0.text) "rename: let it fail"
}

@test
def "a suite sees nothing of its caller" [] {
    let run = run-fixtures environment
    assert equal ($run.rows | where outcome != passed) []
    assert equal ($run.rows | length) 4
}

@test
def "fixtures are no suites of the project" [] {
    let runner = $env.TEST_ROOT | path join tests runner.nu
    let ended = ^$nu.current-exe --no-config-file $runner --work ($env.TEST_DIR | path join none) --suites fixtures | complete
    assert equal ($ended.stdout | str trim) "0 passed, 0 failed, 0 skipped"
    # a regex with a slip in it must not look like success
    assert equal $ended.exit_code 1
}
