# Where the modules of this folder keep things.

# The cache's folder as it is named. What `AWS_CACHE_TEST_SUFFIX` adds, the plugin adds itself.
export def cache-folder []: nothing -> string { $env.AWS_CACHE_DIR? | default -e ($nu.home-dir | path join .cache aws-nushell) }

# Runs a closure on a folder beside the cache's: `memory` has the entries of `memory.nu`, `settings` what is set, which is
# no entry to forget.
export def beside [name: string, work: closure]: nothing -> any { with-env {AWS_CACHE_DIR: $"(cache-folder)_($name)"} $work }
