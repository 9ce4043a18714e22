# Runs the tests of one suite, inside the suite's own `nu`. What happens is appended to a file, one JSON record a
# line, so that a suite that hangs or dies still tells how far it came.

# The prefix keeps these names apart from those of any suite, which is sourced into the same scope.

# `plan`: `[{name, kind, run: closure}]` in the order of definition.
export def "suite-runner execute" [plan: list<any>, events: path]: nothing -> nothing {
    for test in ($plan | where kind == ignore) {
        emit $events {event: skip, test: $test.name, message: "ignored"}
    }
    let tests = $plan | where kind == test
    if ($tests | is-not-empty) { run-all $plan $tests $events }
    emit $events {event: done}
}

def run-all [plan: list<any>, tests: list<any>, events: path] {
    let context = try { before (of $plan before-all) {} } catch {|error|
        for test in $tests { emit $events ({test: $test.name, duration: 0sec} | merge (verdict $error)) }
        return
    }
    let each_before = of $plan before-each
    let each_after = of $plan after-each
    # `for`, since an `exit` inside of `each` would not end the process
    for test in $tests {
        emit $events {event: start, test: $test.name}
        let began = date now
        let outcome = run-one $test $context $each_before $each_after
        emit $events ({test: $test.name, duration: ((date now) - $began)} | merge $outcome)
    }
    try {
        for hook in (of $plan after-all) { $context | do $hook.run | ignore }
    } catch {|error|
        emit $events ({test: "after-all", duration: 0sec} | merge (verdict $error))
    }
}

# The hooks after a test run whether it passed or not; the first error counts.
def run-one [test: record, context: record, each_before: list<any>, each_after: list<any>]: nothing -> record {
    let context = try { before $each_before $context } catch {|error| return (verdict $error) }
    let outcome = try { $context | do $test.run | ignore; {event: pass} } catch {|error| verdict $error }
    try {
        for hook in $each_after { $context | do $hook.run | ignore }
        $outcome
    } catch {|error| if $outcome.event == pass { verdict $error } else { $outcome } }
}

# The records that the hooks return, merged over `context`.
def before [hooks: list<any>, context: record]: nothing -> record {
    $hooks | reduce --fold $context {|hook, all|
        let returned = do $hook.run | default {}
        if not ($returned | describe | str starts-with record) {
            error make --unspanned {msg: $"($hook.kind) '($hook.name)' must return a record or nothing, it returned ($returned | describe)"}
        }
        $all | merge $returned
    }
}

# An error with the code `test::skip` (see lib/skip.nu) is no failure.
def verdict [error: record]: nothing -> record {
    if $error.details?.code? == "test::skip" { return {event: skip, message: $error.msg} }
    {event: fail, message: ($error.rendered? | default $error.msg | str trim)}
}

def of [plan: list<any>, kind: string]: nothing -> list<any> { $plan | where kind == $kind }

def emit [events: path, event: record] { $"($event | to json --raw)\n" | save --append --raw $events }
