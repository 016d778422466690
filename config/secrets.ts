/** The secret keys of a stack. All are strings, set with `pulumi config set --secret`. */
import { z } from "./zod.ts";
import * as format from "./formats.ts";
import { isVapidPrivateKey, isVapidPublicKey } from "./vapid.ts";

const noSpace = z.string().regex(/^\S+$/, "must not contain white space");
const serverPassword = z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, "must have 16 characters or more, printable ASCII without spaces")
    .optional();
const databaseAddress = z
    .string()
    .refine(
        isDatabaseUrl,
        "must be a URL such as postgresql://user:password@host:5432/database, its parts percent-encoded",
    )
    .optional();

/** Shape and meaning of each secret. Messages describe the shape and never show the value. */
export const secretsSchema = z.strictObject({
    jwtSecret: z
        .string()
        .min(32, "must have 32 characters or more")
        .regex(/^\S([^]*\S)?$/, "must not begin or end with white space")
        .optional()
        .describe("Signs access tokens (HS256). Generated when absent"),
    resendApiKey: noSpace.optional().describe("API key of Resend (e-mail)"),
    googleClientId: noSpace.optional().describe("OAuth client of Google"),
    googleClientSecret: noSpace.optional().describe("OAuth secret of Google"),
    githubClientId: noSpace.optional().describe("OAuth client of GitHub"),
    githubClientSecret: noSpace.optional().describe("OAuth secret of GitHub"),
    vapidPrivateKey: z
        .string()
        .refine(
            isVapidPrivateKey,
            "must be a P-256 private key: 32 bytes in base64url, 43 characters (npx web-push generate-vapid-keys)",
        )
        .optional()
        .describe("Private key for push messages (RFC 8292). Generated when both VAPID keys are absent"),
    vapidPublicKey: z
        .string()
        .refine(
            isVapidPublicKey,
            "must be a P-256 public key: 65 bytes in base64url, 87 characters (npx web-push generate-vapid-keys)",
        )
        .optional()
        .describe("Public key for push messages"),
    telegramBotToken: noSpace.optional().describe("Token of the Telegram bot; without one, Telegram is off"),
    postgresPassword: z
        .string()
        .regex(/^\S([^]*\S)?$/, "must not begin or end with white space")
        .optional()
        .describe(
            "Password of the superuser of the chart's PostgreSQL: the one that a volume has already, or set by `npm run rotate`. " +
                "Generated when absent",
        ),
    databaseUrl: databaseAddress.describe(
        "A database outside the cluster; then the chart's PostgreSQL is not installed",
    ),
    databaseUrls: z
        .strictObject({
            gatewayApi: databaseAddress.describe("What gateway-api logs in with"),
            notificationWorker: databaseAddress.describe("What notification-worker logs in with"),
            databaseMigration: databaseAddress.describe("What the migration logs in with"),
        })
        .default({})
        .describe("The same database, with another login for a service. Default: that of databaseUrl"),
    redisUrl: z
        .string()
        .refine(isRedisUrl, "must be a URL such as rediss://:password@host:6379, its parts percent-encoded")
        .optional()
        .describe("A Redis outside the cluster; then the chart's Redis is not installed"),
    redisPassword: serverPassword.describe(
        "Password of the chart's Redis (redis.auth.enabled), set by `npm run rotate`. Generated when absent",
    ),
    imagePullSecret: z
        .strictObject({
            registry: format.imageRegistry.describe("Registry, with a path or without; docker.io is Docker Hub"),
            username: noSpace.describe("User name"),
            password: noSpace.describe("Password or access token"),
        })
        .optional()
        .describe("Credentials of a private image registry; all pods pull with them, the chart's included"),
    backupPassphrase: noSpace
        .min(20, "must have 20 characters or more")
        .optional()
        .describe("Encrypts the backups. Keep a copy elsewhere: without it they are lost"),
    backupAccessKey: noSpace.optional().describe("Access key of the bucket with the backups"),
    backupSecretKey: noSpace.optional().describe("Secret key of the bucket with the backups"),
    logAuthorization: z
        .string()
        .regex(/^\S+ \S+$/, "must be the value of a header such as Bearer <token> or Basic <base64>")
        .optional()
        .describe("Header Authorization of the requests that ship logs"),
    chartSecrets: z
        .record(format.dnsName, z.record(format.secretKey, z.string().min(1, "must not be empty")))
        .default({})
        .describe("Secrets that another chart needs before it is installed: name, then key, then value"),
});

