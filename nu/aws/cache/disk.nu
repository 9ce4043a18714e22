# A cache of scripts on disk, shared by all shells: entries by key, kept until they are removed.
#
# The entries are the plugin's (`aws cache list` shows them with `disk:` in front of their keys): packed, checked before
# every use, readable by the user only. Files that older versions of this module wrote are neither read nor touched.

use ./folders.nu [cache-folder]

# Entries by key are apart from everything else in the plugin's cache.
const PREFIX = "disk:"

# As good as for ever: until somebody removes it, or the cache is full.
const KEPT = 36500day

# The folder of the cache: $env.AWS_CACHE_DIR, else `~/.cache/aws-nushell`; with `_test_<suffix>` for test suites.
export def get-cache-dir []: nothing -> string {
    let folder = cache-folder
    let suffix = $env.AWS_CACHE_TEST_SUFFIX? | default ""
    if $suffix == "" { $folder } else { $"($folder)_test_($suffix)" }
}

# Keeps data under a key.
export def store-in-disk [key: string, data: any]: nothing -> nothing {
    aws cache put $"($PREFIX)($key)" {data: $data} --ttl $KEPT
}

# What is under a key, as `{data, timestamp}`; null where nothing is.
export def get-from-disk [key: string]: nothing -> any {
    let found = aws cache get $"($PREFIX)($key)" --meta
    if $found.meta.cache == miss { return null }
    {data: $found.data.data, timestamp: ((date now) - $found.meta.age)}
}

# Whether something is under a key.
export def disk-cache-exists [key: string]: nothing -> bool { (get-from-disk $key) != null }

# Forgets what is under a key.
export def remove-from-disk [key: string]: nothing -> nothing { aws cache clear $"($PREFIX)($key)" | ignore }

# All entries: `key, file_path, size, modified`.
export def list-disk-cache-entries []: nothing -> table {
    entries | select key file size stored | rename key file_path size modified
}

# How many entries there are, and how large they are: `{total_entries, total_size, cache_directory, entries}`.
export def get-disk-cache-stats []: nothing -> record {
    let entries = list-disk-cache-entries
    {
        total_entries: ($entries | length)
        total_size: ($entries | get size | append 0b | math sum)
        cache_directory: (get-cache-dir)
        entries: $entries
    }
}

# Removes entries that are older: how many.
export def clean-expired-disk-cache [ttl: duration = 1hr]: nothing -> int {
    forget (entries | where age > $ttl)
}

# Removes all entries of this module: how many.
export def clear-disk-cache []: nothing -> int { forget (entries) }

# Whether more time has passed since `timestamp` than `ttl`.
export def is-expired [timestamp: datetime, ttl: duration]: nothing -> bool { ((date now) - $timestamp) > $ttl }

# Packed bytes over unpacked ones of the first ten entries; 1.0 where there are none.
export def get-compression-ratio []: nothing -> float {
    let first = entries | first 10
    if ($first | is-empty) { return 1.0 }
    ($first.size | math sum) / ($first.unpacked | math sum)
}

def entries []: nothing -> table {
    aws cache list | where kind == value and disk == true and ($it.key | str starts-with $PREFIX)
    | update key {|entry| $entry.key | str substring ($PREFIX | str length).. }
}

def forget [entries: table]: nothing -> int {
    if ($entries | is-empty) { return 0 }
    aws cache clear ...($entries.key | each {|key| $"($PREFIX)($key)" })
}
