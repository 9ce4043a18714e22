# Forgetting what is kept: entries of scripts (`disk.nu`, `memory.nu`) and the plugin's answers alike, for all shells.
#
# Keys are `profile:region:service:operation:hash`, as `cache-key` builds them, or anything else.

use ./folders.nu [beside cache-folder]

# Entries of `disk.nu` have this in front of their keys.
const PREFIX = "disk:"

# Forgets what is kept of a service.
export def invalidate-cache-by-service [service: string]: nothing -> nothing {
    forget {|parts| $parts.service == $service }
    answers { aws invalidate --service $service }
}

# Forgets what is kept of an operation.
export def invalidate-cache-by-operation [service: string, operation: string]: nothing -> nothing {
    forget {|parts| $parts.service == $service and (plain $parts.operation) == (plain $operation) }
    answers { aws invalidate --service $service --operation $operation }
}

# Forgets what was asked with a resource (id, name or ARN), and what tells of it. In keys of scripts it is found whole, not as
# part of a longer one.
export def invalidate-cache-by-resource [service: string, resource_type: string, resource_identifier: string]: nothing -> nothing {
    if $resource_identifier == "" {
        error make {
            msg: "no resource is named"
            labels: [{text: "an id, a name or an ARN", span: (metadata $resource_identifier).span}]
        }
    }
    forget {|parts| $parts.service == $service and (names $parts.key $resource_identifier) }
    answers { aws invalidate --service $service --resource $resource_identifier --cascade }
}

# Forgets what is under keys that fit a glob: `*`, `?`, `[ab]`, `{a,b}`.
export def invalidate-cache-by-pattern [pattern: string]: nothing -> nothing {
    invalidate-cache $pattern | ignore
}

# Forgets what is older.
export def invalidate-expired-cache [max_age: duration]: nothing -> nothing {
    forget {|parts| $parts.age > $max_age }
    for key in (aws cache list | where kind != value and age > $max_age | get key) { aws invalidate (literal $key) }
}

# Forgets what is kept of a profile.
export def invalidate-cache-by-profile [profile: string]: nothing -> nothing {
    forget {|parts| $parts.profile == $profile }
    answers { aws invalidate --profile $profile }
}

# Forgets what is kept of a region.
export def invalidate-cache-by-region [region: string]: nothing -> nothing {
    forget {|parts| $parts.region == $region }
    answers { aws invalidate --region $region }
}

# Forgets what a change of a resource makes old: of a state machine the whole service, else what was asked with the resource.
export def cascade-invalidate-on-resource-change [service: string, resource_type: string, resource_arn: string]: nothing -> nothing {
    match [$service $resource_type] {
        [stepfunctions stateMachine] => { invalidate-cache-by-service $service }
        [stepfunctions execution] => { invalidate-cache-by-resource $service $resource_type ($resource_arn | split row ":" | last) }
        _ => { invalidate-cache-by-resource $service $resource_type $resource_arn }
    }
}

# How operations begin that change nothing.
const READS = [check describe estimate get head list lookup preview query scan search select simulate test validate view]

# Forgets what an operation makes old: what starts or stops, the resource that `resource_info.arn` names; what changes anything
# else, the whole service; after others, what is older than an hour.
export def smart-invalidate [service: string, operation: string, resource_info: record = {}]: nothing -> nothing {
    let verb = $operation | str kebab-case | str replace --regex "^batch-" "" | split row "-" | first
    let arn = $resource_info.arn? | default ""
    if $verb in $READS {
        invalidate-expired-cache 1hr
    } else if $verb in [start stop] and $arn != "" {
        invalidate-cache-by-resource $service "" $arn
    } else {
        invalidate-cache-by-service $service
    }
}

# What the invalidations of `batch-invalidate` need besides their type.
const NEEDED = {
    service: [service], operation: [service operation], resource: [service resource_identifier], pattern: [pattern]
    profile: [profile], region: [region], expired: [max_age]
}

