/** Which images there are, and what each is made of. */
import { tools, type ToolName } from "../tools/catalogue.ts";
import { toolVersion } from "../tools/go.ts";

/** What a container of the image gets, as in the OCI image configuration. */
export interface ImageConfig {
    readonly Entrypoint: readonly string[];
    readonly Env: readonly string[];
    readonly ExposedPorts?: Readonly<Record<`${number}/tcp`, Record<string, never>>>;
    readonly Labels: Readonly<Record<string, string>>;
    readonly StopSignal?: "SIGINT";
    readonly User: string;
    readonly WorkingDir: string;
}

/** A program of the Go module in `stand-ins/`. */
export interface StandInSource {
    readonly kind: "stand-in";
    readonly program: string;
}

/** A program from Debian's packages. */
export interface DebianSource {
    readonly kind: "debian";
    readonly packages: readonly string[];
    /** Debian release. Default: `debianSuite`. */
    readonly suite?: string;
    /** Paths left out, as dpkg's `path-exclude` globs. */
    readonly without: readonly string[];
    /** File name of an entry script in `servers/`; `/usr/local/bin/docker-entrypoint.sh` in the image. Default: none. */
    readonly script?: string;
    /** Directories that volumes are mounted on, made with mode 1777 for any user. */
    readonly directories: readonly string[];
}

/** A program that `local/tools` builds; `/<tool>` in the image. */
export interface ToolSource {
    readonly kind: "tool";
    readonly tool: ToolName;
}

/** One set of layers, and the images made of it. */
export interface Recipe {
    readonly name: string;
    readonly source: StandInSource | DebianSource | ToolSource;
    readonly images: readonly { readonly reference: string; readonly config: ImageConfig }[];
}

/** The Debian release that the servers come from, where they name no other. */
export const debianSuite = "bookworm";

/** The user of every image. Any other user works as well; this one has a name in `/etc/passwd`. */
export const userId = 10001;

const userAndDirectory = { User: `${userId}:${userId}`, WorkingDir: "/" } as const;

/** Tags of the stand-ins. Both hold the same program and differ in the version it reports: enough for a roll-out. */
export const standInTags = ["v1.0.0", "v1.0.1"] as const;

function standIn(program: string, port?: number): Recipe {
    const images = standInTags.map((tag) => ({
        reference: `stand-in.tradestream.local/${program}:${tag}`,
        config: {
            ...userAndDirectory,
            Entrypoint: [`/${program}`],
            Env: ["PATH=/", `STAND_IN_VERSION=${tag}`],
            ...(port === undefined ? {} : { ExposedPorts: { [`${port}/tcp` as const]: {} } }),
            Labels: labels(`Stand-in for TradeStream's ${program}`, tag),
        },
    }));
    return { name: program, source: { kind: "stand-in", program }, images };
}

function labels(title: string, version: string): Record<string, string> {
    return { "org.opencontainers.image.title": title, "org.opencontainers.image.version": version };
}

/** What the entry scripts use beside the server. */
const shell = ["dash", "coreutils", "sed"] as const;

/** Nobody reads these in a container, and Perl is only there for the packages' own installation. */
const ballast = [
    "/etc/apt/*",
    "/etc/init.d/*",
    "/lib/systemd/*",
    "/lib/udev/*",
    "/usr/lib/*-linux-gnu/gconv/*",
    "/usr/lib/*-linux-gnu/libperl*",
    "/usr/lib/*-linux-gnu/perl*",
    "/usr/lib/systemd/*",
    "/usr/share/bash-completion/*",
    "/usr/share/bug/*",
    "/usr/share/dict/*",
    "/usr/share/doc/*",
    "/usr/share/doc-base/*",
    "/usr/share/info/*",
    "/usr/share/lintian/*",
    "/usr/share/locale/*",
    "/usr/share/man/*",
    "/usr/share/perl*",
] as const;

