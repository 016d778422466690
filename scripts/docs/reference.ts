/** The pages that are made from the configuration's schema. */
import { type Document, parseDocument, type YAMLMap } from "yaml";
import { type Entry, reference, type Row } from "../../config/reference.ts";
import { examples } from "./examples.ts";

const introduction = `# Configuration

Everything that \`Pulumi.<stack>.yaml\` may say. This page is made from the schema in \`config/\` by
\`npm run docs:config\`; a test keeps both equal. Secrets have a page of their own: [secrets](secrets.md).

Keys and defaults are those of the Helm chart's \`values.yaml\`, so what was \`gatewayApi.image.tag\` there is
\`gatewayApi.image.tag\` here. Only secrets have moved: each is a key of its own, because Pulumi encrypts by key.

Set a value with \`pulumi config set\`, add \`--path\` for one inside an object or a list, and \`--stack\` for another stack
than the selected one. Or edit the stack's file; annotations and variables are text there, so numbers need quotes.
An empty value counts as not set. A stack with errors is refused before anything is changed, with all of them at once:

\`\`\`
The configuration of stack production has 2 errors; nothing was changed.

  gatewayApi.replcaCount is not a known key; did you mean gatewayApi.replicaCount?
      pulumi config rm --stack production --path gatewayApi.replcaCount && pulumi config set --stack production --path gatewayApi.replicaCount 3

  resendApiKey is missing: authSecrets.create is true, and the Secret holds it
      pulumi config set --stack production --secret resendApiKey
\`\`\`

In the tables, \`[]\` stands for the index of a list's entry.
`;

/** `docs/configuration.md`. */
export function configurationPage(): string {
    const entries = reference();
    const single = entries.filter(
        ({ rows, secret, projectType }) => !secret && rows.length === 0 && projectType !== "object",
    );
    const trees = entries.filter((entry) => !entry.secret && !single.includes(entry));
    const secrets = entries.filter(({ secret }) => secret);
    return [
        introduction,
        section(
            "The stack",
            "",
            single.flatMap(({ key }) => examples[key] ?? []),
            single.map(({ row }) => row),
        ),
        ...trees.map(({ key, row, rows }) => section(`\`${key}\``, sentence(row.description), examples[key], rows)),
        section(
            "Secrets",
            "Set each with `--secret`, so that the stack's file holds it encrypted. [More about secrets](secrets.md).\n",
            ["resendApiKey", "imagePullSecret", "chartSecrets"].flatMap((key) => examples[key] ?? []),
            secrets.flatMap(({ row, rows }) => [row, ...rows]),
        ),
    ].join("\n");
}

function section(title: string, text: string, commands: readonly string[] = [], rows: readonly Row[]): string {
    return [
        `## ${title}`,
        "",
        ...(text === "" ? [] : [text]),
        "```sh",
        ...commands,
        "```",
        "",
        "| Key | Type | Default | Meaning |",
        "| --- | --- | --- | --- |",
        ...rows.map(({ path, type, description, ...row }) =>
            [`| \`${path}\``, cell(type), defaultText(row), `${cell(description)} |`].join(" | "),
        ),
        "",
    ].join("\n");
}

function sentence(text: string): string {
    return `${text}.\n`;
}

function defaultText({ required, default: value }: Pick<Row, "required" | "default">): string {
    if (required) {
        return "**required**";
    }
    return value === undefined ? "" : cell(`\`${typeof value === "string" ? value : JSON.stringify(value)}\``);
}

/** A cell of a table: a bar is escaped everywhere, the rest of Markdown outside code alone, where it has a meaning. */
function cell(text: string): string {
    const escaped = (part: string): string =>
        part.replaceAll("*/", "\\*/").replaceAll("no *", "no \\*").replaceAll("<", "&lt;");
    const parts = text.replaceAll("|", "\\|").split("`");
    return parts.map((part, index) => (index % 2 === 0 ? escaped(part) : part)).join("`");
}

const projectComment = ` Made by \`npm run docs:config\` from the schema in config/; docs/configuration.md says what is in the objects.
 No key has a \`type\`, and each has a default, empty where a stack must set it: the CLI would stop at the first wrong or
 missing key, while the program reports all of them, and takes an empty value as not set.`;

/** `Pulumi.yaml`, its section \`config\` made anew. */
export function projectFile(current: string): string {
    const document: Document = parseDocument(current);
    document.set("config", Object.fromEntries(reference().map((entry) => [entry.key, declaration(entry)])));
    const contents = document.contents as YAMLMap;
    const pair = contents.items.find(({ key }) => String(key) === "config");
    if (pair !== undefined) {
        pair.key = document.createNode("config");
        (pair.key as { commentBefore?: string; spaceBefore?: boolean }).commentBefore = projectComment;
        (pair.key as { spaceBefore?: boolean }).spaceBefore = true;
    }
    return document.toString({ lineWidth: 120 });
}

function declaration({ projectType, secret, row }: Entry): Record<string, unknown> {
    const empty = projectType === "array" ? [] : projectType === "object" && !secret ? {} : "";
    return {
        ...(secret && { secret }),
        description: row.description,
        default: row.default ?? empty,
    };
}
