import { expect } from "chai";
import { missingPackages } from "../../local/debian.ts";

describe("Debian's packages", () => {
    it("are missing when their program or file is, each named once", () => {
        expect(
            missingPackages([
                { package: "dash", file: "sh" },
                { package: "base-files", file: "/etc/os-release" },
                { package: "some", file: "no-such-program" },
                { package: "some", file: "/no/such/file" },
                { package: "other", file: "/no/such/file" },
            ]),
        ).to.deep.equal(["some", "other"]);
    });

    it("are found without a PATH too", () => {
        const before = process.env["PATH"];
        delete process.env["PATH"];
        try {
            expect(missingPackages([{ package: "dash", file: "sh" }])).to.deep.equal([]);
        } finally {
            process.env["PATH"] = before;
        }
    });
});
