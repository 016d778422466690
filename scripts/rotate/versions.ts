/** The versions of generated credentials that a stack file asks for. */
import { parse } from "yaml";

export interface Versions {
    readonly jwt: {
        readonly version: number;
        /** Whether tokens of the next one are accepted already. */
        readonly next: boolean;
    };
    /** Of the roles' passwords in the database. */
    readonly database: number;
}

/** @param stackFile its content; a value that is no version is refused by the preview of the deployment */
export function versionsOf(stackFile: string, project: string): Versions {
    const { config = {} } = (parse(stackFile) ?? {}) as { readonly config?: Readonly<Record<string, unknown>> };
    const value = (key: string): unknown => config[`${project}:${key}`] ?? config[key];
    const database = value("database") as { readonly roles?: { readonly passwordVersion?: unknown } } | undefined;
    return {
        jwt: { version: Number(value("jwtSecretVersion") ?? 1), next: String(value("jwtSecretNext")) === "true" },
        database: Number(database?.roles?.passwordVersion ?? 1),
    };
}
