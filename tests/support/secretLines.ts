/** Lines as services print them, with secrets and without. */

/** Lines with a secret, and what must not be left of it. */
export const linesWithSecrets: readonly (readonly [line: string, secrets: readonly string[]])[] = [
    ["calling back with Authorization: Bearer 4711.abc-def_ghi~jkl", ["4711.abc-def"]],
    ["upstream refused bearer 0123456789abcdef0123456789abcdef", ["0123456789abcdef"]],
    ["curl -H 'authorization: Basic YWRtaW46czNjcjN0'", ["YWRtaW46"]],
    [
        "session eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg ended",
        ["eyJhbGci", "eyJzdWIi", "c2lnbmF0"],
    ],
    ["cannot connect to postgresql://app:pass-4711@db:5432/tradestream", ["pass-4711"]],
    ["cannot connect to redis://:p@ss-4712@cache:6379/0", ["ss-4712"]],
    ["GET /auth/callback?code=4713&access_token=token-4714&state=1", ["token-4714"]],
    ['config {"clientSecret": "pass phrase 4715", "timeout": 5}', ["pass phrase 4715"]],
    ["starting with RESEND_API_KEY=re_AbCdEfGhIjKlMnOpQr and 4 workers", ["re_AbCdEf"]],
    ["STATEMENT: alter role app with login password 'pass-4716'", ["pass-4716"]],
    ["bot 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4 is gone", ["AAHdqTcv"]],
    ["pushed with ghp_0123456789abcdefghijABCDEFGHIJ012345", ["ghp_0123"]],
    [
        '{"level":"WARN","msg":"sign-in","password":"pass-4717","nested":{"api_key":"key-4718","user":"kim"},"list":["Bearer 4719aaaaaaaa"]}',
        ["pass-4717", "key-4718", "4719aaaa"],
    ],
    [
        '{"level":"ERROR","msg":"bad key","pem":"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\n-----END PRIVATE KEY-----"}',
        ["MIIEvQIB"],
    ],
];

/** A private key over several lines, as a service that prints its settings does it. */
export const keyLines: readonly string[] = [
    "-----BEGIN EC PRIVATE KEY-----",
    "MHcCAQEEIAbcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRS",
    "TUVWXYZabcdefghijklmnopqrstuvwxyz+/0123456789ABCDEFGHIJKLMNOPQRS",
    "TUVWXYZabcdefghijklmnopqrstuvw==",
    "-----END EC PRIVATE KEY-----",
];

/** Lines that stay as they are. */
export const plainLines: readonly string[] = [
    "listening on http://0.0.0.0:8000, 4 workers",
    "GET /api/signals?symbol=BTC-USD&limit=50 200 12ms",
    "LOG:  database system is ready to accept connections",
    "10:M 29 Nov 2026 10:11:12.123 * Ready to accept connections tcp",
    "image sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b",
    "trace 0af7651916cd43dd8448eb211c80319c took 3 spans",
    "tokens_used=15 of a budget",
    "no such user: kim@example.com",
];
