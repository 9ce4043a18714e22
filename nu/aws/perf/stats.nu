# `aws perf stats` as text for files and other programs.

# The figures of all that was asked, by operation: `table` (default), `json`, `csv` or `nuon`. Times are nanoseconds in JSON and CSV.
export def perf-stats [
    --operation: string          # only this one, as `DescribeInstances` or `ec2:DescribeInstances`
    --since: duration = 36500day # only the last so much time
    --format: string = "table"
]: nothing -> any {
    let rows = if $operation == null {
        aws perf stats --by [service operation] --since $since
    } else {
        aws perf stats --by [service operation] --since $since --operation $operation
    }
    match $format {
        "table" => $rows
        "json" => ($rows | to json)
        "csv" => ($rows | update cells --columns [avg p50 p95 p99 max bytes] { if $in == null { null } else { into int } } | to csv)
        "nuon" => ($rows | to nuon)
        _ => {
            error make {
                msg: $"`($format)` is no format"
                labels: [{text: "table, json, csv or nuon", span: (metadata $format).span}]
            }
        }
    }
}
