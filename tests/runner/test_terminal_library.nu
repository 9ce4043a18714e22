# The terminal that other suites drive, without any plugin.
use std/assert
use std/testing *
use ../lib/terminal.nu *

@test
def "lines go in, results come out, ctrl-c interrupts" [] {
    let terminal = terminal open
    terminal type $terminal "print $'sum (40 + 2)'; sleep 1hr"
    terminal expect $terminal '^sum 42$'
    terminal press $terminal C-c
    terminal type $terminal "print $'sum (40 + 3)'"
    terminal expect $terminal '^sum 43$'
    terminal close $terminal
}
