# The `nu` folder: use by copying, and the check that plugin and modules belong together.
use std/assert
use std/testing *

# Runs code in a fresh `nu` whose library folder holds a copy of the modules.
def --wrapped nu-with-modules [code: string, ...flags] {
    let library = $env.TEST_DIR | path join library
    mkdir $library
    cp --recursive ($env.TEST_ROOT | path join nu aws) $library
    ^$nu.current-exe -I $library ...$flags --commands $code | complete
}

@test
def "modules are usable by copying, with use and with overlay" [] {
    for code in ["use aws *; aws perf version" "overlay use aws; aws perf version"] {
        let ended = nu-with-modules $"($code) | to nuon"
        assert equal $ended.exit_code 0 $ended.stderr
        let found = $ended.stdout | from nuon
        assert equal $found.nushell (version).version
        assert equal $found.filename $env.TEST_PLUGIN
    }
}

@test
def "a missing plugin is told when a command is called, not when the modules are loaded" [] {
    let ended = nu-with-modules "use aws *; print loaded; try { aws perf version } catch {|e| print $e.details.code $e.details.help }" --no-config-file
    assert equal $ended.exit_code 0 $ended.stderr
    let lines = $ended.stdout | lines
    assert equal ($lines | first 2) [loaded "aws_perf::plugin_missing"]
    assert str contains ($lines | skip 2 | str join) "plugin add"
}

@test
def "another series of versions is refused" [] {
    let library = $env.TEST_DIR | path join other
    mkdir ($library | path join aws)
    open --raw ($env.TEST_ROOT | path join nu aws mod.nu)
    | str replace --regex 'const VERSION = "[^"]+"' 'const VERSION = "999.1.0"'
    | save ($library | path join aws mod.nu)
    let ended = ^$nu.current-exe -I $library --commands "use aws *; try { aws perf version } catch {|e| print $e.details.code $e.msg $e.details.help }" | complete
    let lines = $ended.stdout | lines
    assert equal ($lines | first) "aws_perf::version_mismatch" $ended.stderr
    assert str contains $lines.1 "the modules are 999.1.0"
    assert str contains ($lines | skip 2 | str join) "make install"
}

@test
def "all versions are the same" [] {
    let package = open ($env.TEST_ROOT | path join Cargo.toml) | get package.version
    assert equal (open ($env.TEST_ROOT | path join nu nupm.nuon) | get version) $package
    assert equal ((plugin list | where name == aws_perf).0.version) $package
    let module = open --raw ($env.TEST_ROOT | path join nu aws mod.nu) | parse --regex 'const VERSION = "(?<version>[^"]+)"'
    assert equal $module.0.version $package
}

@test
def "installing registers the plugin and copies the modules" [] {
    let home = $env.TEST_DIR | path join someone
    let install = $env.TEST_ROOT | path join nu install.nu
    with-env {HOME: $home, XDG_CONFIG_HOME: ($home | path join config), XDG_DATA_HOME: ($home | path join data)} {
        mkdir ($home | path join config nushell)
        for _ in 1..2 {
            let ended = ^$nu.current-exe $install --plugin $env.TEST_PLUGIN | complete
            assert equal $ended.exit_code 0 $ended.stderr
        }
        let ended = ^$nu.current-exe --commands "use aws *; aws perf version | get filename" | complete
        assert equal ($ended.stdout | str trim) $env.TEST_PLUGIN $ended.stderr
    }
}

@test
def "installing leaves a folder that is not its own alone" [] {
    let home = $env.TEST_DIR | path join "someone else"
    let own = $home | path join config nushell scripts aws mod.nu
    mkdir ($own | path dirname)
    "export def mine [] { 1 }" | save $own
    with-env {HOME: $home, XDG_CONFIG_HOME: ($home | path join config), XDG_DATA_HOME: ($home | path join data)} {
        let ended = ^$nu.current-exe ($env.TEST_ROOT | path join nu install.nu) --plugin $env.TEST_PLUGIN | complete
        assert str contains $ended.stdout "was left as it is" $ended.stderr
    }
    assert equal (open --raw $own) "export def mine [] { 1 }"
}
