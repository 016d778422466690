import { expect } from "chai";
import { parsePath, setMember } from "../../local/engine/config-path.ts";
import { parseConfigArguments } from "../../local/engine/project.ts";

describe("paths of --config", () => {
    it("name members of objects and lists", () => {
        expect(parsePath("a.b[0].c")).to.deep.equal(["a", "b", 0, "c"]);
        expect(parsePath('a.annotations["x.io/y"]')).to.deep.equal(["a", "annotations", "x.io/y"]);
    });

    it("that are none are refused by name", () => {
        expect(() => parsePath("a..b")).to.throw("--config a..b");
        expect(() => parsePath("[0]")).to.throw("begins with a key");
    });

    it("set one member and leave the rest", () => {
        expect(JSON.parse(setMember('{"image":{"tag":"a","repository":"r"}}', ["image", "tag"], "b"))).to.deep.equal({
            image: { tag: "b", repository: "r" },
        });
        expect(setMember(undefined, ["hosts", 0], "h")).to.equal('{"hosts":["h"]}');
    });

    it("take numbers and booleans as such", () => {
        expect(setMember("{}", ["n"], "12")).to.equal('{"n":12}');
        expect(setMember("{}", ["b"], "true")).to.equal('{"b":true}');
        expect(setMember("{}", ["s"], "012")).to.equal('{"s":"012"}');
    });

    it("are taken as whole keys without --config-path", () => {
        expect(parseConfigArguments(["a.b=c=d"])).to.deep.equal([{ key: "a.b", steps: [], text: "c=d" }]);
        expect(parseConfigArguments(["a.b=c=d"], true)).to.deep.equal([{ key: "a", steps: ["b"], text: "c=d" }]);
    });
});
