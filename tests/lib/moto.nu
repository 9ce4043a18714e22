# A local AWS server (moto) for the running `nu`; it ends with it.

const SERVER = path self ../tools/moto_server.py

# Starts a server and waits until it answers. Returns the variables that point any AWS client at it; load them with
# `load-env` or `with-env`. `folder` takes its port file and its log.
export def "moto start" [python: path, folder: path]: nothing -> record {
    mkdir $folder
    let name = random chars --length 8
    let port_file = $folder | path join $"moto-($name).port"
    let log = $folder | path join $"moto-($name).log"
    job spawn { ^$python $SERVER --port-file $port_file o+e> $log }
    let until = (date now) + 1min
    while not ($port_file | path exists) {
        if (date now) > $until {
            error make --unspanned {msg: $"the local AWS server did not start, see ($log)"}
        }
        sleep 50ms
    }
    {
        AWS_ENDPOINT_URL: $"http://127.0.0.1:(open --raw $port_file)"
        AWS_ACCESS_KEY_ID: test
        AWS_SECRET_ACCESS_KEY: test
        AWS_REGION: eu-west-1
        AWS_DEFAULT_REGION: eu-west-1
    }
}

# What the server of `AWS_ENDPOINT_URL` was asked since it started or since `moto forget`:
# `method, path, query, operation, access_key, region, service`.
export def "moto requests" []: nothing -> table { http get $"($env.AWS_ENDPOINT_URL)/_test/requests" }

# Forgets the requests so far.
export def "moto forget" []: nothing -> nothing { http delete $"($env.AWS_ENDPOINT_URL)/_test/requests" | ignore }

# From now on every request takes so much longer.
export def "moto delay" [time: duration]: nothing -> nothing {
    http put $"($env.AWS_ENDPOINT_URL)/_test/delay?ms=($time // 1ms)" "" | ignore
}

# After so many more requests all are answered with a fault (see moto_server.py), until the fault is `none`.
export def "moto fault" [kind: string, --after: int = 0]: nothing -> nothing {
    http put $"($env.AWS_ENDPOINT_URL)/_test/fault?kind=($kind)&after=($after)" "" | ignore
}
