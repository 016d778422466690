/** What the smoke test asks, and the script that asks it. */
import { type Exposure, hostsServing } from "../config/exposure.ts";
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
    readonly exposure: Pick<Exposure, "existingGateway">;
}

/** One request. */
export interface Check {
    readonly name: string;
    readonly url: string;
    /** Pattern of a shell's `case`: the status, and after a space the address of a redirect without its query. */
    readonly expected: string;
    /** What the body has to contain. Default: anything. */
    readonly contains?: string;
    /** Where to get an access token for the request. Default: it needs none. */
    readonly tokenUrl?: string;
    /** Options of curl, which win over those of every check. */
    readonly options?: readonly string[];
}

const signInPages = {
    google: "https://accounts.google.com/*",
    github: "https://github.com/login/oauth/authorize",
} as const;

/** What is called: the web services that have pods. */
export function targetsOf(release: Release, config: TestedConfig): readonly Target[] {
    const { gatewayApi, agentDashboard } = config;
    return [
        ...(hasPods(gatewayApi) ? [gatewayTarget(release, config)] : []),
        ...(hasPods(agentDashboard) ? [dashboardTarget(release, config)] : []),
    ];
}

function hasPods({ enabled, paused }: Pick<GatewayApiConfig, "enabled" | "paused">): boolean {
    return enabled && !paused;
}

function gatewayTarget(release: Release, tested: TestedConfig): Target {
    const { gatewayApi: config, smokeTest } = tested;
    const { signIn, stream, notification } = smokeTest;
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
                      // The answer does not end by itself.
                      ...{ contains: "data:", options: ["--max-time", "3", "--retry", "0"] },
                  },
              ]
            : []),
        ...(notification
            ? [
                  {
                      ...{ name: "queued notification", url: url("/api/notifications/test"), expected: "200" },
                      // A notification that is queued twice is two: nothing is tried again.
                      ...{ contains: '"state":', tokenUrl: url("/api/token") },
                      options: ["--data", "", "--location", "--retry", "0"],
                  },
              ]
            : []),
    ];
    return { component, port: config.containerPort, checks: [...checks, ...hostChecks(config, tested)] };
}

function dashboardTarget(release: Release, tested: TestedConfig): Target {
    const { agentDashboard: config } = tested;
    const { readinessProbe, service, containerPort } = config;
    const component = "agent-dashboard";
    const { path } = readinessProbe;
    const url = `http://${objectName(release, component)}:${service.port}${path}`;
    const check = { name: `${component} ${path}`, url, expected: "200" };
    return { component, port: containerPort, checks: [check, ...hostChecks(config, tested)] };
}

/** What asks the public hosts that serve the path of the readiness probe. */
function hostChecks(service: GatewayApiConfig | AgentDashboardConfig, config: TestedConfig): readonly Check[] {
    const { enabled, connectTo } = config.smokeTest.hosts;
    if (!enabled) return [];
    const { path } = service.readinessProbe;
    const secured = new Set(service.ingress.tls.flatMap(({ hosts }) => hosts));
    return hostsServing(service, path).map((host) => {
        // The certificates of an existing Gateway are not the stack's, and its plain HTTP only redirects.
        const isSecured = config.exposure.existingGateway !== undefined || secured.has(host);
        const url = `${isSecured ? "https" : "http"}://${host}${path}`;
        // A first deployment waits for its certificate.
        const options = ["--retry", "8", "--retry-delay", "5"];
        if (connectTo !== undefined) options.push("--connect-to", `::${connectTo}`);
        return { name: url, url, expected: "200", options };
    });
}

/** Asks everything, prints a line for each check, and ends with 1 when one has failed. For any POSIX shell with curl. */
export function smokeTestScript(checks: readonly Check[]): string {
    const lines = checks.flatMap(({ name, url, expected, contains = "", tokenUrl, options = [] }) => {
        const all = tokenUrl === undefined ? options : ["--header", "@/tmp/token", ...options];
        return [
            ...(tokenUrl === undefined ? [] : [`authorize ${quoted(tokenUrl)}`]),
            ["check", ...[name, url, expected, contains, ...all].map(quoted)].join(" "),
        ];
    });
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
# authorize URL: without a token the check is refused.
authorize() {
    curl --silent --max-time 5 --retry 3 --retry-delay 2 --retry-all-errors --data "" "$1" |
        sed -n 's/.*"access_token": *"\\([^"]*\\)".*/Authorization: Bearer \\1/p' >/tmp/token
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
