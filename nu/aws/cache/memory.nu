# A cache of scripts with a number of entries: the least recently used one goes when a new one comes.
#
# All shells share it. The plugin keeps it in memory and, for the other shells, on disk, in a folder of its own beside
# the cache's. The state files of older versions are neither read nor touched.

use ./disk.nu [get-from-disk store-in-disk]
use ./folders.nu [beside]

# Entries where nobody says.
const CAPACITY = 1000

# As good as for ever.
const KEPT = 36500day

# What is in front of a key while its fetcher runs.
const FLIGHT = "fetched:"

# Under what the capacity is kept, in a folder that nobody invalidates.
const CAPACITY_KEY = "memory-cache:capacity"

# Forgets everything; `{entries, order, max_size}` with room for 1000 entries.
export def init-memory-cache []: nothing -> record { init-memory-cache-with-size $CAPACITY }

# Forgets everything; `{entries, order, max_size}` with room for `max_size` entries.
export def init-memory-cache-with-size [max_size: int]: nothing -> record {
    if $max_size < 1 {
        error make {
            msg: $"a cache has room for one entry at least, and this one would have ($max_size)"
            labels: [{text: "1 or more", span: (metadata $max_size).span}]
        }
    }
    beside settings { aws cache put $CAPACITY_KEY $max_size --ttl $KEPT }
    apart { aws cache clear } | ignore
    {entries: {}, order: [], max_size: $max_size}
}

# Forgets everything; room for 1000 entries.
export def clear-memory-cache []: nothing -> record { init-memory-cache }

# Keeps data under a key; `{entries, order, max_size}` with the entries' times, the least recently used key first.
export def store-in-memory [key: string, data: any]: nothing -> record {
    let capacity = capacity
    apart { aws cache put $key {data: $data} --ttl $KEPT --max-entries $capacity }
    let entries = entries
    {
        entries: ($entries | select key timestamp | each {|entry| [$entry.key {timestamp: $entry.timestamp}] } | into record)
        order: $entries.key
        max_size: $capacity
    }
}

# What is under a key, as `{data, timestamp}`; null where nothing is. It is the last one to go then.
export def get-from-memory [key: string]: nothing -> any {
    let found = apart { aws cache get $key --meta }
    if $found.meta.cache == miss { return null }
    {data: $found.data.data, timestamp: ((date now) - $found.meta.age)}
}

# How many entries there are.
export def get-memory-cache-size []: nothing -> int { entries | length }

# `{size, max_size, entries}`, with `key, timestamp, size_estimate` (bytes, unpacked) of each, the least recently used first.
export def get-memory-cache-stats []: nothing -> record {
    let entries = entries
    {
        size: ($entries | length)
        max_size: (capacity)
        entries: ($entries | select key timestamp unpacked | rename key timestamp size_estimate | update size_estimate { into int })
    }
}

# Whether more time has passed since `timestamp` than `ttl`.
export def is-expired [timestamp: datetime, ttl: duration]: nothing -> bool { ((date now) - $timestamp) > $ttl }

# What is under a key, from memory, else from disk (`disk.nu`), else what `fetcher` gives, which both keep. It runs once for all
# who ask at once.
export def cache-get [
    key: string
    fetcher: closure
    --ttl: duration = 5min   # how old it may be, and how long a new one lives
]: nothing -> any {
    for tier in [{ get-from-memory $key } { get-from-disk $key }] {
        let found = do $tier
        if $found != null and not (is-expired $found.timestamp $ttl) { return $found.data }
    }
    # Whoever asks meanwhile finds it there.
    let flight = $"($FLIGHT)($key)"
    let got = aws cache get $flight $fetcher --ttl $ttl --meta
    if $got.meta.cache == made {
        store-in-disk $key $got.data
        store-in-memory $key $got.data | ignore
        aws cache clear $flight | ignore
    }
    $got.data
}

# How full the memory of this shell's plugin is: `{entries, size, max_size, hits, misses, hit_rate}`, the rate of 100.
export def get-cache-memory-stats []: nothing -> record {
    let tier = aws cache stats | where tier == memory | first
    let asked = $tier.hits + $tier.misses
    {
        entries: $tier.entries
        size: $tier.size
        max_size: $tier.limit
        hits: $tier.hits
        misses: $tier.misses
        hit_rate: (if $asked == 0 { 0.0 } else { $tier.hits * 100 / $asked })
    }
}

# Runs a closure on this cache's own folder.
def apart [work: closure]: nothing -> any { beside memory $work }

def capacity []: nothing -> int { beside settings { aws cache get $CAPACITY_KEY } | default $CAPACITY }

def entries []: nothing -> table {
    apart { aws cache list } | where kind == value and disk == true | sort-by used | insert timestamp { get stored }
}
