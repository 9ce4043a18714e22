# What scripts measure: hits, misses and times, over `aws perf record` and `aws perf stats`.
#
# What the plugin itself asks is counted too. Times are durations and dates are dates. All shells share the figures.

use ./folders.nu [beside]

# Under what the rest is kept, beside the cache.
const STATE_KEY = "performance-metrics:state"
const KEPT = 36500day

# Forgets everything; the new state.
export def init-performance-metrics []: nothing -> record {
    reset-performance-metrics
    get-performance-metrics
}

# Forgets everything.
export def reset-performance-metrics []: nothing -> nothing {
    aws perf reset
    beside settings { aws cache put $STATE_KEY (fresh) --ttl $KEPT }
}

# Counts a hit.
export def record-cache-hit [service: string, operation: string]: nothing -> nothing {
    aws perf record $service $operation --cache hit
}

# Counts a miss.
export def record-cache-miss [service: string, operation: string]: nothing -> nothing {
    aws perf record $service $operation --cache miss
}

# Records how long something took. It counts no request.
export def record-operation-timing [service: string, operation: string, response_time: duration, was_cache_hit: bool]: nothing -> nothing {
    let cache = if $was_cache_hit { "hit" } else { "miss" }
    aws perf record $service $operation --duration $response_time --cache $cache --uncounted
}

# Records how full a store is, as `{used, total, utilization, timestamp}` under `<cache_type>_storage`.
export def record-cache-storage [cache_type: string, used_bytes: int, total_bytes: int]: nothing -> nothing {
    let utilization = if $total_bytes == 0 { 0.0 } else { $used_bytes / $total_bytes }
    let storage = {used: $used_bytes, total: $total_bytes, utilization: $utilization, timestamp: (date now)}
    change {|state| $state | upsert $"($cache_type)_storage" $storage }
}

# All figures: `cache_hit_rate` (0 to 1), `total_requests, cache_hits, cache_misses`, the mean times, `uptime` since the reset.
export def get-performance-metrics []: nothing -> record { metrics (aws perf stats --by [cache]) (state).since }

# Hits and misses of a service: `service, cache_hits, cache_misses, total_requests, cache_hit_rate` (0 to 1).
export def get-service-metrics [service: string]: nothing -> record {
    {service: $service, ...(counts (aws perf stats --service $service))}
}

# Hits and misses of an operation.
export def get-operation-metrics [service: string, operation: string]: nothing -> record {
    {service: $service, operation: $operation, ...(counts (aws perf stats --service $service --operation $operation))}
}

# How full the stores are (0 to 1), and the time that hits saved at the mean time of a miss.
export def get-cache-efficiency-metrics []: nothing -> record {
    let state = state
    let memory = $state.memory_storage?.utilization? | default 0.0
    let disk = $state.disk_storage?.utilization? | default 0.0
    let metrics = get-performance-metrics
    let saved = [0sec ($metrics.cache_miss_avg_time - $metrics.cache_hit_avg_time)] | math max
    {
        memory_utilization: $memory
        disk_utilization: $disk
        time_saved: ($saved * $metrics.cache_hits)
        storage_efficiency: (($memory + $disk) / 2)
    }
}

# All figures of the last `window`.
export def get-metrics-for-window [window: duration]: nothing -> record {
    metrics (aws perf stats --by [cache] --since $window) ([(state).since ((date now) - $window)] | math max)
}

# From when on `get-performance-alerts` warns: `{max_cache_miss_rate, max_avg_response_time, min_cache_hit_rate}`, rates 0 to 1.
export def set-performance-thresholds [thresholds: record]: nothing -> nothing {
    change {|state| $state | upsert thresholds $thresholds }
}

