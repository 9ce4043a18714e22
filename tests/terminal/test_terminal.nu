# What happens at a real prompt: ctrl-c, the end of the shell, completion menus.
use std/assert
use std/testing *
use ../lib/moto.nu *
use ../lib/terminal.nu *

@before-each
def prompt [] {
    load-env {AWS_MOCK_MODE: "true", AWS_MOCK_ITEMS: "1000000000", AWS_REGION: eu-west-1}
    {terminal: (terminal open)}
}

@after-each
def close [] { terminal close $in.terminal }

# Makes the plugin say that it is mocked, which it does once, so that it never comes between a prompt and its line.
def said [terminal: string] {
    terminal type $terminal "aws call sts GetCallerIdentity | get Account | $'account:($in)'"
    terminal expect $terminal '^account:\d+$'
}

# Interrupts a line once it runs; the prompt must come back and the plugin must go on working.
def interrupt [terminal: string, line: string] {
    terminal type $terminal $"print \('be' + 'gan'); ($line)"
    terminal expect $terminal '^began$'
    # so that the interrupt meets the stream and not its beginning
    sleep 700ms
    assert not ((terminal screen $terminal | last) =~ '^ready> *$')
    terminal press $terminal C-c
    terminal type $terminal --within 10sec "$'after:(aws services | where name == ec2 | get service_id.0)'"
    terminal expect $terminal '^after:EC2$'
}

@test
def "ctrl-c ends a stream that flows" [] {
    interrupt $in.terminal "aws stream s3 ListObjectsV2 {Bucket: some-bucket} | length"
}

@test
def "ctrl-c ends a stream that waits for its page" [] {
    interrupt $in.terminal "$env.AWS_MOCK_LATENCY = 1hr; aws stream s3 ListObjectsV2 {Bucket: some-bucket} | length"
}

@test
def "ctrl-c ends a call" [] {
    interrupt $in.terminal "$env.AWS_MOCK_LATENCY = 1hr; aws call s3 ListObjectsV2 {Bucket: some-bucket}"
}

@test
def "ctrl-c ends calls in parallel" [] {
    interrupt $in.terminal "$env.AWS_MOCK_LATENCY = 1hr; 1..8 | par-each { aws call s3 ListObjectsV2 {Bucket: some-bucket} }"
}

@test
def "a background job reads its stream to the end" [] {
    let terminal = $in.terminal
    said $terminal
    let counted = $env.TEST_DIR | path join counted.txt
    let settings = "{AWS_MOCK_ITEMS: 60, AWS_MOCK_PAGE_SIZE: 5, AWS_MOCK_LATENCY: 200ms}"
    terminal type $terminal $"job spawn { with-env ($settings) { aws stream iam ListUsers | length | save --force '($counted)' } }"
    # prompts come and go meanwhile: for the job they mean nothing
    for n in 1..5 {
        terminal type $terminal $"$'turn:\(($n) + 0)'"
        terminal expect $terminal $'^turn:($n)$'
    }
    let until = (date now) + 20sec
    while (date now) < $until and not ($counted | path exists) { sleep 50ms }
    assert equal (open --raw $counted | str trim) "60"
}

@test
def "ctrl-c in the foreground leaves no short result in the background" [] {
    let terminal = $in.terminal
    said $terminal
    let names = $env.TEST_DIR | path join names.txt
    let settings = "{AWS_MOCK_ITEMS: 1000, AWS_MOCK_PAGE_SIZE: 5, AWS_MOCK_LATENCY: 100ms}"
    terminal type $terminal $"job spawn { with-env ($settings) { let all = aws stream iam ListUsers | get UserName; \$all | save --force '($names)' } }"
    terminal type $terminal "print \('slee' + 'ping'); sleep 1hr"
    terminal expect $terminal '^sleeping$'
    terminal press $terminal C-c
    terminal type $terminal "job list | length | $'jobs:($in)'"
    terminal expect $terminal '^jobs:\d$'
    sleep 1sec
    assert (not ($names | path exists) or (open --raw $names | lines | length) == 1000)
}

@test
def "leaving the shell ends the plugin" [] {
    let terminal = $in.terminal
    said $terminal
    terminal type $terminal "$'pid:(plugin list | where name == aws_perf | get 0.pid)'"
    terminal expect $terminal '^pid:\d+$'
    let pid = terminal screen $terminal | parse --regex '^pid:(?<pid>\d+)$' | get 0.pid | into int
    assert equal (ps | where pid == $pid | length) 1
    terminal type $terminal "job spawn { aws stream s3 ListObjectsV2 {Bucket: some-bucket} | length }"
    # the first one only warns that a job is running
    terminal type $terminal exit
    terminal expect $terminal 'still background jobs running'
    terminal type $terminal exit
    let until = (date now) + 15sec
    while (date now) < $until and (ps | where ($it.pid == $pid and $it.status != Zombie) | is-not-empty) { sleep 100ms }
    assert equal (ps | where ($it.pid == $pid and $it.status != Zombie) | length) 0
}

@test
def "tab completes an operation" [] {
    terminal type $in.terminal --no-enter "aws call stepfunctions DescribeStateMachineA"
    terminal press $in.terminal Tab
    terminal expect $in.terminal '^ready> aws call stepfunctions DescribeStateMachineAlias *$'
}

@test
def "ctrl-c ends a wait" [] {
    interrupt $in.terminal "$env.AWS_MOCK_LATENCY = 1hr; aws wait ec2 instance-running {InstanceIds: [i-1]}"
}

@test
def "tab offers the names of the one parameter that an operation takes" [] {
    let terminal = $in.terminal
    let server = moto start $env.TEST_PYTHON $env.TEST_DIR
    with-env $server {
        for name in [tab-alice tab-bob] { aws call iam CreateUser {UserName: $name} | ignore }
        for _ in 1..50 {
            if (aws complete iam UserName | length) == 2 { break }
            sleep 100ms
        }
    }
    terminal type $terminal $"hide-env AWS_MOCK_MODE; load-env ($server | to nuon); print \(aws complete iam UserName | length | $'names:\($in)')"
    terminal expect $terminal '^names:2$'
    terminal type $terminal --no-enter "aws call iam GetUser"
    terminal press $terminal Space
    terminal press $terminal Tab
    terminal expect $terminal '^\{UserName: tab-bob\}'
}
