#!/usr/bin/env bash
# run.sh COMMAND STACK REPORT: one command on one stack, with the policy pack and its settings.
#
#   preview  what `up` would change
#   up       deploys with `npm run deploy`, then proves that nothing is left to change
#   drift    compares the stack with the cluster; finding a difference is a result, not a failure
#
# Writes what Pulumi said to REPORT/output.txt and one word to REPORT/outcome: ok, drift, unsettled, rolled-back (the
# deployment failed, and the last good release is back) or failed.
# Exit status: 0 for ok and drift, 1 for the others, 2 for bad usage.
#
# `up` runs the CLI and not the action's own command: that one passes --skip-preview, and then mandatory policies for
# the whole stack fail only after everything has been changed.
set -uo pipefail

no_changes_expected=7 # the CLI's exit status when --expect-no-changes found some

if [ $# -ne 3 ]; then
    echo "usage: run.sh preview|up|drift STACK REPORT" >&2
    exit 2
fi
command="$1" stack="$2" report="$3"
mkdir -p "$report"
: > "$report/output.txt"

# An empty address of a backend would not mean "none" to Pulumi; an empty passphrase is one.
[ -n "${PULUMI_BACKEND_URL:-}" ] || unset PULUMI_BACKEND_URL
[ -n "${PULUMI_CONFIG_PASSPHRASE:-}" ] || unset PULUMI_CONFIG_PASSPHRASE

policies=(--policy-pack policy-pack --policy-pack-config policy-config.json)

record() {
    local status
    "$@" 2>&1 | tee -a "$report/output.txt"
    status="${PIPESTATUS[0]}"
    return "$status"
}

run() {
    record pulumi "$@" --stack "$stack" "${policies[@]}" --non-interactive --color never
}

finish() {
    echo "$1" > "$report/outcome"
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        {
            echo "### pulumi $command of $stack: $1"
            echo '<details><summary>What Pulumi said</summary><pre>'
            # The summary holds 1 MiB; the end says most.
            tail -c 500000 "$report/output.txt" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
            echo '</pre></details>'
        } >> "$GITHUB_STEP_SUMMARY"
    fi
    case "$1" in
    ok | drift) exit 0 ;;
    *) exit 1 ;;
    esac
}

case "$command" in
preview)
    run preview --diff && finish ok
    finish failed
    ;;
up)
    record npm run --silent deploy -- --stack "$stack" "${policies[@]}"
    case $? in
    0) ;;
    1) finish rolled-back ;;
    *) finish failed ;;
    esac
    run preview --diff --expect-no-changes && finish ok
    echo "::error::$stack is deployed, but a second run would change it again" >&2
    finish unsettled
    ;;
drift)
    # Without it, what another tool has changed is a conflict, and no difference. A preview changes nothing.
    export PULUMI_K8S_ENABLE_PATCH_FORCE=true
    run preview --refresh --diff --expect-no-changes
    case $? in
    0) finish ok ;;
    "$no_changes_expected") finish drift ;;
    *) finish failed ;;
    esac
    ;;
*)
    echo "run.sh: unknown command $command; there are preview, up and drift" >&2
    exit 2
    ;;
esac
