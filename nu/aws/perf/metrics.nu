# One event for what a script measured itself.

# Records an event, which `aws perf stats` counts. `operation` is `service:operation`.
export def record-metric [
    operation: string
    duration: duration
    cache_hit: bool = false
    --region: string = ""    # default: $env.AWS_REGION
    --profile: string = ""   # default: $env.AWS_PROFILE
]: nothing -> nothing {
    let parts = $operation | split row --number 2 ":"
    let names = if ($parts | length) == 2 { $parts } else { ["script" $operation] }
    let cache = if $cache_hit { "hit" } else { "miss" }
    let region = $region | default -e ($env.AWS_REGION? | default "")
    let profile = $profile | default -e ($env.AWS_PROFILE? | default "default")
    aws perf record $names.0 $names.1 --duration $duration --cache $cache --region $region --profile $profile
}
