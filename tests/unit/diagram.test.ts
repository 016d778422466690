/** The diagram in README.md: it is current, and says no more than the network policies allow. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { diagram, withDiagram } from "../../scripts/docs/diagram.ts";
import { goldenFile } from "../golden/render.ts";
import { root } from "../support/configuration.ts";

const production = readFileSync(goldenFile("production"), "utf8");
const arrows = (text: string) => text.split("\n").flatMap((line) => (line.includes(" --> ") ? [line.trim()] : []));

describe("the diagram of a stack", () => {
    it("is the one of the golden file of production (npm run docs:diagram)", () => {
        const page = readFileSync(path.join(root, "README.md"), "utf8");
        expect(page).to.contain(`\`\`\`mermaid\n${diagram(production)}\`\`\`\n`);
        expect(withDiagram(page, production)).to.equal(page);
        const other = withDiagram(page, production.replaceAll("api.tradestream.io", "api.example.com"));
        expect(other).to.contain("users -.->|api.example.com| gateway_api\n");
    });

    it("has an arrow only where both ends allow it", () => {
        expect(arrows(diagram(production))).to.include("gateway_api -- 6379 --> redis");
        const port = "        - port: 6379\n";
        const [first, ...others] = production.split(/^(?=---\n)/m).map((document) => {
            const isRedis = document.includes("# chart-redis (kubernetes:networking");
            return isRedis ? document.replace(port, "        - port: 6380\n") : document;
        });
        const refused = arrows(diagram([first, ...others].join("")));
        expect(refused.filter((arrow) => arrow.includes("redis"))).to.deep.equal([]);
        expect(refused).to.include("gateway_api -- 5432 --> postgresql");
    });

    it("has what is outside of the stack, and not the name service", () => {
        expect(arrows(diagram(production))).to.include.members([
            "namespace_monitoring -- 8000 --> gateway_api",
            "notification_worker -- 443 --> internet",
        ]);
        expect(diagram(production)).not.to.match(/-- 53 -->|169_254/);
    });
});