# Runs several invalidations: records with `type` (service, operation, resource, pattern, profile, region, expired) and the
# parameters of that command. An unknown type is told, and the others run; where one lacks a parameter, none runs.
export def batch-invalidate [operations: list<record>]: nothing -> nothing {
    for operation in $operations {
        let kind = $operation.type? | default ""
        let missing = $NEEDED | get --optional $kind | default [] | where $it not-in ($operation | columns)
        if ($missing | is-not-empty) {
            error make {
                msg: $"an invalidation of type `($kind)` lacks `($missing | str join '`, `')`"
                labels: [{text: "nothing was forgotten", span: (metadata $operations).span}]
            }
        }
    }
    for operation in $operations {
        match $operation.type? {
            "service" => { invalidate-cache-by-service $operation.service }
            "operation" => { invalidate-cache-by-operation $operation.service $operation.operation }
            "resource" => { invalidate-cache-by-resource $operation.service ($operation.resource_type? | default "") $operation.resource_identifier }
            "pattern" => { invalidate-cache-by-pattern $operation.pattern }
            "profile" => { invalidate-cache-by-profile $operation.profile }
            "region" => { invalidate-cache-by-region $operation.region }
            "expired" => { invalidate-expired-cache $operation.max_age }
            $other => { print --stderr $"Unknown invalidation type: ($other)" }
        }
    }
}

# What there is to forget: `{memory_entries, disk_entries, last_invalidation, total_invalidations}`, of which the last two are null.
export def get-invalidation-stats []: nothing -> record {
    {
        memory_entries: (beside memory { aws cache list })
        disk_entries: (aws cache list | where disk == true)
        last_invalidation: null
        total_invalidations: null
    }
}

# Forgets what is under keys that fit a glob, everything where none is given, entries of scripts included: the table of what
# was removed.
export def invalidate-cache [pattern: string = "*"]: nothing -> table {
    folders | each {|folder|
        with-env {AWS_CACHE_DIR: $folder} { (aws invalidate $pattern) ++ (aws invalidate $"($PREFIX)($pattern)") }
    } | flatten
}

# How long an answer of an operation is good.
export def get-resource-ttl [service: string, operation: string]: nothing -> duration {
    aws cache ttl $service $operation | get ttl | default 0sec
}

# The cache's folder and that of `memory.nu`.
def folders []: nothing -> list<string> {
    [(cache-folder) $"(cache-folder)_memory"]
}

# Removes the entries of scripts whose key fits.
def forget [fits: closure]: nothing -> nothing {
    for folder in (folders) {
        with-env {AWS_CACHE_DIR: $folder} {
            let keys = aws cache list | where kind == value | where {|entry| do $fits (parts $entry) } | get key
            if ($keys | is-not-empty) { aws cache clear ...$keys | ignore }
        }
    }
}

# Whether a key has a name that nothing of the kind stands around.
def names [key: string, name: string]: nothing -> bool {
    $" ($key) " | split row $name | window 2 | any {|around| $around.0 =~ '[^\w-]$' and $around.1 =~ '^[^\w-]' }
}

# A service or operation of the script's own is none of AWS's.
def answers [work: closure]: nothing -> nothing { try { do $work | ignore } catch { null } }

def plain [name: string]: nothing -> string { $name | str lowercase | str replace --all --regex "[-_]" "" }

# A key as a glob that fits nothing else.
def literal [key: string]: nothing -> string { $key | str replace --all --regex '[\[\]{}*?\\]' '[$0]' }

def parts [entry: record]: nothing -> record {
    let key = $entry.key | str replace --regex $"^($PREFIX)" ""
    let found = $key | split row ":"
    let found = if ($found | first) in [resource batch] { $found | skip 1 } else { $found }
    {
        key: $key, age: $entry.age
        profile: ($found.0? | default ""), region: ($found.1? | default "")
        service: ($found.2? | default ""), operation: ($found.3? | default "")
    }
}
