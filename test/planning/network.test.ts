import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  type Cidr,
  contains,
  formatAddress,
  isPrivateRange,
  overlap,
  overlaps,
  parseCidr,
  usableAddresses,
} from "../../planning/network";

function cidr(text: string): Cidr {
  const result = parseCidr(text);
  if (!result.ok) throw new Error(result.reason);
  return result.cidr;
}

/** Ranges of at most 16 addresses close together, so that they often overlap or touch, and can be listed. */
const smallRange = fc
  .record({ address: fc.integer({ min: 0x0a_00_00_00, max: 0x0a_00_00_1f }), prefix: fc.integer({ min: 28, max: 32 }) })
  .map(({ address, prefix }) => {
    const size = 2 ** (32 - prefix);
    return cidr(`${formatAddress(address - (address % size))}/${prefix}`);
  });

function addresses({ first, size }: Cidr): ReadonlySet<number> {
  return new Set(Array.from({ length: size }, (_, i) => first + i));
}

type Relation = (a: Cidr, b: Cidr) => boolean;

/** A relation agrees with listing every address. */
function agreesWithLists(relation: Relation, lists: (a: ReadonlySet<number>, b: ReadonlySet<number>) => boolean) {
  return fc.property(smallRange, smallRange, (a, b) => {
    expect(relation(a, b)).toBe(lists(addresses(a), addresses(b)));
  });
}

const share = (a: ReadonlySet<number>, b: ReadonlySet<number>) => [...a].some((address) => b.has(address));
const cover = (a: ReadonlySet<number>, b: ReadonlySet<number>) => [...b].every((address) => a.has(address));

describe("parseCidr", () => {
  it("parses what it formats", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
        const size = 2 ** (32 - prefix);
        const text = `${formatAddress(Math.floor(address / size) * size)}/${prefix}`;
        const range = cidr(text);
        expect(range).toMatchObject({ text, prefix, size });
        expect(range.last - range.first + 1).toBe(size);
        expect(address).toBeGreaterThanOrEqual(range.first);
        expect(address).toBeLessThanOrEqual(range.last);
      }),
    );
  });

  it("refuses host bits and names the range that holds the address", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 31 }), (address, prefix) => {
        fc.pre(address % 2 ** (32 - prefix) !== 0);
        const result = parseCidr(`${formatAddress(address)}/${prefix}`);
        expect(result).toMatchObject({ ok: false, reason: expect.stringContaining("host bits") });
        const corrected = !result.ok && result.corrected !== undefined ? cidr(result.corrected) : undefined;
        expect(corrected?.prefix).toBe(prefix);
        expect(address - (corrected?.first ?? Number.NaN)).toBeLessThan(2 ** (32 - prefix));
      }),
    );
    expect(parseCidr("10.10.0.5/20")).toMatchObject({ ok: false, corrected: "10.10.0.0/20" });
  });

  it.each(["", "10.0.0.0", "10.0.0/8", "256.0.0.0/8", "10.0.0.0/33", "10.0.0.0/8 ", "a.b.c.d/8", "::/0", "-1.0.0.0/8"])(
    "refuses %j",
    (text) => expect(parseCidr(text).ok).toBe(false),
  );

  it("refuses another spelling and returns the usual one", () => {
    expect(parseCidr("010.0.0.0/08")).toMatchObject({ ok: false, corrected: "10.0.0.0/8" });
  });
});

describe("overlap", () => {
  it("agrees with listing every address, both ways round", () => {
    fc.assert(agreesWithLists(overlap, share), { numRuns: 500 });
    fc.assert(
      agreesWithLists((a, b) => overlap(b, a), share),
      { numRuns: 500 },
    );
  });

  it.each<[string, Relation]>([
    ["asks only whether a starts in b", (a, b) => b.first <= a.first && a.first <= b.last],
    ["forgets the last address", (a, b) => a.first < b.last && b.first < a.last],
    ["counts neighbours", (a, b) => a.first <= b.last + 1 && b.first <= a.last + 1],
  ])("is caught when it %s", (_, planted) => {
    expect(fc.check(agreesWithLists(planted, share), { seed: 1, numRuns: 1000 }).failed).toBe(true);
  });

  it("is reported by name, once a pair", () => {
    expect(overlaps({ a: "10.0.0.0/8", b: "10.1.0.0/16", c: "192.168.0.0/24", wrong: "10.0.0.1/8" })).toEqual([
      { names: ["a", "b"], ranges: ["10.0.0.0/8", "10.1.0.0/16"] },
    ]);
    expect(overlaps({ a: "10.0.0.0/24", b: "10.0.1.0/24" })).toEqual([]);
  });
});

describe("contains", () => {
  it("agrees with listing every address", () => {
    fc.assert(agreesWithLists(contains, cover), { numRuns: 500 });
  });
});

describe("private ranges", () => {
  it.each([
    ["10.0.0.0/8", true],
    ["172.16.0.0/12", true],
    ["172.31.255.0/24", true],
    ["192.168.1.0/24", true],
    ["172.32.0.0/16", false],
    ["192.0.0.0/8", false],
    ["8.8.8.0/24", false],
    ["0.0.0.0/0", false],
  ])("%s: %s", (text, expected) => expect(isPrivateRange(cidr(text))).toBe(expected));
});

it("Google keeps four addresses of a subnet", () => {
  expect(usableAddresses(cidr("10.0.0.0/29"))).toBe(4);
  expect(usableAddresses(cidr("10.0.0.0/31"))).toBe(0);
});
