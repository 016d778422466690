# What a pod might try. Prints one line for each attempt: its name, and "done" or "refused".
# Only sh, coreutils, perl and openssl take part: what the PostgreSQL image has. $1: namespace whose secrets to read.

try() {
    name=$1
    shift
    if "$@" >/dev/null 2>&1; then echo "$name: done"; else echo "$name: refused"; fi
}

# Numbers of unshare and mount, which perl has no functions for.
case $(uname -m) in
    x86_64) unshare=272 mount=165 ;;
    *) unshare=97 mount=40 ;;
esac
# Literals would be refused: perl takes it that a system call may write to them.
mount_program="my (\$what, \$where, \$type) = ('none', '/tmp/mount', 'tmpfs'); mkdir(\$where);
    exit(syscall($mount, \$what, \$where, \$type, 0, 0) != 0)"
token=/var/run/secrets/kubernetes.io/serviceaccount/token

gains_rights() {
    while read -r key value; do
        if [ "$key" = NoNewPrivs: ]; then [ "$value" = 0 ]; return; fi
    done </proc/self/status
}

read_secrets() {
    header=
    [ -r "$token" ] && header="Authorization: Bearer $(cat "$token")"
    # The answer's first line is the status; the pause keeps the connection open until it has come.
    { printf 'GET /api/v1/namespaces/%s/secrets HTTP/1.0\r\nHost: kubernetes\r\n%s\r\n\r\n' "$1" "$header"; sleep 2; } |
        openssl s_client -quiet -connect "$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT" 2>/dev/null |
        { read -r _ status _; [ "$status" = 200 ]; }
}

set_kernel_value() { # to what it is
    value=$(cat /proc/sys/net/ipv4/ip_default_ttl) && echo "$value" >/proc/sys/net/ipv4/ip_default_ttl
}

try "write to the root file system" touch /attempt
try "write to /usr/bin" touch /usr/bin/attempt
try "become root" perl -e '$< = $> = 0; exit($> != 0 || $< != 0)'
try "gain rights by a setuid program" gains_rights
try "hand a file to root" sh -c 'touch /tmp/attempt && chown 0:0 /tmp/attempt && [ "$(stat -c %u /tmp/attempt)" = 0 ]'
try "make a user namespace" perl -e "exit(syscall($unshare, 0x10000000) != 0)"
try "mount a file system" perl -e "$mount_program"
try "open a raw socket" perl -e 'exit(!socket(my $s, 2, 3, 1))' # IPv4, raw, ICMP
try "change a kernel setting" set_kernel_value
try "read a service account token" cat "$token"
try "read secrets from the API server" read_secrets "$1"
