import type { StackConfig } from "../config/index.ts";
import { certificateApi } from "./DatabaseCertificate.ts";
import { operatorApi } from "./Monitoring.ts";
import type { ExpectedObject } from "./presence.ts";
import { operatorApis } from "./secretSource.ts";
import { apiVersion as gatewayVersion } from "./shared/routes.ts";

/** What the objects of a stack rely on: an existing Gateway or a class of them, and the APIs of operators. */
export function expectedObjects(config: StackConfig): readonly ExpectedObject[] {
    const { exposure, monitoring, databaseTls, logAgent } = config;
    const { authSecrets, oauthSecrets, notificationSecrets, loggingSecrets } = config;
    return [
        ...(exposure.requires ? [{ apiVersion: gatewayVersion, ...exposure.requires }] : []),
        ...(monitoring.enabled && monitoring.form === "operator" ? [operatorApi] : []),
        ...(databaseTls && databaseTls.secretName === undefined ? [certificateApi] : []),
        ...operatorApis([authSecrets, oauthSecrets, notificationSecrets, ...(logAgent ? [loggingSecrets] : [])]),
    ];
}
