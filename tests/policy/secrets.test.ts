/** What counts as a secret in plain text, measured on values with the verdict that a reader would give. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

import { isSecret } from "../../policy-pack/model/secrets.ts";
import { PACK } from "./analyzer.ts";

type Sample = readonly [name: string, value: string];

/** Text of a length, of characters that tokens have; made, so that no token is written here. */
const made = (length: number, alphabet = "a1B2c3D4e5F6g7H8i9J0"): string =>
    Array.from({ length }, (_, index) => alphabet[index % alphabet.length]).join("");
const hex = (length: number): string => made(length, "0a1b2c3d4e5f6789");
const upper = (length: number): string => made(length, "A1B2C3D4E5F6G7H8");
const word = "hunter2hunter2";

const named = (...names: readonly string[]): readonly Sample[] => names.map((name) => [name, word]);
const values = (...list: readonly string[]): readonly Sample[] => list.map((value) => ["VALUE", value]);
const under = (name: string, ...list: readonly string[]): readonly Sample[] => list.map((value) => [name, value]);

const secrets: readonly Sample[] = [
    ...named("PASSWORD", "DB_PASSWORD", "DB_PASS", "dbPassword", "MYSQL_ROOT_PASSWORD", "POSTGRES_PWD", "PGPASSWORD"),
    ...named("JWT_SECRET", "CLIENT_SECRET", "SESSION_SECRET", "django.secret", "AUTH_TOKEN", "githubToken", "X_BEARER"),
    ...named(
        "API_KEY",
        "apiKey",
        "STRIPE_SECRET_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "ENCRYPTION_KEY",
        "SIGNING_KEY",
        "APIKEY",
    ),
    ...named("REDISCLI_AUTH", "REDIS_AUTH", "KEYSTORE_PASSPHRASE", "LDAP_CREDENTIALS", "MASTER_KEY", "smtp-password"),
    ...named("spring.datasource.password", "RABBITMQ_DEFAULT_PASS", "ACCOUNT_KEY", "PRIVATE_KEY", "privateKey"),
    ...named("SECRET_KEY_BASE", "APP_KEY", "NEW_RELIC_LICENSE_KEY", "FERNET_KEY", "HMAC_KEY", "LDAP_BIND_PW"),
    ...named("RABBITMQ_ERLANG_COOKIE", "jwtKey"),
    ...under("DB_PASSWORD", "changeme", "p@ss w0rd", "123456789", "Passw0rd!", "correct horse battery staple"),
    ...values(
        `-----BEGIN RSA PRIVATE KEY-----\n${made(64)}`,
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        `AGE-SECRET-KEY-1${upper(40)}`,
        `eyJ${made(20)}.eyJ${made(20)}.${made(30)}`,
        `AKIA${upper(16)}`,
        `ASIA${upper(16)}`,
        `ghp_${made(36)}`,
        `gho_${made(36)}`,
        `github_pat_${made(40)}`,
        `glpat-${made(20)}`,
        `glsa_${made(32)}`,
        `glptt-${made(40)}`,
        `sntrys_${made(60)}`,
        `xapp-1-A0-1-${made(40)}`,
        `ATATT3x${made(60)}`,
        `sq0csp-${made(43)}`,
        `ya29.${made(60)}`,
        `Authorization: Bearer ${made(40)}`,
        "Authorization: Basic c2hvcDpodW50ZXIyCg==",
        `machine git.example.com login shop password ${word}`,
        `https://a.logic.azure.com/invoke?api-version=1&sig=${made(43)}`,
        `https://outlook.office.com/webhook/${hex(36)}@${hex(36)}`,
        `shop:${word}@tcp(db:3306)/shop`,
        `{"spring":{"datasource":{"password":"${word}"}}}`,
        `<connection><password>${word}</password></connection>`,
        `xoxb-${made(24)}`,
        `AIza${made(35)}`,
        `GOCSPX-${made(28)}`,
        `sk_live_${made(24)}`,
        `rk_live_${made(24)}`,
        `whsec_${made(32)}`,
        `re_${made(8)}_${made(24)}`,
        `SG.${made(22)}.${made(43)}`,
        `123456789:AA${made(33)}`,
        `npm_${made(36)}`,
        `pypi-AgEI${made(40)}`,
        `hf_${made(34)}`,
        `sk-proj-${made(48)}`,
        `sk-ant-api03-${made(60)}`,
        `dop_v1_${hex(64)}`,
        `shpat_${hex(32)}`,
        `dapi${hex(32)}`,
        `NRAK-${upper(27)}`,
        `hvs.${made(40)}`,
        `https://hooks.slack.com/services/T00000000/B00000000/${made(24)}`,
        `https://discord.com/api/webhooks/123456789012345678/${made(60)}`,
        `https://acme.webhook.office.com/webhookb2/${hex(36)}@${hex(36)}/IncomingWebhook/${hex(32)}`,
    ),
    ...values(
        `postgresql://shop:${word}@db/shop`,
        `redis://:${word}@cache:6379/0`,
        `amqp://a:${word}@mq:5672`,
        `mongodb+srv://a:${word}@cluster.example.net/x`,
        `https://user:${word}@example.com/feed`,
        `jdbc:postgresql://db/shop?user=a&password=${word}`,
        `jdbc:sqlserver://db:1433;databaseName=x;user=a;password=${word}`,
        `Server=db;Database=x;User Id=a;Password=${word};`,
        `sasl.jaas.config=PlainLoginModule required username="a" password="${word}";\nport=1\n`,
        `#!/bin/bash\n[[ -f $FILE ]] || export REDIS_PASSWORD="${word}"\n`,
        `host=db user=a password=${word} dbname=x`,
        `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${made(44)}==`,
        `Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=${made(43)}=`,
        `https://api.example.com/v1?api_key=${made(24)}`,
    ),
    ...under(
        "application.properties",
        `spring.datasource.username=shop\nspring.datasource.password=${word}\n`,
        `[client]\nuser = a\npassword = ${word}\n`,
        `database:\n  user: a\n  password: ${word}\n`,
        `{\n  "user": "a",\n  "apiKey": "${made(24)}"\n}\n`,
        `export DB_PASSWORD='${word}'\nexport DEBUG=1\n`,
        `a=1\nurl=redis://:${word}@cache\n`,
        `smtp.host=mail\nsmtp.password: "${word}"\n`,
    ),
];

