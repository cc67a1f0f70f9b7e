import { strings } from "../support/json";
import { type EnvironmentView, resourcesOf, type StackView } from "../support/stack-view";
import { type Violation, violation } from "../support/violation";

/** What a secret looks like, by the patterns that its issuer documents or that scanners share. */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  "a Google API key": /\bAIza[\w-]{35}/,
  "a Google OAuth token": /\bya29\.[\w-]{20,}/,
  "a GitHub token": /\b(?:gh[pousr]_\w{36}|github_pat_\w{22,})/,
  "a Slack webhook or token": /hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+|\bxox[abprs]-[\w-]{10,}/,
  "an AWS access key": /\bAKIA[0-9A-Z]{16}\b/,
  "a Hugging Face token": /\bhf_[A-Za-z0-9]{30,}/,
  "a JSON web token": /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+/,
  // A literal value; a variable, a file name or a command in its place is none.
  "a password":
    /(?<![a-z])(?:password|passwd|secret_key|api_?key|auth_?token)\s*[=:]\s*["']?(?![$/{<(]|true\b|false\b)[^\s"'$(){}<>]{6,}/i,
  "credentials in a URL": /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@$]+:[^\s/@$]+@/i,
};

/** Attributes that hold a secret whatever it looks like. */
const SECRET_ATTRIBUTE = /(?:^|[._])(?:password|private_key|secret_data|auth_string|root_password)$/;

/** Types whose state holds a secret. */
const SECRET_TYPES: readonly string[] = [
  "google_secret_manager_secret_version",
  "google_service_account_key",
  "google_storage_hmac_key",
  "google_apikeys_key",
  "random_password",
  "tls_private_key",
];

/** Every secret that the synthesized text holds, or that applying it would bring into the state. */
export function secretViolations({ stacks }: EnvironmentView): readonly Violation[] {
  return stacks.flatMap((stack) => [...literals(stack), ...resourcesWithSecrets(stack)]);
}

function literals(stack: StackView): readonly Violation[] {
  return [...strings(stack.config)].flatMap(({ path, text }) =>
    Object.entries(PATTERNS)
      .filter(([, pattern]) => pattern.test(text))
      // Never the value itself: this line ends in a log.
      .map(([what]) => violation(stack, undefined, `${path} looks like ${what}`)),
  );
}

function resourcesWithSecrets(stack: StackView): readonly Violation[] {
  return resourcesOf(stack.config).flatMap(({ type, address, body }) => {
    const attributes = [...strings(body)].filter(({ path }) => SECRET_ATTRIBUTE.test(path));
    return [
      ...(SECRET_TYPES.includes(type) ? [violation(stack, address, "keeps a secret in the state")] : []),
      ...attributes.map(({ path }) => violation(stack, address, `${path} keeps a secret in the state`)),
    ];
  });
}
