# Any operation of AWS through the plugin's cache, in the form that existing scripts know, and the commands they use around it.

export use ./memory.nu [cache-get]
export use ./invalidation.nu [get-resource-ttl invalidate-cache]
use ./keys.nu [cache-key]

# What an operation answers: `{data, cached, cache_key, cache_source, timing}`.
#
# `cache_source` is memory, disk or aws. `timing` has durations: what the cache took is `cache_lookup_time`, storing a new answer
# included, which is not told apart. Answers of mock mode are kept as well, apart from those of AWS.
@example "Who has a function" { cached-call lambda GetPolicy {FunctionName: orders} --ttl 1hr | get data }
export def cached-call [
    service: string
    operation: string
    parameters: record = {}
    --ttl: duration = 5min           # how old the answer may be, and how long a new one is kept
]: nothing -> record {
    let start = date now
    let answer = aws call $service $operation $parameters --ttl $ttl --meta
    let answer = if $answer.meta.transport == mock { mocked $answer $service $operation $parameters $ttl } else { $answer }
    let total = (date now) - $start
    let cached = $answer.meta.cache in [memory disk]
    let called = if $cached { 0sec } else { $answer.meta.duration }
    {
        data: $answer.data
        cached: $cached
        cache_key: ($answer.meta.key | default "")
        cache_source: (if $cached { $answer.meta.cache } else { "aws" })
        timing: {
            cache_lookup_time: (if $cached { $answer.meta.duration } else { $total - $called })
            aws_call_time: $called
            cache_store_time: 0sec
            total_time: $total
        }
    }
}

# A generated answer, or the one that was generated before. Its place in the cache is none of an answer of AWS.
def mocked [answer: record, service: string, operation: string, parameters: record, ttl: duration]: nothing -> record {
    let key = cache-key $service ($operation | str kebab-case) $parameters
    let start = date now
    let kept = aws cache get $"mock:($key)" { $answer.data } --ttl $ttl --meta
    let took = if $kept.meta.cache in [memory disk] { (date now) - $start } else { $answer.meta.duration }
    {data: $kept.data, meta: ($answer.meta | merge {cache: $kept.meta.cache, key: $key, duration: $took})}
}
