/** Rules over secrets. None shows a value. */
import { remove, set, setSecret } from "../errors/commands.ts";
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

const forms = ["externalSecret", "sealedSecret"] as const;

const formIsUsed =
    (owner: SecretOwner, form: (typeof forms)[number]): Rule =>
    ({ settings }) => {
        const source = settings[owner];
        const key = `${owner}.${form}`;
        if (source[form] === undefined) return valid;
        if (source.create) return invalid(key, `is set, but ${owner}.create is true`, set(`${owner}.create`, false));
        return form === "sealedSecret" && source.externalSecret !== undefined
            ? invalid(key, `is set, and so is ${owner}.externalSecret: the Secret has one source`, remove(key))
            : valid;
    };

const sealedIsComplete =
    (owner: SecretOwner): Rule =>
    ({
        settings: {
            [owner]: { sealedSecret },
        },
    }) => {
        const missing = secretOwners[owner].data.find((name) => sealedSecret && sealedSecret[name] === undefined);
        if (missing === undefined) return valid;
        const key = `${owner}.sealedSecret.${missing}`;
        return invalid(key, "is missing: a service reads it", set(key, "<ciphertext>"));
    };

const optionalKeysAreFurther =
    (owner: SecretOwner): Rule =>
    ({
        settings: {
            [owner]: { externalSecret },
        },
    }) =>
        (externalSecret?.optionalKeys ?? []).flatMap((name, index, names) => {
            const key = `${owner}.externalSecret.optionalKeys[${index}]`;
            const isRequired = (secretOwners[owner].data as readonly string[]).includes(name);
            if (isRequired) return invalid(key, `is ${name}, which a service requires: it is read anyway`, remove(key));
            return names.indexOf(name) === index
                ? valid
                : invalid(key, `is ${name}, which is there twice`, remove(key));
        });

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

const versionRotates: Rule = ({ settings: { jwtSecretVersion, jwtSecretNext, authSecrets }, secrets }) => {
    const reason = !authSecrets.create
        ? "authSecrets.create is false"
        : secrets.jwtSecret !== undefined
          ? "jwtSecret is given"
          : undefined;
    if (reason === undefined) return valid;
    const given = [
        ...(jwtSecretVersion === 1 ? [] : ([["jwtSecretVersion", jwtSecretVersion]] as const)),
        ...(jwtSecretNext ? ([["jwtSecretNext", true]] as const) : []),
    ];
    return given.flatMap(([key, value]) =>
        invalid(
            key,
            `is ${value}, but rotates nothing: ${reason}, and only a generated secret has versions`,
            remove(key),
        ),
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
            ...forms.map((form) => formIsUsed(owner, form)),
            sealedIsComplete(owner),
            optionalKeysAreFurther(owner),
        ];
    }),
    vapidKeysBelongTogether,
    versionRotates,
    telegramIsComplete,
    placeholdersOnlyInPreviews,
];
