import { ComputeSecurityPolicy } from "@cdktf/provider-google/lib/compute-security-policy";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { deniedPathsExpression, SecurityPolicy } from "../../constructs/network/security-policy";
import { templateOf } from "./stack-of";

/** Cloud Armor's decoding, lower-casing and search, done here with the rule's own pattern. */
function denied(paths: readonly string[], asked: string): boolean {
  const pattern = /^request\.path\.urlDecode\(\)\.lower\(\)\.matches\('(.*)'\)$/.exec(
    deniedPathsExpression(paths),
  )?.[1];
  if (pattern === undefined) throw new Error("the expression has another form than this test knows");
  return new RegExp(pattern).test(decodeURIComponent(asked).toLowerCase());
}

describe("deniedPathsExpression", () => {
  const paths = ["/metrics", "/api/v1/admin"];

  it.each([
    "/metrics",
    "/metrics/",
    "/METRICS",
    "/%6Detrics",
    "//metrics",
    "/api/v1/admin",
    "/api/v1/admin/drain",
    "/api/v1/admin/x%0a",
  ])("denies %s", (path) => expect(denied(paths, path)).toBe(true));

  it.each(["/", "/til", "/metricsx", "/api/v1/administrator", "/api/v1", "/til/metrics"])("does not deny %s", (path) =>
    expect(denied(paths, path)).toBe(false),
  );

  it("denies every path and what lies below it, and nothing that only begins alike", () => {
    const segment = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(path, segment, (one, more) => {
        expect(denied([one], one)).toBe(true);
        expect(denied([one], `${one}/${more}`)).toBe(true);
        expect(denied([one], `${one}${more}`)).toBe(false);
      }),
    );
  });

  it("throws for paths that need escaping, and for more than a rule holds", () => {
    expect(() => deniedPathsExpression(["/a.b"])).toThrow('"/a.b"');
    expect(() => deniedPathsExpression(["/a')||true"])).toThrow("denied path");
    expect(() => deniedPathsExpression(Array.from({ length: 200 }, (_, i) => `/some-long-path-${i}`))).toThrow(
      "one rule holds",
    );
  });
});

describe("SecurityPolicy", () => {
  const policy = (requestsPerMinute: number) =>
    templateOf(
      (scope) =>
        new SecurityPolicy(scope, "armor", {
          name: "armor",
          requestsPerMinute,
          deniedPaths: ["/metrics"],
          adaptiveProtection: true,
        }),
    );

  it("evaluates every denial before the throttle, which ends the evaluation", () => {
    const found = policy(600).expectResource(ComputeSecurityPolicy, { name: "armor", type: "CLOUD_ARMOR" });
    const rules = found.body.rule;
    if (!Array.isArray(rules)) throw new Error("the policy has no rules");
    expect(rules.map(({ action, priority, preview }) => [action, priority, preview ?? false])).toEqual([
      ["deny(404)", 1000, false],
      ["deny(403)", 2000, true],
      ["deny(403)", 2100, true],
      ["throttle", 3000, false],
      ["allow", 2147483647, false],
    ]);
    expect(rules[3]).toMatchObject({
      rate_limit_options: {
        exceed_action: "deny(429)",
        enforce_on_key: "IP",
        rate_limit_threshold: { count: 600, interval_sec: 60 },
      },
    });
  });
});
