# Keys for caches of scripts: profile, region, service, operation and the hash of the parameters.
#
# Plain text functions, which need no plugin. The keys of the plugin's own answers are told by `aws cache key`.

# The key of a request, as `profile:region:service:operation:hash`.
export def cache-key [
    service: string
    operation: string
    params: record
    --profile: string = ""   # default: $env.AWS_PROFILE, else `default`
    --region: string = ""    # default: $env.AWS_DEFAULT_REGION, else `us-east-1`
]: nothing -> string {
    [...(place $profile $region) $service $operation (generate-param-hash $params)] | str join ":"
}

# The hash of parameters: MD5 of their JSON, whatever the order of keys, at every depth; `empty-params` for none.
export def generate-param-hash [params: record]: nothing -> string {
    if ($params | is-empty) { return "empty-params" }
    sorted $params | to json --raw | hash md5
}

# The parts of a key.
export def parse-cache-key [key: string]: nothing -> record<profile: string, region: string, service: string, operation: string, param_hash: string> {
    let parts = $key | split row ":"
    if ($parts | length) != 5 {
        error make {
            msg: "Invalid cache key format"
            labels: [{text: $"($parts | length) parts instead of 5", span: (metadata $key).span}]
            help: "a key is profile:region:service:operation:hash"
        }
    }
    {profile: $parts.0, region: $parts.1, service: $parts.2, operation: $parts.3, param_hash: $parts.4}
}

# The key of one resource, as `resource:profile:region:service:type:id`.
export def resource-cache-key [
    service: string
    resource_type: string
    identifier: string
    --profile: string = ""
    --region: string = ""
]: nothing -> string {
    [resource ...(place $profile $region) $service $resource_type $identifier] | str join ":"
}

# The key of a batch, as `batch:profile:region:service:operation:id`.
export def batch-cache-key [
    service: string
    operation: string
    batch_identifier: string
    --profile: string = ""
    --region: string = ""
]: nothing -> string {
    [batch ...(place $profile $region) $service $operation $batch_identifier] | str join ":"
}

# Whether a key holds a text, or is what a glob with `*` and `?` says.
export def cache-key-matches-pattern [key: string, pattern: string]: nothing -> bool {
    if $pattern !~ '[*?]' { return ($key | str contains $pattern) }
    let signs = $pattern | split chars | each {|sign|
        match $sign {
            "*" => ".*"
            "?" => "."
            _ => ($sign | str replace --regex '([^\w])' '\$1')
        }
    }
    $key =~ $"^($signs | str join)$"
}

# The service of a key.
export def get-service-from-cache-key [key: string]: nothing -> string { (parse-cache-key $key).service }

# The region of a key.
export def get-region-from-cache-key [key: string]: nothing -> string { (parse-cache-key $key).region }

# The profile of a key.
export def get-profile-from-cache-key [key: string]: nothing -> string { (parse-cache-key $key).profile }

def place [profile: string, region: string]: nothing -> list<string> {
    [
        (if $profile != "" { $profile } else { $env.AWS_PROFILE? | default -e default })
        (if $region != "" { $region } else { $env.AWS_DEFAULT_REGION? | default -e us-east-1 })
    ]
}

# The same value with the keys of its records in order.
def sorted [value: any]: nothing -> any {
    match ($value | describe --detailed | get type) {
        "record" => ($value | columns | sort | reduce --fold {} {|name, done| $done | insert $name (sorted ($value | get $name)) })
        "list" | "table" => ($value | each {|item| sorted $item })
        _ => $value
    }
}
