import { expect } from "chai";
import fc from "fast-check";
import { addressAt, overlap, parseRange, size } from "../../local/cluster/addresses.ts";
import {
    apiServiceAddress,
    apiUrl,
    checkedName,
    dnsServiceAddress,
    hostAddress,
    indexes,
    linkName,
    nodeAddress,
    settingsOf,
} from "../../local/cluster/settings.ts";

describe("ranges of addresses", () => {
    it("reads a range and counts its addresses", () => {
        expect(parseRange("10.214.3.0/24")).to.deep.equal({ base: 0x0ad60300, prefix: 24 });
        expect(size(parseRange("10.213.0.0/30"))).to.equal(4);
    });

    for (const text of ["10.0.0.0", "10.0.0/24", "10.0.0.256/32", "10.0.0.0/33", "fd00::/8", "", "10.0.0.0/24 "]) {
        it(`refuses "${text}"`, () => {
            expect(() => parseRange(text)).to.throw(RangeError, "is not an IPv4 range");
        });
    }

    it("refuses an address inside a range as its name", () => {
        expect(() => parseRange("10.214.0.1/24")).to.throw(RangeError, "does not begin at the first address");
    });

    it("counts addresses across the dots", () => {
        expect(addressAt("10.0.0.0/8", 256 * 256 + 258)).to.equal("10.1.1.2");
        expect(() => addressAt("10.0.0.0/30", 4)).to.throw(RangeError, "no address number 4");
    });

    it("finds that two ranges overlap exactly when one holds the other's first address", () => {
        const range = fc.tuple(fc.integer({ min: 0, max: 32 }), fc.nat(0xffffffff)).map(([prefix, address]) => {
            const base = address - (address % 2 ** (32 - prefix));
            return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${prefix}`;
        });
        const holds = (outer: string, inner: string): boolean => {
            const [o, i] = [parseRange(outer), parseRange(inner)];
            return i.base >= o.base && i.base < o.base + size(o);
        };
        fc.assert(
            fc.property(range, range, (a, b) => {
                expect(overlap(a, b)).to.equal(holds(a, b) || holds(b, a));
                expect(overlap(a, b)).to.equal(overlap(b, a));
            }),
        );
    });
});

describe("settings of a cluster", () => {
    it("derives every address from the index", () => {
        const settings = settingsOf({ name: "one" }, 7);
        expect(settings).to.deep.equal({
            name: "one",
            index: 7,
            simulated: false,
            podCidr: "10.214.7.0/24",
            serviceCidr: "10.215.7.0/24",
            linkCidr: "10.213.7.0/30",
            apiPort: 6443,
        });
        expect(hostAddress(settings)).to.equal("10.213.7.1");
        expect(nodeAddress(settings)).to.equal("10.213.7.2");
        expect(apiServiceAddress(settings)).to.equal("10.215.7.1");
        expect(dnsServiceAddress(settings)).to.equal("10.215.7.10");
        expect(apiUrl(settings)).to.equal("https://10.213.7.2:6443");
    });

    it("gives no two clusters of one machine an address or a port in common", () => {
        const all = indexes().map((index) => settingsOf({}, index));
        const ranges = all.flatMap(({ podCidr, serviceCidr, linkCidr }) => [podCidr, serviceCidr, linkCidr]);
        expect(new Set(ranges).size).to.equal(ranges.length);
        const ports = indexes().map((index) => settingsOf({ simulated: true }, index).apiPort);
        expect(Math.max(...ports)).to.be.lessThan(65530);
        ports.forEach((port, index) => expect(port - (ports[index - 1] ?? 0)).to.be.at.least(6));
    });

    it("keeps what is asked for", () => {
        const settings = settingsOf({ podCidr: "172.20.0.0/16", apiPort: 7000 }, 0);
        expect(settings.podCidr).to.equal("172.20.0.0/16");
        expect(settings.apiPort).to.equal(7000);
        expect(settings.name).to.equal("tradestream");
    });

    it("refuses ranges that overlap, ranges that are too small, and ports and indexes that are none", () => {
        expect(() => settingsOf({ podCidr: "10.215.0.0/16" }, 0)).to.throw(RangeError, "overlaps the service range");
        expect(() => settingsOf({ linkCidr: "10.213.0.0/31" }, 0)).to.throw(RangeError, "too small");
        expect(() => settingsOf({ serviceCidr: "10.215.0.0/29" }, 0)).to.throw(RangeError, "too small");
        expect(() => settingsOf({ apiPort: 80 }, 0)).to.throw(RangeError, "API port 80");
        expect(() => settingsOf({}, 100)).to.throw(RangeError, "index 100");
    });

    it("accepts as a name only what can name a node, a context and a directory", () => {
        for (const name of ["a", "tradestream", "ci-42"]) expect(checkedName(name)).to.equal(name);
        for (const name of ["", "A", "1a", "a-", "../etc", "a b", "a".repeat(41)]) {
            expect(() => checkedName(name)).to.throw(RangeError, "cannot be a cluster's name");
        }
    });

    it("names the link within the kernel's 15 characters, and long names apart", () => {
        expect(linkName("tradestream")).to.equal("ts-tradestream");
        const [one, other] = [linkName("a-rather-long-name-1"), linkName("a-rather-long-name-2")];
        expect(one).to.have.length.at.most(15);
        expect(one).not.to.equal(other);
    });
});
