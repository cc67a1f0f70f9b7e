/** Paths of route classes, as a URL map wants them. Pure. */
import { basePath } from "../../planning/paths";

export interface Route {
  /** Route class, e.g. `til`. */
  readonly name: string;
  /** Paths as settings write them: `/til`, `/api/*`. */
  readonly paths: readonly string[];
  /** Link of the backend service. */
  readonly service: string;
}

export interface PathRule {
  readonly service: string;
  /** Exact paths, and patterns that end in `/*`. */
  readonly paths: readonly string[];
}

export interface PathTest {
  readonly path: string;
  readonly service: string;
}

const WILDCARD = "/*";

/**
 * The two patterns that make a path and all below it one: `/til` is not matched by `/til/*`, nor `/til/x` by `/til`.
 * Source: https://cloud.google.com/load-balancing/docs/url-map-concepts#pm-constraints
 */
export function expandPath(path: string): string[] {
  const base = basePath(path);
  return base === "" ? [WILDCARD] : [base, base + WILDCARD];
}

/**
 * One rule per class.
 * @throws RangeError where two classes claim one path, which a URL map refuses.
 */
export function pathRules(routes: readonly Route[]): PathRule[] {
  const owners = new Map<string, string>();
  return routes.map(({ name, paths, service }) => {
    const expanded = [...new Set(paths.flatMap(expandPath))];
    for (const path of expanded) {
      const owner = owners.get(path);
      if (owner !== undefined)
        throw new RangeError(`path ${path} belongs to route ${owner} already, so not to ${name}`);
      owners.set(path, name);
    }
    return { service, paths: expanded };
  });
}

/**
 * The service that a URL map sends a path to: the longest pattern that matches, the exact path before a wildcard.
 * Source: https://cloud.google.com/load-balancing/docs/url-map-concepts#pm-constraints
 */
export function serviceOf(rules: readonly PathRule[], defaultService: string, path: string): string {
  let best = { length: 0, service: defaultService };
  for (const { paths, service } of rules) {
    for (const pattern of paths) {
      if (pattern === path) return service;
      if (!pattern.endsWith(WILDCARD) || !path.startsWith(pattern.slice(0, -1))) continue;
      if (pattern.length > best.length) best = { length: pattern.length, service };
    }
  }
  return best.service;
}

/**
 * What Google must confirm before it takes the map: each path, one below it, and a neighbour that only begins alike
 * (`/tilx`), each with the service that {@link serviceOf} expects. Without them a slip in a pattern sends a class to
 * the wrong models and nothing says so.
 */
export function pathTests(rules: readonly PathRule[], defaultService: string): PathTest[] {
  const bases = rules.flatMap(({ paths }) => paths.map(basePath));
  const samples = new Set(["/", ...bases.flatMap((base) => [base, `${base}/sample`, `${base}x`])]);
  return [...samples]
    .filter((path) => path.startsWith("/"))
    .map((path) => ({ path, service: serviceOf(rules, defaultService, path) }));
}
