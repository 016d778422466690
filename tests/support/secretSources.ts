/** Secrets that operators make: two of external secrets, one of a sealed one. */
import { type Change, requiredSecrets } from "./configuration.ts";

const none = Object.fromEntries(Object.keys(requiredSecrets).map((key) => [key, undefined]));
const stored = (key: string, more: object = {}) => ({
    create: false,
    externalSecret: { store: "vault", key, ...more },
});

/** As long as a real one, and nothing in it. */
export const ciphertext = `Ag${"A".repeat(698)}`;

export const madeByOperators: Change = {
    ...none,
    authSecrets: stored("tradestream/auth", { optionalKeys: ["jwt-secret-previous"] }),
    oauthSecrets: stored("tradestream/oauth", { storeKind: "SecretStore", refreshInterval: "5m" }),
    notificationSecrets: {
        create: false,
        sealedSecret: { "vapid-private-key": ciphertext, "vapid-public-key": ciphertext },
    },
};
