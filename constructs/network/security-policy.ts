import {
  ComputeSecurityPolicy,
  type ComputeSecurityPolicyRule,
} from "@cdktf/provider-google/lib/compute-security-policy";
import { Construct } from "constructs";
import { PATHS } from "../../app/src/contract/endpoints";

export interface SecurityPolicyProps {
  readonly name: string;
  /** From one client address; the next one is answered 429. */
  readonly requestsPerMinute: number;
  /** Answered 404, with everything below them. */
  readonly deniedPaths: readonly string[];
  /** Proposes a rule when traffic departs from the usual. */
  readonly adaptiveProtection: boolean;
}

/** https://cloud.google.com/armor/docs/security-policy-overview */
const DEFAULT_RULE_PRIORITY = 2147483647;
/** Hundreds apart, for urgent rules between two. */
const PRIORITY = { deniedPaths: 1000, scanners: 2000, protocol: 2100, rateLimit: 3000 } as const;
/** At most five subexpressions a rule. https://cloud.google.com/armor/docs/rules-language-reference */
const MAX_EXPRESSION_LENGTH = 2048;

/**
 * A Cloud Armor policy for backend services.
 * - The rate limit's throttle allows what is below it, so denials come first. Clients behind one address share it.
 * - Denied paths are compared decoded and in lower case: `/%6Detrics` reaches the app as `/metrics`.
 * - No SQL, script or code injection rules: prompts are full of SQL, HTML and shell, from which the app builds nothing.
 *   The rest is in preview, so read the log before enforcing it.
 * - Adaptive protection only alerts below Cloud Armor Enterprise.
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

/** @throws RangeError for a character beyond letters, digits, `/`, `_`, `-`, or more paths than a rule holds. */
export function deniedPathsExpression(paths: readonly string[]): string {
  const odd = paths.find((path) => !/^(\/[a-z0-9_-]+)+$/.test(path));
  if (odd !== undefined)
    throw new RangeError(`denied path "${odd}" must be lower-case segments such as ${PATHS.admin}`);
  const expression = `request.path.urlDecode().lower().matches('^/*(${paths.map((path) => path.slice(1)).join("|")})(/|$)')`;
  if (expression.length > MAX_EXPRESSION_LENGTH) {
    throw new RangeError(
      `${paths.length} denied paths take ${expression.length} characters; one rule holds ${MAX_EXPRESSION_LENGTH}`,
    );
  }
  return expression;
}

/** Sensitivity 1 has the fewest false alarms. https://cloud.google.com/armor/docs/waf-rules */
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