/** The secrets of a stack in plain text; they never leave `config/` unwrapped. */
export type PlainSecrets = z.infer<typeof secretsSchema>;

export const secretKeys = Object.keys(secretsSchema.shape) as readonly (keyof PlainSecrets)[];

/**
 * Settings that decide whether the program creates a Secret, the secret keys that it then requires or accepts, and the keys of
 * the Secret that services read.
 */
export const secretOwners = {
    authSecrets: { required: ["resendApiKey"], optional: ["jwtSecret"], data: ["jwt-secret", "resend-api-key"] },
    oauthSecrets: {
        required: ["googleClientId", "googleClientSecret", "githubClientId", "githubClientSecret"],
        optional: [],
        data: ["google-client-id", "google-client-secret", "github-client-id", "github-client-secret"],
    },
    notificationSecrets: {
        required: [],
        optional: ["vapidPrivateKey", "vapidPublicKey", "telegramBotToken"],
        data: ["vapid-private-key", "vapid-public-key"],
    },
    loggingSecrets: { required: [], optional: ["logAuthorization"], data: ["authorization"] },
} as const;

export type SecretOwner = keyof typeof secretOwners;

interface BackupSettings {
    readonly enabled: boolean;
    readonly createSecret: boolean;
    readonly s3?: object | undefined;
}

/** The secret keys that the Secrets of the program require. */
export function requiredSecrets(
    settings: Readonly<Record<SecretOwner, { readonly create: boolean }>> & { readonly backup: BackupSettings },
): readonly (keyof PlainSecrets)[] {
    const owned = (Object.keys(secretOwners) as SecretOwner[]).flatMap((owner) =>
        settings[owner].create ? secretOwners[owner].required : [],
    );
    return [...owned, ...backupSecrets(settings.backup)];
}

/** The secret keys that backups require, and no other ones of theirs. */
export function backupSecrets({ enabled, createSecret, s3 }: BackupSettings): readonly BackupSecret[] {
    if (!enabled || !createSecret) return [];
    return ["backupPassphrase", ...(s3 === undefined ? [] : (["backupAccessKey", "backupSecretKey"] as const))];
}

export const backupSecretKeys = ["backupPassphrase", "backupAccessKey", "backupSecretKey"] as const;
export type BackupSecret = (typeof backupSecretKeys)[number];

/** A bare % is taken for itself by some parsers, and refused by others. */
function isDecodable(part: string): boolean {
    try {
        decodeURIComponent(part);
        return true;
    } catch {
        return false;
    }
}

function isDatabaseUrl(text: string): boolean {
    const url = serverUrl(text);
    return (
        url !== undefined &&
        /^postgres(ql)?(\+\w+)?:$/.test(url.protocol) &&
        url.username !== "" &&
        url.password !== "" &&
        url.pathname.length > 1
    );
}

/** A password is not required: some servers know their clients otherwise. The path is the number of a database. */
function isRedisUrl(text: string): boolean {
    const url = serverUrl(text);
    return url !== undefined && /^rediss?:$/.test(url.protocol) && /^(\/\d*)?$/.test(url.pathname);
}

/** A URL of a server that all parsers read in the same way. */
function serverUrl(text: string): URL | undefined {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isPlain =
        url !== undefined &&
        /^([\w.-]+|\[[\da-f:.]+\])$/i.test(url.hostname) &&
        url.hash === "" &&
        url.port !== "0" &&
        !/\s/.test(text) &&
        [url.username, url.password, url.pathname].every(isDecodable) &&
        // A second @ belongs to a password that is not encoded; parsers differ on it.
        (text.split("/")[2] ?? "").split("@").length <= 2;
    return isPlain ? url : undefined;
}
