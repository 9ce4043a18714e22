# Registers the installed plugin in the Nushell that runs this, and copies the modules to where `use` finds them.
# `make install` calls it after `cargo install`.

const MODULES = path self aws

def main [
    --plugin: path   # the plugin (default: where cargo installs programs)
]: nothing -> nothing {
    let plugin = $plugin | default (installed)
    plugin add $plugin
    print $"registered ($plugin) in ($nu.plugin-path)"

    let target = $nu.default-config-dir | path join scripts aws
    if ($target | path exists) and not (ours $target) {
        print $"($target) is a folder of your own and was left as it is; the modules stay in ($MODULES)"
    } else {
        rm --recursive --force $target
        mkdir ($target | path dirname)
        cp --recursive $MODULES $target
        print $"copied the modules to ($target)"
    }
    print "start Nushell anew, or run `plugin use aws_perf`; then try `aws services`, and `use aws *` for the modules"
}

# The program as cargo has just installed it.
def installed []: nothing -> path {
    let root = $env.CARGO_INSTALL_ROOT? | default $env.CARGO_HOME? | default ($nu.home-dir | path join .cargo)
    $root | path join bin (if $nu.os-info.name == windows { "nu_plugin_aws_perf.exe" } else { "nu_plugin_aws_perf" })
}

# Whether a folder came from here: a user's own `aws` folder must never be overwritten.
def ours [folder: path]: nothing -> bool {
    let module = $folder | path join mod.nu
    ($module | path exists) and (open --raw $module | str starts-with "# Modules on top of nu_plugin_aws_perf.")
}
