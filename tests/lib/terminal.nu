# A real Nushell prompt in a terminal, driven by tmux: keys in, screen out.

use skip.nu

# Opens a terminal with a fresh Nushell that has the variables of the running one. Returns its name.
export def "terminal open" []: nothing -> string {
    if (which tmux | is-empty) { skip "tmux is not installed" }
    let config = $env.TEST_DIR | path join terminal.nu
    '$env.config.show_banner = false
$env.PROMPT_COMMAND = {|| "" }
$env.PROMPT_COMMAND_RIGHT = {|| "" }
$env.PROMPT_INDICATOR = "ready> "
' | save --force $config
    let name = $"aws-perf-(random chars --length 10)"
    # a server of its own (-L), so that no session of the user's is touched
    ^tmux -L $name -f /dev/null new-session -d -x 150 -y 50 -s main $nu.current-exe --config $config --env-config /dev/null
    $name
}

# An empty prompt, maybe with a line on it that some program wrote to standard error.
const PROMPT = '^ready>( *| aws_perf: .*)$'

# Types a line and presses enter. Waits for the prompt before and for the echo between: what is typed ahead may get
# lost, and the next line must not take this one's prompt for its own.
export def "terminal type" [name: string, line: string, --within: duration = 20sec, --no-enter]: nothing -> nothing {
    wait-for $name $within "an empty prompt" {|screen| ($screen | last 1 | str join) =~ $PROMPT }
    ^tmux -L $name send-keys -t main -l $line
    let end = $line | str substring (-20)..
    wait-for $name $within $"the echo of ($line)" {|screen| $screen | str join | str contains $end }
    if not $no_enter { ^tmux -L $name send-keys -t main Enter }
}

# Presses a key by tmux's name for it, as C-c.
export def "terminal press" [name: string, key: string]: nothing -> nothing { ^tmux -L $name send-keys -t main $key }

# The lines that the screen shows.
export def "terminal screen" [name: string]: nothing -> list<string> {
    ^tmux -L $name capture-pane -p -t main | lines | each { str trim --right } | where $it != ""
}

# Waits until a line of the screen matches, and fails with the screen where none ever does. What is typed is on the
# screen too: expect what only an answer can say.
export def "terminal expect" [name: string, pattern: string, --within: duration = 20sec]: nothing -> nothing {
    wait-for $name $within $pattern {|screen| $screen | any {|line| $line =~ $pattern } }
}

def wait-for [name: string, within: duration, what: string, met: closure]: nothing -> nothing {
    let until = (date now) + $within
    while not (do $met (terminal screen $name)) {
        if (date now) > $until {
            error make --unspanned {msg: $"($what) never came, the screen is:\n(terminal screen $name | str join (char newline))"}
        }
        sleep 50ms
    }
}

# Closes the terminal and ends what runs in it.
export def "terminal close" [name: string]: nothing -> nothing { ^tmux -L $name kill-server }
