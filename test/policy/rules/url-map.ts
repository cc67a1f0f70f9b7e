import { blocksAlong, blocksAt, type JsonObject, numberAt, textAt, textsAt } from "../../support/json";

/** What a URL map does with a request. */
interface Answer {
  readonly service?: string | undefined;
  readonly redirectCode?: number | undefined;
}

/** Google's names of redirect codes: https://cloud.google.com/compute/docs/reference/rest/v1/urlMaps */
const REDIRECT_CODES: Readonly<Record<string, number>> = {
  MOVED_PERMANENTLY_DEFAULT: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

/** Each test of a URL map that would not get what it expects, in words. */
export function failingUrlMapTests(map: JsonObject): readonly string[] {
  return blocksAt(map, "test").flatMap((test) => {
    const host = textAt(test, "host") ?? "";
    const path = textAt(test, "path") ?? "";
    const answer = route(map, host, path);
    const wanted = textAt(test, "service");
    const code = numberAt(test, "expected_redirect_response_code");
    if (wanted !== undefined && answer.service !== wanted) {
      return [`${host}${path} goes to ${answer.service ?? "a redirect"}, its test expects ${wanted}`];
    }
    if (code !== undefined && answer.redirectCode !== code) {
      return [`${host}${path} answers ${answer.redirectCode ?? "no redirect"}, its test expects ${code}`];
    }
    return [];
  });
}

/**
 * Paths of the map's rules that no test asks for, by themselves or by something below them. Rules that split their
 * traffic are left out: Google documents no test for them (docs/adr/0009).
 */
export function untestedPaths(map: JsonObject): readonly string[] {
  const tested = blocksAt(map, "test").map((test) => textAt(test, "path") ?? "");
  return blocksAt(map, "path_matcher")
    .flatMap((matcher) => blocksAt(matcher, "path_rule"))
    .filter((rule) => blocksAt(rule, "route_action").length === 0)
    .flatMap((rule) => textsAt(rule, "paths"))
    .filter((pattern) => !tested.some((path) => matches(pattern, path)));
}

/** What is wrong with the splits of a URL map, in words. */
export function wrongSplits(map: JsonObject): readonly string[] {
  return blocksAt(map, "path_matcher").flatMap((matcher) => {
    const rules = blocksAt(matcher, "path_rule");
    const actions = [
      { of: "the default", block: matcher, service: "default_service", action: "default_route_action" },
      ...rules.map((rule) => ({
        of: textsAt(rule, "paths")[0],
        block: rule,
        service: "service",
        action: "route_action",
      })),
    ];
    const splits = actions.filter(({ block, action }) => blocksAt(block, action).length > 0);
    const whole = splits.length > 0 ? actions.filter((action) => !splits.includes(action)) : [];
    return [
      ...whole.map(({ of }) => `${of} is not split, and the others are`),
      ...splits.flatMap(({ of, block, service, action }) => {
        const targets = blocksAlong(block, action, "weighted_backend_services");
        const weights = targets.map((target) => numberAt(target, "weight") ?? 0);
        const services = new Set(targets.map((target) => textAt(target, "backend_service")));
        const sum = weights.reduce((total, weight) => total + weight, 0);
        return [
          ...(sum === 100 ? [] : [`${of}: weights sum to ${sum}`]),
          ...(services.size === 2 ? [] : [`${of}: is shared out to ${services.size} services`]),
          ...(block[service] === undefined ? [] : [`${of}: has a service beside the split`]),
        ];
      }),
    ];
  });
}

/**
 * Where a request goes: the host rule's path matcher, then the longest path pattern, then the defaults.
 * https://cloud.google.com/load-balancing/docs/url-map-concepts
 */
function route(map: JsonObject, host: string, path: string): Answer {
  const hostRules = blocksAt(map, "host_rule");
  const hostRule =
    hostRules.find((rule) => textsAt(rule, "hosts").includes(host)) ??
    hostRules.find((rule) => textsAt(rule, "hosts").includes("*"));
  const matcher = blocksAt(map, "path_matcher").find((candidate) => candidate.name === hostRule?.path_matcher);
  if (hostRule === undefined || matcher === undefined) return answerOf(map, "default_service", "default_url_redirect");
  const [best] = blocksAt(matcher, "path_rule")
    .flatMap((rule) => textsAt(rule, "paths").map((pattern) => ({ rule, pattern })))
    .filter(({ pattern }) => matches(pattern, path))
    .sort((a, b) => b.pattern.length - a.pattern.length);
  if (best !== undefined) return answerOf(best.rule, "service", "url_redirect");
  return answerOf(matcher, "default_service", "default_url_redirect");
}

function answerOf(block: JsonObject, serviceKey: string, redirectKey: string): Answer {
  const [redirect] = blocksAt(block, redirectKey);
  if (redirect === undefined) return { service: textAt(block, serviceKey) };
  return { redirectCode: REDIRECT_CODES[textAt(redirect, "redirect_response_code") ?? "MOVED_PERMANENTLY_DEFAULT"] };
}

/** `/til/*` takes everything below `/til/`, but not `/til` itself. */
function matches(pattern: string, path: string): boolean {
  return pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
