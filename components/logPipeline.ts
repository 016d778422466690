/**
 * The agent's configuration of the OpenTelemetry Collector: it follows the log files of one namespace, reads lines in JSON
 * into fields, redacts secrets and sends the rest by OTLP over HTTP.
 * Source: https://opentelemetry.io/docs/collector/configuration/, the README of each component in
 * open-telemetry/opentelemetry-collector and opentelemetry-collector-contrib
 */
import { secretKeys, secretValues } from "./logRedaction.ts";

/** Where the kubelet keeps the logs of containers: `<namespace>_<pod>_<uid>/<container>/<restarts>.log`. */
export const logDirectory = "/var/log/pods";

/** Port of the health check; path `/`. */
export const healthPort = 13133;

/** Variable with the value of the header Authorization. */
export const authorizationVariable = "LOG_AUTHORIZATION";

export interface PipelineArgs {
    /** Namespace whose logs are shipped. */
    readonly namespace: string;
    /** Environment of the stack, which tells its logs from those of another one in the same store. */
    readonly environment: string;
    /** Address that `/v1/logs` comes behind. */
    readonly endpoint: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Whether requests carry what is in the variable. */
    readonly isAuthorized: boolean;
    /** Where positions in the files are kept. */
    readonly stateDirectory: string;
}

/** Sizes in bytes. */
const [queueSize, batchSize] = [4 * 1024 ** 2, 1024 ** 2];

/** A line that a private key in PEM goes on or ends with. */
const keyLine = "^[A-Za-z0-9+/]{16,}=*$|^-----END ";

export function pipeline(args: PipelineArgs): object {
    const authorization = args.isAuthorized && { Authorization: `\${env:${authorizationVariable}}` };
    return {
        extensions: {
            health_check: { endpoint: `:${healthPort}` },
            file_storage: { directory: args.stateDirectory },
        },
        receivers: {
            file_log: {
                include: [`${logDirectory}/${args.namespace}_*/*/*.log`],
                // What was printed before the agent came; where it goes on after a restart is in file_storage.
                start_at: "beginning",
                storage: "file_storage",
                include_file_path: true,
                include_file_name: false,
                resource: { "deployment.environment.name": args.environment },
                // What the destination does not take yet is read later, as long as the file is there.
                retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
                operators: [
                    // Format of the container runtime; namespace, pod and container are in the path.
                    { type: "container" },
                    {
                        type: "recombine",
                        combine_field: "body",
                        is_first_entry: literal(`not (body matches ${JSON.stringify(keyLine)})`),
                        force_flush_period: "1s",
                    },
                    { type: "json_parser", if: 'body startsWith "{"', parse_to: "body", on_error: "send_quiet" },
                    {
                        type: "severity_parser",
                        if: 'type(body) == "map" and type(body["level"]) == "string"',
                        parse_from: "body.level",
                        on_error: "send_quiet",
                    },
                ],
            },
        },
        processors: {
            memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 },
            redaction: {
                allow_all_keys: true,
                blocked_key_patterns: secretKeys,
                blocked_values: secretValues,
                summary: "silent",
            },
        },
        exporters: {
            otlp_http: {
                endpoint: literal(args.endpoint),
                headers: { ...literals(args.headers), ...authorization },
                retry_on_failure: { max_elapsed_time: "0s" },
                sending_queue: {
                    sizer: "bytes",
                    queue_size: queueSize,
                    // Rather than drop something: the files keep it.
                    block_on_overflow: true,
                    batch: { flush_timeout: "1s", min_size: batchSize / 2, max_size: batchSize },
                },
            },
        },
        service: {
            extensions: ["health_check", "file_storage"],
            pipelines: {
                logs: {
                    receivers: ["file_log"],
                    processors: ["memory_limiter", "redaction"],
                    exporters: ["otlp_http"],
                },
            },
            telemetry: { logs: { encoding: "json" }, metrics: { level: "none" } },
        },
    };
}

/** A text that contains no reference to a variable. */
function literal(text: string): string {
    return text.replaceAll("$", "$$$$");
}

function literals(texts: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, literal(text)]));
}
