/** What the smoke test asks, and the script that asks it. */
import type { AgentDashboardConfig, GatewayApiConfig, SmokeTestConfig } from "../config/services/index.ts";
import { objectName, type Release } from "./shared/platform.ts";

/** A service that is called; none of a service without pods. */
export interface Target {
    readonly component: string;
    /** Port that its pods listen on. */
    readonly port: number;
    readonly checks: readonly Check[];
}

export interface TestedConfig {
    readonly gatewayApi: GatewayApiConfig;
    readonly agentDashboard: AgentDashboardConfig;
    readonly smokeTest: SmokeTestConfig;
}

/** One request. */
export interface Check {
    readonly name: string;
    readonly url: string;
    /** Pattern of a shell's `case`: the status, and after a space the address of a redirect without its query. */
    readonly expected: string;
    /** What the body has to contain. Default: anything. */
    readonly contains?: string;
    /** Whether the answer does not end by itself. */
    readonly isStream?: boolean;
}

const signInPages = {
    google: "https://accounts.google.com/*",
    github: "https://github.com/login/oauth/authorize",
} as const;

/** What is called: the web services that have pods. */
export function targetsOf(release: Release, config: TestedConfig): readonly Target[] {
    const { gatewayApi, agentDashboard, smokeTest } = config;
    return [
        ...(hasPods(gatewayApi) ? [gatewayTarget(release, gatewayApi, smokeTest)] : []),
        ...(hasPods(agentDashboard) ? [dashboardTarget(release, agentDashboard)] : []),
    ];
}

function hasPods({ enabled, paused }: Pick<GatewayApiConfig, "enabled" | "paused">): boolean {
    return enabled && !paused;
}

function gatewayTarget(
    release: Release,
    config: GatewayApiConfig,
    { signIn, stream }: Pick<SmokeTestConfig, "signIn" | "stream">,
): Target {
    const { livenessProbe, readinessProbe, metrics, service } = config;
    const component = "gateway-api";
    const url = (path: string): string => `http://${objectName(release, component)}:${service.port}${path}`;
    const paths = [...new Set([livenessProbe.path, readinessProbe.path])];
    const checks: readonly Check[] = [
        ...paths.map((path) => ({ name: `${component} ${path}`, url: url(path), expected: "200" })),
        ...signIn.map((provider) => ({
            name: `sign-in with ${provider}`,
            url: url(`/auth/oauth/${provider}`),
            expected: `30[237] ${signInPages[provider]}`,
        })),
        ...(metrics.enabled ? [{ name: "metrics", url: url(metrics.path), expected: "200", contains: "# TYPE " }] : []),
        ...(stream
            ? [
                  {
                      ...{ name: "event stream", url: url("/api/signals/stream"), expected: "200" },
                      ...{ contains: "data:", isStream: true },
                  },
              ]
            : []),
    ];
    return { component, port: config.containerPort, checks };
}

function dashboardTarget(release: Release, { readinessProbe, service, containerPort }: AgentDashboardConfig): Target {
    const component = "agent-dashboard";
    const { path } = readinessProbe;
    const url = `http://${objectName(release, component)}:${service.port}${path}`;
    return { component, port: containerPort, checks: [{ name: `${component} ${path}`, url, expected: "200" }] };
}

/** Asks everything, prints a line for each check, and ends with 1 when one has failed. For any POSIX shell with curl. */
export function smokeTestScript(checks: readonly Check[]): string {
    const lines = checks.map(({ name, url, expected, contains = "", isStream = false }) =>
        ["check", ...[name, url, expected, contains].map(quoted), ...(isStream ? ["--max-time 3 --retry 0"] : [])].join(
            " ",
        ),
    );
    return `failed=0
# check NAME URL EXPECTED PART [OPTION…]: the query of a redirect has the client's id, and is not for the log.
check() {
    name=$1 url=$2 expected=$3 part=$4
    shift 4
    : >/tmp/body
    got=$(curl --silent --show-error --max-time 5 --retry 3 --retry-delay 2 --retry-all-errors \\
        --output /tmp/body --write-out '%{http_code} %{redirect_url}' "$@" "$url" 2>/tmp/error)
    got=\${got%%\\?*}
    got=\${got% }
    case $got in
    $expected)
        case $(cat /tmp/body) in
        *"$part"*) echo "ok      $name: $got" && return ;;
        esac
        got="$got without it" expected="$expected with \\"$part\\""
        ;;
    000*) got=$(tail -n 1 /tmp/error) ;;
    esac
    echo "FAILED  $name: expected $expected, got $got"
    failed=$((failed + 1))
}
${lines.join("\n")}
[ $failed -eq 0 ] && exit 0
echo "$failed of ${checks.length} checks have failed"
exit 1
`;
}

/** As a shell takes it. */
function quoted(text: string): string {
    return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
