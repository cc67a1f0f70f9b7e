/** Numbers are unsigned 32-bit integers. */

export interface Cidr {
  /** E.g. `10.10.0.0/20`. */
  readonly text: string;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
  /** 0 to 32. */
  readonly prefix: number;
  readonly size: number;
}

export type CidrResult =
  | { readonly ok: true; readonly cidr: Cidr }
  | {
      readonly ok: false;
      readonly reason: string;
      /** What was probably meant. */
      readonly corrected?: string;
    };

/** In a subnet's primary range. Source: https://cloud.google.com/vpc/docs/subnets. */
const RESERVED_IN_SUBNET = 4;

const CIDR_FORM = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** `10.10.0.0` for 0x0a0a0000. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}

function rangeHolding(address: number, prefix: number): Cidr {
  const size = 2 ** (32 - prefix);
  const first = Math.floor(address / size) * size;
  return { text: `${formatAddress(first)}/${prefix}`, first, last: first + size - 1, prefix, size };
}

/** Host bits must be zero, as Google Cloud requires: `10.10.0.5/20` is refused, with the range that was meant. */
export function parseCidr(text: string): CidrResult {
  const match = CIDR_FORM.exec(text);
  if (match === null) return { ok: false, reason: `"${text}" is not an IPv4 range such as 10.10.0.0/20` };
  const [octets, prefix] = [match.slice(1, 5).map(Number), Number(match[5])];
  if (octets.some((octet) => octet > 255)) {
    return { ok: false, reason: `"${text}" has a part above 255` };
  }
  if (prefix > 32) return { ok: false, reason: `"${text}" has a prefix above 32` };
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const cidr = rangeHolding(address, prefix);
  if (cidr.text === text) return { ok: true, cidr };
  const why = cidr.first === address ? "is not in its usual form" : "has host bits set";
  return { ok: false, reason: `"${text}" ${why}; did you mean ${cidr.text}?`, corrected: cidr.text };
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return a.first <= b.last && b.first <= a.last;
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

export interface Overlap {
  readonly names: readonly [string, string];
  readonly ranges: readonly [string, string];
}

/** In the order of the names. Texts that are no range are left out: {@link parseCidr} reports them. */
export function overlaps(named: Readonly<Record<string, string>>): readonly Overlap[] {
  const parsed = Object.entries(named).flatMap(([name, text]) => {
    const result = parseCidr(text);
    return result.ok ? [{ name, cidr: result.cidr }] : [];
  });
  return parsed.flatMap((a, i) =>
    parsed
      .slice(i + 1)
      .filter((b) => overlap(a.cidr, b.cidr))
      .map((b): Overlap => ({ names: [a.name, b.name], ranges: [a.cidr.text, b.cidr.text] })),
  );
}

/** RFC 1918. */
const PRIVATE_RANGES = [
  rangeHolding(0x0a_00_00_00, 8),
  rangeHolding(0xac_10_00_00, 12),
  rangeHolding(0xc0_a8_00_00, 16),
] as const;

export function isPrivateRange(cidr: Cidr): boolean {
  return PRIVATE_RANGES.some((range) => contains(range, cidr));
}

export function usableAddresses(cidr: Cidr): number {
  return Math.max(0, cidr.size - RESERVED_IN_SUBNET);
}
