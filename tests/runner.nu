# Runs Nushell suites in nutest's form: files `test_*.nu`, `use std/testing *`, commands marked `@test` or `@ignore`,
# hooks `@before-all`, `@before-each`, `@after-each`, `@after-all` whose returned record is the input of the tests.
#
# Each suite has its own `nu` with an empty HOME and the plugin in a throw-away registry; suites run in parallel.
# docs/TESTING.md says more.

use lib/runner/discover.nu
use lib/runner/sandbox.nu
use lib/runner/suite.nu
use lib/runner/report.nu

const ROOT = path self ..

def main [
    ...paths: path              # folders or files with suites (default: tests)
    --plugin: path              # the plugin to register for every suite
    --python: path              # a Python with moto, for suites that start servers; they are told as TEST_PYTHON
    --suites: string = ""       # run only suites whose name matches this regex
    --tests: string = ""        # run only tests whose name matches this regex
    --jobs: int                 # suites at once (default: the number of cores)
    --deadline: duration = 5min # a suite that takes longer is ended and has failed
    --work: path                # folder for everything that is written (default: .work/nu-tests)
    --junit: path               # where the JUnit file goes (default: in the work folder)
]: nothing -> nothing {
    let work = $work | default ($ROOT | path join .work nu-tests) | path expand
    mkdir $work
    let settings = {
        root: $ROOT, work: $work, tests: $tests, deadline: $deadline
        registry: (sandbox registry $plugin $work)
        variables: (told {TEST_PLUGIN: $plugin, TEST_PYTHON: $python})
    }
    let roots = $paths | default --empty [($ROOT | path join tests)]
    let found = $roots | each {|root| discover suites $root } | flatten | where name =~ $suites
    let rows = run-all $found $settings ($jobs | default (sys cpu | length))
    report junit $rows | save --force ($junit | default ($work | path join junit.xml))
    print (report closing $rows)
    if ($rows | is-empty) { print --stderr "no test matches" }
    if ($rows | is-empty) or ($rows | any {|row| $row.outcome == failed }) { exit 1 }
}

# Keeps up to `jobs` suites going; prints each when it is over.
def run-all [suites: table, settings: record, jobs: int]: nothing -> table {
    mut queue = $suites
    mut running = []
    mut rows = []
    while ($queue | is-not-empty) or ($running | is-not-empty) {
        let free = [($jobs - ($running | length)) 0] | math max
        for next in ($queue | first $free) {
            $running ++= [{suite: $next, job: (start $next $settings), until: ((date now) + $settings.deadline)}]
        }
        $queue = $queue | skip $free
        let ended = receive
        let late = $running | where $it.until < (date now) and $it.suite.name != $ended.name?
        for one in $late { stop $one.job }
        let finished = $late | each {|one|
            suite aborted $one.suite $settings $"not over after ($settings.deadline): ended"
        } | flatten | append $ended.rows?
        if ($finished | is-not-empty) { print (report lines-of $finished) }
        $rows ++= ($finished | default [])
        let over = $late | each { $in.suite.name } | append $ended.name?
        $running = $running | where $it.suite.name not-in $over
    }
    $rows
}

def start [suite: record, settings: record]: nothing -> int {
    job spawn {
        let rows = try { suite execute $suite $settings } catch {|error|
            [{suite: $suite.name, test: "(the suite)", duration: 0sec, message: $error.rendered, outcome: failed}]
        }
        {name: $suite.name, rows: $rows} | job send 0
    }
}

# The next suite that is over, or an empty record after a while, so that deadlines are looked at.
def receive []: nothing -> record {
    try { job recv --timeout 200ms } catch { {} }
}

# Ends a suite's processes and everything that they started.
def stop [job: int]: nothing -> nothing {
    let children = job list | where id == $job | get pids? | flatten
    let processes = ps | select pid ppid
    mut doomed = $children
    mut next = $children
    while ($next | is-not-empty) {
        let parents = $next
        $next = $processes | where ppid in $parents | get pid
        $doomed ++= $next
    }
    job kill $job
    for pid in $doomed { try { kill --quiet --force $pid } }
}

# The paths that are given, as variables for the suites.
def told [paths: record]: nothing -> record {
    $paths | transpose name path | compact path
    | reduce --fold {} {|it, all| $all | insert $it.name ($it.path | path expand --no-symlink) }
}