# What is beyond the thresholds: `type, severity, message, threshold`, and the figure itself.
export def get-performance-alerts []: nothing -> list<record> {
    let limits = (state).thresholds? | default {}
    let metrics = get-performance-metrics
    if $metrics.total_requests == 0 and $metrics.avg_response_time == 0sec { return [] }
    let misses = 1 - $metrics.cache_hit_rate
    let asked = $metrics.total_requests > 0
    mut alerts = []
    if $limits.max_cache_miss_rate? != null and $asked and $misses > $limits.max_cache_miss_rate {
        $alerts ++= [{type: high_miss_rate, severity: warning, message: $"Cache miss rate ($misses) exceeds ($limits.max_cache_miss_rate)", current_miss_rate: $misses, threshold: $limits.max_cache_miss_rate}]
    }
    if $limits.max_avg_response_time? != null and $metrics.avg_response_time > $limits.max_avg_response_time {
        $alerts ++= [{type: high_response_time, severity: warning, message: $"Average response time ($metrics.avg_response_time) exceeds ($limits.max_avg_response_time)", current_time: $metrics.avg_response_time, threshold: $limits.max_avg_response_time}]
    }
    if $limits.min_cache_hit_rate? != null and $asked and $metrics.cache_hit_rate < $limits.min_cache_hit_rate {
        $alerts ++= [{type: low_hit_rate, severity: warning, message: $"Cache hit rate ($metrics.cache_hit_rate) is below ($limits.min_cache_hit_rate)", current_hit_rate: $metrics.cache_hit_rate, threshold: $limits.min_cache_hit_rate}]
    }
    $alerts
}

# All figures as one JSON object; times in nanoseconds.
export def export-metrics-as-json []: nothing -> string { get-performance-metrics | to json }

# `metric,value` in five rows; the time in nanoseconds.
export def export-metrics-as-csv []: nothing -> string {
    let metrics = get-performance-metrics | update avg_response_time { into int }
    [cache_hit_rate total_requests cache_hits cache_misses avg_response_time]
    | each {|name| {metric: $name, value: ($metrics | get $name)} } | to csv
}

# The figures as Prometheus reads them.
export def export-metrics-as-prometheus []: nothing -> string {
    let metrics = get-performance-metrics
    [
        "# HELP cache_hit_rate Cache hit rate, 0 to 1" "# TYPE cache_hit_rate gauge" $"cache_hit_rate ($metrics.cache_hit_rate)"
        "# HELP cache_requests_total Requests" "# TYPE cache_requests_total counter" $"cache_requests_total ($metrics.total_requests)"
        "# HELP cache_hits_total Hits" "# TYPE cache_hits_total counter" $"cache_hits_total ($metrics.cache_hits)"
        ""
    ] | str join "\n"
}

# Writes all figures to a new file; its path.
export def save-performance-metrics []: nothing -> string {
    let name = $"aws_metrics_backup_(date now | format date "%Y%m%d_%H%M%S_%f").nuon"
    let path = $nu.temp-dir | path join $name
    {metrics: (get-performance-metrics), state: (state), services: (aws perf stats --by [service operation cache])} | to nuon | save $path
    $path
}

# The figures of a saved file; without one, those of now.
export def load-performance-metrics [path?: path]: nothing -> record {
    if $path == null { return (get-performance-metrics) }
    open --raw $path | from nuon | get metrics
}

def fresh []: nothing -> record { {since: (date now)} }

def state []: nothing -> record { beside settings { aws cache get $STATE_KEY } | default (fresh) }

def change [how: closure]: nothing -> nothing {
    let changed = state | do $how $in
    beside settings { aws cache put $STATE_KEY $changed --ttl $KEPT }
}

# The old names of a summary's counts.
def counts [stats: record]: nothing -> record {
    {
        cache_hits: $stats.cache_hits
        cache_misses: $stats.cache_misses
        total_requests: ($stats.cache_hits + $stats.cache_misses)
        cache_hit_rate: (($stats.cache_hit_rate | default 0.0) / 100)
    }
}

# All figures out of a table by `cache`.
def metrics [rows: table, since: datetime]: nothing -> record {
    let sorts = {hit: [memory disk shared hit], miss: [network miss]}
    let of = {|sort| $rows | where cache in ($sorts | get $sort) }
    let hits = do $of hit
    let misses = do $of miss
    let number = {|rows, column| $rows | get $column | append 0 | math sum }
    let hit_count = do $number $hits cache_hits
    let miss_count = do $number $misses cache_misses
    let total = $hit_count + $miss_count
    {
        cache_hit_rate: (if $total == 0 { 0.0 } else { $hit_count / $total })
        total_requests: $total
        cache_hits: $hit_count
        cache_misses: $miss_count
        avg_response_time: (mean ($hits ++ $misses))
        cache_hit_avg_time: (mean $hits)
        cache_miss_avg_time: (mean $misses)
        uptime: ((date now) - $since)
    }
}

# The mean time of all that was timed.
def mean [rows: table]: nothing -> duration {
    let timed = $rows | where timed > 0
    if ($timed | is-empty) { return 0sec }
    ($timed | each {|row| $row.avg * $row.timed } | math sum) / ($timed.timed | math sum)
}