/** PostgreSQL of a major version, which a Debian release has one of. */
function postgresql(major: number, release: Partial<Pick<DebianSource, "suite" | "packages">> = {}): Recipe {
    const programs = `/usr/lib/postgresql/${major}`;
    return {
        name: "postgresql",
        source: {
            kind: "debian",
            ...release,
            packages: [
                `postgresql-${major}`,
                "pgbackrest",
                "grep",
                "libnss-wrapper",
                "util-linux",
                ...shell,
                ...(release.packages ?? []),
            ],
            // PostgreSQL runs without its just-in-time compiler, whose libraries are as large as all the rest.
            without: [
                ...ballast,
                "/usr/lib/*-linux-gnu/libLLVM*",
                "/usr/lib/*-linux-gnu/libz3*",
                "/usr/lib/llvm*",
                `${programs}/lib/bitcode/*`,
                `${programs}/lib/llvmjit*`,
                "/usr/share/i18n/*",
            ],
            script: "postgresql.sh",
            directories: ["/var/run/postgresql", "/var/lib/postgresql/data"],
        },
        images: [
            {
                reference: `debian.tradestream.local/postgresql:${major}`,
                config: {
                    ...userAndDirectory,
                    Entrypoint: ["/usr/local/bin/docker-entrypoint.sh"],
                    Env: [
                        // Ahead of /usr/bin, where Debian has wrappers in Perl under the same names.
                        `PATH=${programs}/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
                        "LANG=C.UTF-8",
                        // psql and pg_isready would ask for the name of their user, which an arbitrary user has not.
                        "PGUSER=postgres",
                        // Below the volume's root, which may hold a lost+found.
                        "PGDATA=/var/lib/postgresql/data/pgdata",
                    ],
                    ExposedPorts: { "5432/tcp": {} },
                    Labels: labels("PostgreSQL from Debian's packages", String(major)),
                    // Fast shutdown: SIGTERM would make PostgreSQL wait for its last client.
                    StopSignal: "SIGINT",
                },
            },
        ],
    };
}

const redis: Recipe = {
    name: "redis",
    source: {
        kind: "debian",
        packages: ["redis-server", "redis-tools", ...shell],
        without: ballast,
        script: "redis.sh",
        directories: ["/data"],
    },
    images: [
        {
            reference: "debian.tradestream.local/redis:7",
            config: {
                ...userAndDirectory,
                WorkingDir: "/data",
                Entrypoint: ["/usr/local/bin/docker-entrypoint.sh"],
                Env: ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                ExposedPorts: { "6379/tcp": {} },
                Labels: labels("Redis from Debian's packages", "7"),
            },
        },
    ],
};

/** A shell and curl, as in the image that production's smoke test runs. */
const curl: Recipe = {
    name: "curl",
    source: { kind: "debian", packages: ["curl", "ca-certificates", ...shell], without: ballast, directories: [] },
    images: [
        {
            reference: "debian.tradestream.local/curl:7",
            config: {
                ...userAndDirectory,
                Entrypoint: ["/usr/bin/curl"],
                Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
                Labels: labels("curl from Debian's packages", "7"),
            },
        },
    ],
};

/** All images, quickest to build first. */
export const recipes: readonly Recipe[] = [
    standIn("gateway-api", 8000),
    standIn("agent-dashboard", 80),
    standIn("notification-worker"),
    standIn("database-migration"),
    curl,
    redis,
    postgresql(15),
];

/** The next major version of PostgreSQL, which only the test of the way there needs. */
export const nextPostgresql = postgresql(17, { suite: "trixie", packages: ["base-files"] });

/** One program of a Debian package, as it is. */
function daemon(name: string, debian: string, program: string, tag: string, port: number): Recipe {
    return {
        name,
        source: { kind: "debian", packages: [debian], without: ballast, directories: [] },
        images: [
            {
                reference: `debian.tradestream.local/${name}:${tag}`,
                config: {
                    ...userAndDirectory,
                    Entrypoint: [program],
                    Env: ["PATH=/usr/bin:/bin"],
                    ExposedPorts: { [`${port}/tcp` as const]: {} },
                    Labels: labels(`${debian} from Debian's packages`, tag),
                },
            },
        ],
    };
}

function exporter(name: string, debian: string, port: number): Recipe {
    return daemon(name, debian, `/usr/bin/${debian}`, "12", port);
}

/** Exporters for Prometheus, which only a test of monitoring needs. */
export const exporterRecipes: readonly Recipe[] = [
    exporter("postgres-exporter", "prometheus-postgres-exporter", 9187),
    exporter("redis-exporter", "prometheus-redis-exporter", 9121),
];

/** An authoritative name server, which only a test of certificates needs. */
export const nameServer = daemon("knot", "knot", "/usr/sbin/knotd", "3", 53);

function tool(name: ToolName, images: Readonly<Record<string, readonly string[]>>): Recipe {
    return {
        name,
        source: { kind: "tool", tool: name },
        images: Object.entries(images).map(([reference, Entrypoint]) => ({
            reference,
            config: {
                ...userAndDirectory,
                Entrypoint,
                Env: ["PATH=/"],
                Labels: labels(name, toolVersion(tools[name])),
            },
        })),
    };
}

/** The images behind HTTPS, by what they are. */
export const httpsImages = {
    traefik: "https.tradestream.local/traefik:v3",
    certManager: "https.tradestream.local/cert-manager:v1",
    acmeSolver: "https.tradestream.local/cert-manager-acmesolver:v1",
} as const;

/** What only `make up HTTPS=1` needs. */
export const httpsRecipes: readonly Recipe[] = [
    tool("traefik", { [httpsImages.traefik]: ["/traefik"] }),
    tool("cert-manager", {
        [httpsImages.certManager]: ["/cert-manager"],
        [httpsImages.acmeSolver]: ["/cert-manager", "acmesolver"],
    }),
];

/** The agent for logs and a store for them, by what they are. */
export const loggingImages = {
    collector: "logging.tradestream.local/otelcol:v0",
    store: "logging.tradestream.local/victoria-logs:v1",
} as const;

/** What only the tests of logs need. */
export const loggingRecipes: readonly Recipe[] = [
    tool("otelcol", { [loggingImages.collector]: ["/otelcol"] }),
    tool("victoria-logs", { [loggingImages.store]: ["/victoria-logs"] }),
];
