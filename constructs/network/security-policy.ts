import {
  ComputeSecurityPolicy,
  type ComputeSecurityPolicyRule,
} from "@cdktf/provider-google/lib/compute-security-policy";
import { Construct } from "constructs";

export interface SecurityPolicyProps {
  readonly name: string;
  /** Requests a minute from one client address; the next one is answered 429. */
  readonly requestsPerMinute: number;
  /** Paths that are answered 404 with everything below them; for inside use only. */
  readonly deniedPaths: readonly string[];
  /** Learns the usual traffic and proposes a rule when an attack departs from it. */
  readonly adaptiveProtection: boolean;
}

/** What Google reserves for the rule that every policy ends with. https://cloud.google.com/armor/docs/security-policy-overview */
const DEFAULT_RULE_PRIORITY = 2147483647;
/** Hundreds apart, so that a person can put an urgent rule between two. */
const PRIORITY = { deniedPaths: 1000, scanners: 2000, protocol: 2100, rateLimit: 3000 } as const;
/** https://cloud.google.com/armor/docs/rules-language-reference: at most five subexpressions, 2048 characters each rule. */
const MAX_EXPRESSION_LENGTH = 2048;

/**
 * A Cloud Armor policy for backend services.
 *
 * - The rate limit is a throttle, which ends the evaluation with "allow" for whoever is below it; every deny must
 *   therefore stand before it. Clients behind one address (an office, a mobile network) share its limit.
 * - Denied paths are compared decoded and in lower case: `/%6Detrics` reaches the app as `/metrics`.
 * - The WAF's SQL, script and code injection rules are left out on purpose. They read the body, and prompts are full of
 *   SQL, HTML and shell that a developer rightly asks about; the app neither builds SQL from text nor runs it. What
 *   stays, in preview (logged, not enforced), looks at the client and the protocol: read the log before enforcing it.
 * - Adaptive protection only alerts below Cloud Armor Enterprise; its proposed rules need that tier.
 *
 * @example
 * new SecurityPolicy(this, "armor", { name: "terrace-demo-armor", requestsPerMinute: 600, deniedPaths: ["/metrics"], adaptiveProtection: false });
 */
export class SecurityPolicy extends Construct {
  constructor(scope: Construct, id: string, props: SecurityPolicyProps) {
    super(scope, id);
    new ComputeSecurityPolicy(this, "policy", {
      name: props.name,
      description: "Rate limit for each client address, and paths that the internet may not ask for.",
      type: "CLOUD_ARMOR",
      rule: [
        ...deniedPathsRule(props.deniedPaths),
        previewRule(PRIORITY.scanners, "scannerdetection-v33-stable", "Vulnerability scanners, by their user agents."),
        previewRule(PRIORITY.protocol, "protocolattack-v33-stable", "Request smuggling and response splitting."),
        rateLimitRule(props.requestsPerMinute),
        { priority: DEFAULT_RULE_PRIORITY, action: "allow", description: "Everything else.", ...everybody },
      ],
      ...(props.adaptiveProtection
        ? { adaptiveProtectionConfig: { layer7DdosDefenseConfig: { enable: true, ruleVisibility: "STANDARD" } } }
        : {}),
    });
  }
}

const everybody = { match: { versionedExpr: "SRC_IPS_V1", config: { srcIpRanges: ["*"] } } };

function deniedPathsRule(paths: readonly string[]): ComputeSecurityPolicyRule[] {
  if (paths.length === 0) return [];
  return [
    {
      priority: PRIORITY.deniedPaths,
      action: "deny(404)",
      description: "Metrics and administration are for inside.",
      match: { expr: { expression: deniedPathsExpression(paths) } },
    },
  ];
}

/**
 * The condition that is true for the paths and everything below them.
 * @throws RangeError for a path with characters beyond letters, digits, `/`, `_` and `-`, which would need escaping, and
 * for more paths than one rule holds.
 */
export function deniedPathsExpression(paths: readonly string[]): string {
  const odd = paths.find((path) => !/^(\/[a-z0-9_-]+)+$/.test(path));
  if (odd !== undefined) throw new RangeError(`denied path "${odd}" must be lower-case segments such as /api/v1/admin`);
  const expression = `request.path.urlDecode().lower().matches('^/*(${paths.map((path) => path.slice(1)).join("|")})(/|$)')`;
  if (expression.length > MAX_EXPRESSION_LENGTH) {
    throw new RangeError(
      `${paths.length} denied paths take ${expression.length} characters; one rule holds ${MAX_EXPRESSION_LENGTH}`,
    );
  }
  return expression;
}

/** Sensitivity 1: the signatures with the fewest false alarms. https://cloud.google.com/armor/docs/waf-rules */
function previewRule(priority: number, ruleSet: string, description: string): ComputeSecurityPolicyRule {
  return {
    priority,
    action: "deny(403)",
    preview: true,
    description,
    match: { expr: { expression: `evaluatePreconfiguredWaf('${ruleSet}', {'sensitivity': 1})` } },
  };
}

function rateLimitRule(requestsPerMinute: number): ComputeSecurityPolicyRule {
  return {
    priority: PRIORITY.rateLimit,
    action: "throttle",
    description: `${requestsPerMinute} requests a minute for each client address.`,
    ...everybody,
    rateLimitOptions: {
      conformAction: "allow",
      exceedAction: "deny(429)",
      enforceOnKey: "IP",
      rateLimitThreshold: { count: requestsPerMinute, intervalSec: 60 },
    },
  };
}
