# A `nu` process that knows nothing of the user: empty HOME, throw-away configuration, no variable of the caller
# but those named here, the plugin registered in a registry of its own.

# What a process needs to run at all. Everything else of the caller (above all AWS_*) stays outside.
const PASSED = [PATH LANG LC_ALL TERM TZ SSL_CERT_FILE SSL_CERT_DIR SYSTEMROOT COMSPEC]

# Makes the folders of one suite below `settings.work` and registers the plugin there. Returns the folder.
export def prepare [suite: record, settings: record]: nothing -> path {
    let folder = folder $suite $settings
    rm --recursive --force $folder
    mkdir ($folder | path join home) ($folder | path join config nushell)
    if $settings.registry != null {
        cp $settings.registry ($folder | path join config nushell plugin.msgpackz)
    }
    $folder
}

# The folder of one suite: home, configuration, output; tests may write into it (`$env.TEST_DIR`).
export def folder [suite: record, settings: record]: nothing -> path {
    $settings.work | path join ($suite.name | str replace --all --regex '[^\w.-]+' '-')
}

# Runs `code` in a `nu` of the suite; standard output and error go to files. `{exit_code, stdout, stderr}`.
export def execute [suite: record, settings: record, code: string, --output: string]: nothing -> record {
    let folder = folder $suite $settings
    let stdout = $folder | path join $"($output).out"
    let stderr = $folder | path join $"($output).err"
    let variables = variables $folder $settings | transpose name value | each {|v| $"($v.name)=($v.value)" }
    let exit_code = try {
        ^env -i ...$variables $nu.current-exe --commands $code o> $stdout e> $stderr
        0
    } catch {|e| $e.exit_code? | default (-1) }
    {exit_code: $exit_code, stdout: $stdout, stderr: $stderr}
}

# Registers the plugin once, below `work`; every suite gets a copy of the registry. Null without a plugin.
export def registry [plugin: any, work: path]: nothing -> any {
    if $plugin == null { return null }
    let registry = $work | path join plugin.msgpackz
    rm --force $registry
    let added = ^$nu.current-exe --no-config-file --commands $"plugin add --plugin-config ($registry | to nuon) ($plugin | path expand | to nuon)" | complete
    if $added.exit_code != 0 {
        error make --unspanned {
            msg: $"the plugin ($plugin) cannot be registered: ($added.stderr | str trim)"
            help: "build it first (cargo build), and run the suites with the nu that it was built for"
        }
    }
    $registry
}

def variables [folder: path, settings: record]: nothing -> record {
    let passed = $env | select --optional ...$PASSED | transpose name value | compact value
        | reduce --fold {} {|it, all| $all | insert $it.name ($it.value | text) }
    $passed | merge {
        HOME: ($folder | path join home)
        XDG_CONFIG_HOME: ($folder | path join config)
        XDG_DATA_HOME: ($folder | path join home .local share)
        XDG_CACHE_HOME: ($folder | path join home .cache)
        TEST_DIR: $folder
        TEST_ROOT: $settings.root
        NO_COLOR: "1"
        AWS_EC2_METADATA_DISABLED: "true"
    } | merge $settings.variables
}

def text []: any -> string { if ($in | describe) =~ "^list" { $in | str join (char esep) } else { $in | into string } }
