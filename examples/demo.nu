# `make demo`: starts a local AWS server, registers the plugin in a throw-away Nushell and runs the tour in it.

use ../tests/lib/moto.nu *

const TOUR = path self tour.nu

def main [
    --plugin: path   # the plugin to show
    --python: path   # a Python with moto; where it is missing, the answers are generated
]: nothing -> nothing {
    plugin add $plugin
    let variables = if ($python | default "" | path exists) {
        print "(a local AWS server answers: moto, in memory)\n"
        moto start $python ($nu.home-dir | path join moto)
    } else {
        print "(no local AWS server: the answers are generated, by the mock transport)\n"
        {AWS_MOCK_MODE: "true", AWS_REGION: eu-west-1}
    }
    with-env $variables { ^$nu.current-exe $TOUR }
}
