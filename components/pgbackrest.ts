/** pgBackRest as this platform runs it: its configuration, its commands, and where its repository is. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type BackupConfig, repositoryPath } from "../config/backup.ts";
import { publicAddresses } from "./shared/networkPolicy.ts";
import { objectName, type Platform } from "./shared/platform.ts";
import type { MountedVolume } from "./shared/pod.ts";

/** Where the embedded chart has PostgreSQL's volume, its socket and a repository in a volume. */
const dataVolume = "/var/lib/postgresql/data";
const socketDirectory = "/var/run/postgresql";
const repositoryDirectory = "/var/lib/pgbackrest";
const configDirectory = "/etc/pgbackrest";

const httpsPort = 443;

/** The objects with the configuration, by name. */
export interface BackupObjects {
    readonly configMap: pulumi.Input<string>;
    readonly secret: pulumi.Input<string>;
    /** Keyed checksum over both, as far as the program creates them. */
    readonly checksum: pulumi.Input<string>;
}

/** Files of the ConfigMap: `pgbackrest.conf`, and the authorities of the endpoint where they are given. */
export function configFiles(
    platform: Platform,
    namespace: string,
    config: BackupConfig,
    dataDirectory: string,
): Record<string, string> {
    const { s3 } = config;
    const prefix = repositoryPath(config, namespace, platform.releaseName);
    const options = {
        ...(s3 === undefined
            ? { "repo1-path": `${repositoryDirectory}${prefix}` }
            : {
                  "repo1-path": prefix,
                  "repo1-type": "s3",
                  "repo1-s3-endpoint": new URL(s3.endpoint).hostname,
                  "repo1-storage-port": portOf(s3.endpoint),
                  "repo1-s3-bucket": s3.bucket,
                  "repo1-s3-region": s3.region,
                  "repo1-s3-uri-style": s3.uriStyle,
                  ...(s3.ca !== undefined && { "repo1-storage-ca-file": `${configDirectory}/ca.crt` }),
              }),
        "repo1-cipher-type": "aes-256-cbc",
        "repo1-bundle": "y",
        "repo1-retention-full-type": "time",
        "repo1-retention-full": config.retentionDays,
        "compress-type": "zst",
        // Otherwise a backup waits for the next checkpoint, which may be minutes away.
        "start-fast": "y",
        "process-max": 2,
        // Containers log to their output.
        "log-level-file": "off",
    };
    const server = {
        "pg1-path": `${dataVolume}/${dataDirectory}`,
        "pg1-socket-path": socketDirectory,
        "pg1-user": "postgres",
    };
    return {
        "pgbackrest.conf": `${section("global", options)}\n${section(platform.releaseName, server)}`,
        ...(s3?.ca !== undefined && { "ca.crt": s3.ca }),
    };
}

/** The file of the Secret. */
export function secretFile(secrets: {
    readonly passphrase: string;
    readonly accessKey?: string | undefined;
    readonly secretKey?: string | undefined;
}): string {
    return section("global", {
        "repo1-cipher-pass": secrets.passphrase,
        ...(secrets.accessKey !== undefined && { "repo1-s3-key": secrets.accessKey }),
        ...(secrets.secretKey !== undefined && { "repo1-s3-key-secret": secrets.secretKey }),
    });
}

function section(name: string, options: Readonly<Record<string, string | number>>): string {
    const lines = Object.entries(options).map(([key, value]) => `${key}=${value}\n`);
    return `[${name}]\n${lines.join("")}`;
}

/** The configuration, mounted as in PostgreSQL's pod; the repository too where it is a volume. */
export function repositoryVolumes({ configMap, secret }: BackupObjects, { volume }: BackupConfig): MountedVolume[] {
    const items = [{ key: "secrets.conf", path: "conf.d/secrets.conf" }];
    const sources = [{ configMap: { name: configMap } }, { secret: { name: secret, items } }];
    return [
        { volume: { name: "backup-config", projected: { sources } }, mountPath: configDirectory },
        ...(volume === undefined
            ? []
            : [
                  {
                      volume: { name: "backup-repository", persistentVolumeClaim: { claimName: volume.claimName } },
                      mountPath: repositoryDirectory,
                  },
              ]),
    ];
}

/** Connections to the repository; none where it is a volume. */
export function toRepository({ s3 }: BackupConfig): types.input.networking.v1.NetworkPolicyEgressRule[] {
    if (s3 === undefined) return [];
    const peers = s3.cidrs.length > 0 ? s3.cidrs.map((cidr) => ({ ipBlock: { cidr } })) : [...publicAddresses];
    return [{ to: peers, ports: [{ protocol: "TCP", port: portOf(s3.endpoint) }] }];
}

function portOf(endpoint: string): number {
    return Number(new URL(endpoint).port || httpsPort);
}

/** Name of a CronJob of the backups. */
export function backupName(platform: Platform, kind: "full" | "incremental" | "restore-test"): string {
    return objectName(platform, `backup-${kind}`);
}

/**
 * Makes a base backup. pgBackRest has to run where the server's files and socket are, and this pod is elsewhere, without
 * rights in the cluster: it asks the server, as its superuser, to run the command, and shows what it printed.
 */
export function backupScript(type: "full" | "incr"): string {
    const command = (words: string): string => `pgbackrest --log-level-console=info ${words}`;
    const commands = [command("stanza-create"), command("check"), command(`--type=${type} backup`)].join(" && ");
    return `set -eu
# A server that starts or recovers refuses connections.
timeout 600 sh -c 'until pg_isready --quiet; do sleep 2; done'
exec psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 <<'SQL'
create temporary table output (number serial, line text);
copy output (line) from program '( ${commands} ) 2>&1 || echo "failed with exit code $?"'
    with (format csv, delimiter e'\\x01', quote e'\\x02');
select line from output order by number;
do $check$ begin
    if exists (select from output where line like 'failed with exit code %') then
        raise exception 'the backup has failed';
    end if;
end $check$;
SQL
`;
}

/** Where a restore test puts its copy. */
export const scratchDirectory = "/scratch";

/**
 * Checks every file of the repository, then restores the latest state, starts a server on it and reads every row. The copy
 * archives nothing.
 */
export const restoreTestScript = `set -eu
# It ends with 0 whatever it finds.
if ! pgbackrest --log-level-console=info verify >/tmp/verify || grep --quiet 'status: error' /tmp/verify; then
    cat /tmp/verify
    echo 'The repository has errors.' >&2
    exit 1
fi
# Nor does it miss what is gone as a whole.
pgbackrest info --output=json | grep --only-matching '"label":"[^"]*"' | cut --delimiter='"' --fields=4 >/tmp/known
pgbackrest repo-ls "backup/$PGBACKREST_STANZA" >/tmp/there
if grep --invert-match --line-regexp --fixed-strings --file=/tmp/there /tmp/known; then
    echo 'These backups are missing.' >&2
    exit 1
fi
data=${scratchDirectory}/pgdata
mkdir --mode=700 "$data"
pgbackrest --log-level-console=info --pg1-path="$data" --archive-mode=off restore
postgres -D "$data" -k /tmp -c listen_addresses= -c hot_standby=off &
server=$!
until pg_isready --quiet --host=/tmp; do
    kill -0 "$server" || { echo 'The restored server has ended.' >&2; exit 1; }
    sleep 1
done
pg_dumpall --host=/tmp --username=postgres >/dev/null
psql --host=/tmp --username=postgres --no-align --tuples-only --command "select 'restored up to ' ||
    coalesce(pg_last_xact_replay_timestamp()::text, 'the base backup')"
kill -INT "$server"
wait "$server"
`;
