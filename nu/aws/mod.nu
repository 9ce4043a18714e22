# Modules on top of nu_plugin_aws_perf. Copy this folder into one of $NU_LIB_DIRS and `use aws *`, or try it out with
# `overlay use aws`. Always with the `*`: without it, `aws perf version` would be called `aws aws perf version`.
#
# Nothing here stops a script from loading where the plugin is missing: commands say so when they are called.

# The plugin that these modules are made for.
const VERSION = "0.1.0"

# Says which plugin and which modules are in use, and fails where they do not belong together.
#
# Modules and plugin belong together when their first two numbers are equal: 0.1.0 works with 0.1.7, not with 0.2.0.
@category aws
@example "Make sure of it at the start of a script" { aws perf version | ignore }
export def "aws perf version" []: nothing -> record<plugin: string, modules: string, nushell: string, filename: string> {
    let caller = (metadata $VERSION).span
    let plugin = plugin list --engine | where name == aws_perf | get 0?
    if $plugin == null {
        error make {
            msg: "the plugin nu_plugin_aws_perf is not loaded in this Nushell"
            code: "aws_perf::plugin_missing"
            labels: [{text: $"these modules need version ($VERSION)", span: $caller}]
            help: "`make install` in its source folder installs and registers it; by hand it is `plugin add <path of nu_plugin_aws_perf>`, then `plugin use aws_perf` or a new Nushell"
        }
    }
    if (series $plugin.version) != (series $VERSION) {
        error make {
            msg: $"plugin and modules differ: nu_plugin_aws_perf is ($plugin.version? | default unknown), the modules are ($VERSION)"
            code: "aws_perf::version_mismatch"
            labels: [{text: $"made for ($VERSION)", span: $caller}]
            help: "install both from the same source folder with `make install`, then run `plugin use aws_perf` or start Nushell anew"
        }
    }
    {plugin: $plugin.version, modules: $VERSION, nushell: (version).version, filename: $plugin.filename}
}

# The part of a version that decides whether two fit.
def series [version: any]: nothing -> string { $version | default "" | split row "." | first 2 | str join "." }