const harmless: readonly Sample[] = [
    ...under(
        "DB_PASSWORD",
        "",
        "$(OTHER)",
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "{{ .Values.password }}",
        "((password))",
        "<password>",
        "********",
        "%DB_PASSWORD%",
        "vault:secret/data/shop#password",
        ">>vault:secret/data/shop#password",
        "op://shop/db/password",
        "ref+awsssm://shop/db",
        "controller-password-placeholder",
        "$(cat /run/secrets/db)",
        "ref+vault://secret/shop#/password",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf",
        "arn:aws:ssm:eu-west-1:123456789012:parameter/shop",
        "projects/shop/secrets/db/versions/latest",
        "sm://shop/db",
        "gcpsm://shop/db",
        "berglas://bucket/db",
        "https://shop.vault.azure.net/secrets/db",
        "@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/db)",
        "akv:shop/db",
        "doppler://shop/prd/DB",
        "bws:0e7c1e0a",
        "infisical://shop/db",
        "conjur:prod/db/password",
        "secretref:db-password",
        "file:///run/secrets/db",
        "/run/secrets/db",
        "$__file{/run/secrets/db}",
        "ENC[AES256_GCM,data:abc,type:str]",
        "{cipher}0123456789abcdef",
        "env:DB_PASSWORD",
        "ssm:/shop/db",
        "keyvault:db",
        "#{password}#",
        "__DB_PASSWORD__",
        "@@DB_PASSWORD@@",
        "[REDACTED]",
        "xxxxxxxx",
        "ref://secrets/db",
        "aws-secretsmanager://shop/db",
        "1password://shop/db",
        "akeyless:/shop/db",
        "ps:/shop/db",
        "true",
        "none",
        "required",
    ),
    ...[
        ["TLS_SECRET", "web-tls"],
        ["IMAGE_PULL_SECRET", "regcred"],
        ["existingSecret", "shop-db"],
        ["PASSWORD_SECRET", "shop-db"],
        ["CERT_SECRET", "shop/web-tls"],
        ["MAX_TOKEN", "128000"],
        ["max_completion_token", "128000"],
        ["REQUIRE_TOKEN", "optional"],
        ["ENABLE_PASSWORD", "postgres-only"],
        ["SECRETS_DIR", "/mnt/secrets"],
        ["SECRET_NAME", "shop-db"],
        ["AUTH_TOKEN_SECRET_NAME", "x"],
        ["METALLB_ML_SECRET_KEY_PATH", "/etc/ml_secret_key"],
        ["PASSWORD_FILE", "/run/secrets/db"],
        ["TOKEN_TTL", "3600s"],
        ["TOKEN_URL", "https://issuer.example.com/token"],
        ["PASSWORD_MIN_LENGTH", "12"],
        ["PUBLIC_KEY", "BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U"],
        ["KEY_ID", "0e7c1e0a"],
        ["CACHE_KEY", "shop:v2"],
        ["PARTITION_KEY", "region"],
        ["PRIMARY_KEY", "order_id"],
        ["KEYBOARD", "de-latin1"],
        ["BYPASS", "internal-only"],
        ["COMPASS", "north-west"],
        ["AUTH", "oauth2"],
        ["PROXY_AUTH", "negotiate"],
        ["SECRETARY", "Miss Moneypenny"],
        ["TOKENIZER", "cl100k_base"],
        ["PASSENGER_APP_ENV", "production"],
        ["API_KEY_HEADER", "X-Api-Key"],
        ["PASSWORD_POLICY", "twelve characters or more"],
        ["COOKIE_NAME", "session_token"],
        ["JWT_ALGORITHM", "HS256"],
        ["VAPID_SUBJECT", "mailto:operations@example.com"],
    ].map(([name, value]): Sample => [name!, value!]),
    ...values(
        "https://example.com/a?b=c",
        "postgresql://db/shop",
        "postgresql://shop@db/shop",
        "postgresql://shop:$(DB_PASSWORD)@db/shop",
        "redis://cache:6379/0",
        "jdbc:postgresql://db/shop?user=a&password=${DB_PASSWORD}",
        "jdbc:postgresql://db/shop?ssl=true",
        "Server=db;Database=x;Integrated Security=true",
        "https://hooks.slack.com/",
        "https://user@example.com/feed",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "0e7c1e0a-5b8f-4d2c-9a54-3f1d6c7b8e90",
        "sk-gradient",
        "npm_config_cache",
        "eyJhbGciOiJIUzI1NiJ9",
        "AKIAEXAMPLE",
        "info,token=debug",
        "Basic authentication",
        "Bearer authentication-and-authorization",
        "Authorization: Bearer ${TOKEN}",
        "machine a login b password ${PASSWORD}",
        "shop:$(DB_PASSWORD)@tcp(db:3306)/shop",
        '{"password":{"minLength":12},"token":"${TOKEN}"}',
        "<password>${password}</password>",
        "a=1;b=2",
    ),
    ...under(
        "application.properties",
        "spring.datasource.username=shop\nspring.datasource.password=${DB_PASSWORD}\n",
        "[client]\nuser = a\n# password = in the Secret\n",
        "database:\n  user: a\n  passwordFile: /run/secrets/db\n",
        "auth:\n  token:\n    ttl: 3600\n",
        "secret: {name: shop}\nport: 80\n",
        "tlsSecret: web-tls\nmaxToken: 128000\n",
        "server {\n  listen 80;\n  proxy_set_header X-Token $token;\n}\n",
        "password=\nuser=a\n",
        "password=@db.password@\nuser=a\n",
        "PASSWORD=`cat /run/secrets/db`\nexport PASSWORD\n",
        '#!/bin/bash\n[[ -f $FILE ]] && export REDIS_PASSWORD="$(< "$FILE")"\nARGS=("--requirepass" "${REDIS_PASSWORD}")\n',
        'sasl.jaas.config=PlainLoginModule required username="a" password="controller-password-placeholder";\nport=1\n',
    ),
];

describe("a secret in plain text", () => {
    const found = secrets.filter(([name, value]) => isSecret(name, value));
    const wrong = harmless.filter(([name, value]) => isSecret(name, value));
    const precision = found.length / (found.length + wrong.length);
    const recall = found.length / secrets.length;

    it("is found, and harmless values are not taken for one", () => {
        expect(secrets.length + harmless.length).to.be.at.least(150);
        expect(wrong, "taken for secrets").to.deep.equal([]);
        expect(
            secrets.filter((sample) => !found.includes(sample)),
            "missed",
        ).to.deep.equal([]);
        expect(Math.min(precision, recall)).to.be.at.least(0.97);
    });

    it("has its figures in the pack's README", () => {
        const readme = readFileSync(path.join(PACK, "README.md"), "utf8").replaceAll(/\s+/g, " ");
        expect(readme).to.contain(
            `Of ${secrets.length} secrets and ${harmless.length} harmless values in ` +
                `\`tests/policy/secrets.test.ts\` it finds ${(recall * 100).toFixed(0)} % and is right in ` +
                `${(precision * 100).toFixed(0)} % of its findings.`,
        );
    });
});
