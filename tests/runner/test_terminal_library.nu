# The terminal that other suites drive, without any plugin.
use std/assert
use std/testing *
use ../lib/terminal.nu *

@test
def "lines go in, results come out, ctrl-c interrupts" [] {
    let terminal = terminal open
    terminal type $terminal "print $'sum (40 + 2)'"
    terminal expect $terminal '^ready> *$'
    assert ("sum 42" in (terminal screen $terminal))
    terminal type $terminal "sleep 1hr"
    sleep 300ms
    terminal press $terminal C-c
    terminal expect $terminal '^ready> *$'
    terminal close $terminal
}
