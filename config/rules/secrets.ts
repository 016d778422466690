/** Rules over secrets. None shows a value. */
import { remove, setSecret } from "../errors/commands.ts";
import { type PlainSecrets, type SecretOwner, secretOwners } from "../secrets.ts";
import { vapidKeysMatch } from "../vapid.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const secretIsGiven =
    (owner: SecretOwner, key: keyof PlainSecrets): Rule =>
    ({ settings, secrets, placeholders }) =>
        settings[owner].create && secrets[key] === undefined && !placeholders
            ? invalid(key, `is missing: ${owner}.create is true, and the Secret holds it`, setSecret(key))
            : valid;

const secretIsUsed =
    (owner: SecretOwner, key: keyof PlainSecrets): Rule =>
    ({ settings, secrets }) =>
        !settings[owner].create && secrets[key] !== undefined
            ? invalid(key, `is set, but ${owner}.create is false, so nothing would use it`, remove(key))
            : valid;

const vapidKeysBelongTogether: Rule = ({ settings, secrets: { vapidPrivateKey, vapidPublicKey } }) => {
    if (!settings.notificationSecrets.create) {
        return valid;
    }
    if (vapidPrivateKey !== undefined && vapidPublicKey !== undefined) {
        return vapidKeysMatch({ privateKey: vapidPrivateKey, publicKey: vapidPublicKey })
            ? valid
            : invalid("vapidPublicKey", "does not belong to vapidPrivateKey", setSecret("vapidPublicKey"));
    }
    const missing = vapidPrivateKey === undefined ? "vapidPrivateKey" : "vapidPublicKey";
    return (vapidPrivateKey ?? vapidPublicKey) === undefined
        ? valid
        : invalid(missing, "is missing: set both VAPID keys, or neither to have a pair generated", setSecret(missing));
};

const versionRotates: Rule = ({ settings: { jwtSecretVersion, authSecrets }, secrets }) => {
    const reason = !authSecrets.create
        ? "authSecrets.create is false"
        : secrets.jwtSecret !== undefined
          ? "jwtSecret is given"
          : undefined;
    return jwtSecretVersion === 1 || reason === undefined
        ? valid
        : invalid(
              "jwtSecretVersion",
              `is ${jwtSecretVersion}, but rotates nothing: ${reason}, and only a generated secret has versions`,
              remove("jwtSecretVersion"),
          );
};

const telegramIsComplete: Rule = ({ settings, secrets }) =>
    settings.notificationWorker.telegramChatId !== undefined &&
    settings.notificationSecrets.create &&
    secrets.telegramBotToken === undefined
        ? invalid(
              "telegramBotToken",
              "is missing: notificationWorker.telegramChatId is set",
              setSecret("telegramBotToken"),
          )
        : valid;

const placeholdersOnlyInPreviews: Rule = ({ settings, placeholders }) =>
    settings.placeholderSecrets && !placeholders
        ? invalid("placeholderSecrets", "is true: placeholders are for previews only", remove("placeholderSecrets"))
        : valid;

const owners = Object.keys(secretOwners) as SecretOwner[];

export const secretRules: readonly Rule[] = [
    ...owners.flatMap((owner) => {
        const { required, optional } = secretOwners[owner];
        return [
            ...required.map((key) => secretIsGiven(owner, key)),
            ...[...required, ...optional].map((key) => secretIsUsed(owner, key)),
        ];
    }),
    vapidKeysBelongTogether,
    versionRotates,
    telegramIsComplete,
    placeholdersOnlyInPreviews,
];
