import { expect } from "chai";
import { isQuantity, quantity } from "../../config/quantity.ts";

describe("a quantity", () => {
    const right: Readonly<Record<string, number>> = {
        "0": 0,
        "1": 1,
        "0.5": 0.5,
        ".5": 0.5,
        "1.": 1,
        "500m": 0.5,
        "700m": 0.7,
        "1.5": 1.5,
        "2k": 2000,
        "512Mi": 512 * 1024 ** 2,
        "0.5Gi": 512 * 1024 ** 2,
        "1G": 1e9,
        "1Ti": 1024 ** 4,
        "1Ei": 1024 ** 6,
        "129e6": 129e6,
        "1E3": 1000,
        "5e-1": 0.5,
    };
    for (const [text, value] of Object.entries(right)) {
        it(`${text} is ${value}`, () => {
            expect(isQuantity(text)).to.equal(true);
            expect(quantity(text)).to.equal(value);
        });
    }

    for (const text of ["", "500 m", "500M i", "1e", "1e3m", "-1", "1KB", "512MB", "1gi", "m", "1,5", "Infinity"]) {
        it(`is not "${text}"`, () => {
            expect(isQuantity(text)).to.equal(false);
            expect(quantity(text)).to.be.NaN;
        });
    }
});
