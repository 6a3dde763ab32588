# What the benches of /px share: the tools they need, the build, a place to work in, and what they ask of processes.

rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-5}
connections=${CONNECTIONS:-64}
profile=release
[ "${1:-}" != --quick ] || profile=quick

# Installs those of these commands that are missing (Debian).
need() {
    local missing=() tool sudo
    for tool in "$@"; do command -v "$tool" >/dev/null || [ -x "/usr/sbin/$tool" ] || missing+=("$tool"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
    $sudo apt-get -o DPkg::Lock::Timeout=600 update -q
    $sudo apt-get -o DPkg::Lock::Timeout=600 install -qy --no-install-recommends "${missing[@]}"
}

cargo build --locked --profile "$profile" --bin pixeld --example px_bench
built=${CARGO_TARGET_DIR:-target}/$profile
work=$(mktemp -d)
servers=()
finish() {
    for pid in "${servers[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT

# Waits for the address in a server's first line.
address_in() {
    timeout 20 sh -c 'until grep -om1 "127\.0\.0\.1:[0-9]*" "$1"; do :; done' - "$1"
}

# Processor time of a process so far, in ticks.
ticks() {
    awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

# load NAME PID ADDRESS REQUESTS: one round. Appends to the results: the name, requests, seconds, p50 and p99 in
# milliseconds, the server's processor time in microseconds a request.
load() {
    local before after
    before=$(ticks "$2")
    REQUESTS=$4 wrk -t1 -c"$connections" -d"${seconds}s" --timeout 20s -s benches/px/traffic.lua "http://$3" >"$work/wrk"
    after=$(ticks "$2")
    awk -v name="$1" -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" '
        $1 == "result" {
            if ($4 + 0 > 0) { print name ": " $4 " requests failed" > "/dev/stderr"; exit 1 }
            print name, $2, $3 / 1e6, $5, $6, ticks / hertz * 1e6 / $2
        }' "$work/wrk" >>"$work/results"
}
