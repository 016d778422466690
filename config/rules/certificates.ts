/** Rules over the certificates of Ingresses. */
import { inTurn, remove, set } from "../errors/commands.ts";
import { ownsCertificates } from "../exposure.ts";
import { databaseClientPrefix, secretNames } from "../secretNames.ts";
import { webServices } from "../services/index.ts";
import { onIngress } from "./ingress.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const hostsAreCovered = onIngress(({ hosts, tls }, key) => {
    const covered = new Set(tls.flatMap((entry) => entry.hosts));
    return hosts.flatMap(({ host }, index) =>
        covered.has(host)
            ? valid
            : invalid(
                  `${key}.hosts[${index}].host`,
                  `is ${host}, which no entry of ${key}.tls covers`,
                  tls[0] === undefined
                      ? inTurn(set(`${key}.tls[0].secretName`, "<secret>"), set(`${key}.tls[0].hosts[0]`, host))
                      : set(`${key}.tls[0].hosts[${tls[0].hosts.length}]`, host),
              ),
    );
});

/** A rule that holds unless an existing Gateway has the certificates. */
const ownCertificates =
    (rule: Rule): Rule =>
    (configuration) =>
        ownsCertificates(configuration.settings) ? rule(configuration) : valid;

/** The issuer would be asked for a certificate that nothing serves, and could not check who owns the host. */
const certificatesAreUsed = onIngress(({ hosts, tls }, key) => {
    const served = new Set(hosts.map(({ host }) => host));
    return tls.flatMap((entry, index) =>
        entry.hosts.flatMap((host, at) => {
            if (served.has(host)) return valid;
            const isAlone = entry.hosts.every((other) => !served.has(other));
            const place = `${key}.tls[${index}]`;
            return invalid(
                `${place}.hosts[${at}]`,
                `is ${host}, which no entry of ${key}.hosts serves`,
                remove(isAlone ? place : `${place}.hosts[${at}]`),
            );
        }),
    );
});

/** Controllers differ on which of two certificates they serve. */
const hostsHaveOneCertificate = onIngress(({ tls }, key) => {
    const all = tls.flatMap((entry, index) =>
        entry.hosts.map((host, at) => ({ host, place: `${key}.tls[${index}].hosts[${at}]` })),
    );
    return all.flatMap(({ host, place }, index) =>
        all.findIndex((other) => other.host === host) === index
            ? valid
            : invalid(place, `is ${host}, which is listed already`, remove(place)),
    );
});

/** cert-manager writes a Secret for one Ingress only, and reports a conflict for the other. */
const secretsAreOfOneIngress: Rule = ({ settings }) => {
    const all = webServices.flatMap((service) => {
        const { enabled, ingress } = settings[service];
        const key = `${service}.ingress`;
        return (enabled && ingress.enabled ? ingress.tls : []).map(({ secretName }, index) => ({
            ...{ secretName, key },
            place: `${key}.tls[${index}].secretName`,
        }));
    });
    return all.flatMap(({ secretName, key, place }) => {
        const other = all.find((one) => one.secretName === secretName)!;
        return other.key === key
            ? valid
            : invalid(place, `is ${secretName}, which ${other.key} has its certificate in`, set(place, "<secret>"));
    });
};

const names: readonly string[] = Object.values(secretNames);

/** Whether a Secret is one that the program, its chart or cert-manager makes for something else. */
function isTaken(secretName: string, releaseName: string): boolean {
    if (!secretName.startsWith(`${releaseName}-`)) return false;
    const name = secretName.slice(releaseName.length + 1);
    return names.includes(name) || name.startsWith(databaseClientPrefix);
}

const secretsAreFree = onIngress(({ tls }, key, { releaseName }) =>
    tls.flatMap(({ secretName }, index) => {
        const place = `${key}.tls[${index}].secretName`;
        return isTaken(secretName, releaseName)
            ? invalid(place, `is ${secretName}, which holds something else`, set(place, "<secret>"))
            : valid;
    }),
);

export const certificateRules: readonly Rule[] = [
    ...webServices.flatMap((service) => [
        ownCertificates(hostsAreCovered(service)),
        certificatesAreUsed(service),
        hostsHaveOneCertificate(service),
        secretsAreFree(service),
    ]),
    secretsAreOfOneIngress,
];
