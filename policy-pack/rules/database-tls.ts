import { knownKind, namespaceOf } from "../model/object.ts";
import { called, podsOf, type Container } from "../model/pods.ts";
import { isUnverified } from "../model/postgres.ts";
import { finding, objectRule } from "../model/rule.ts";
import { stepsOf } from "../model/steps.ts";
import type { View } from "../model/view.ts";

const FOUND = "holds a connection to a database outside the cluster that does not verify the server";

export const databaseTls = objectRule(
    {
        name: "database-tls",
        title: "Connections to a PostgreSQL outside the cluster verify the server",
        severity: "medium",
        why: "With any other sslmode somebody between may answer in the database's place and read the password; without one, the client's default does not verify either.",
        fix: "Write sslmode=verify-full, and mount the authority that sslrootcert names; or set the parameter databaseTlsModes.",
        link: "https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION",
        levels: ["disabled", "advisory", "mandatory"],
    },
    function* ({ object, view }, { databaseTlsModes: modes }) {
        const isWeak: IsWeak = (text) =>
            text.split("\n").some((line) => isUnverified(line, namespaceOf(object), modes));
        const kind = knownKind(object);
        if (kind === "ConfigMap" || kind === "Secret") {
            for (const [place, text] of entriesOf(kind, view))
                if (isWeak(text)) yield finding(place, `this entry ${FOUND}`);
            return;
        }
        for (const pod of [...podsOf(object, view), ...stepsOf(object, view)])
            for (const container of pod.containers) {
                for (const place of weakVariables(container, isWeak, modes))
                    yield finding(place, `a variable of ${called(container)} ${FOUND}`);
                for (const item of ["command", "args"].flatMap((list) => container.view.at(list).items()))
                    if (isWeak(textAt(item))) yield finding(item, `a command line of ${called(container)} ${FOUND}`);
            }
    },
);

type IsWeak = (text: string) => boolean;

/** The text at a place; an empty one where there is none, or none that is known. */
function textAt(view: View): string {
    const value = view.string();
    return typeof value === "string" ? value : "";
}

/** The entries of a ConfigMap or a Secret, as text. */
function* entriesOf(kind: string, view: View): Iterable<readonly [View, string]> {
    for (const field of ["data", "stringData"])
        for (const [, place] of view.at(field).entries()) {
            const value = textAt(place);
            const isEncoded = kind === "Secret" && field === "data";
            yield [place, isEncoded ? Buffer.from(value, "base64").toString() : value];
        }
}

/** Variables with a URL, or with the mode of the host that another names. libpq takes that mode for URLs without one. */
function* weakVariables({ view }: Container, isWeak: IsWeak, modes: readonly string[]): Iterable<View> {
    const variables = view.at("env").items();
    const named = (name: string): View | undefined =>
        variables.find((variable) => variable.at("name").string() === name)?.at("value");
    const [host, mode] = [named("PGHOST"), named("PGSSLMODE")];
    const isVerified = mode !== undefined && (textAt(mode) === "" || modes.includes(textAt(mode)));
    for (const place of variables.map((variable) => variable.at("value"))) {
        const text = textAt(place);
        if (isWeak(text) && !(isVerified && !/ssl(mode)?=/i.test(text))) yield place;
    }
    if (host !== undefined && mode !== undefined && !isVerified)
        if (isWeak(`host=${textAt(host)} sslmode=${textAt(mode)}`)) yield mode;
}
