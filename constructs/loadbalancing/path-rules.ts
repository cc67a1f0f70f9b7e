import { basePath } from "../../planning/paths";

export interface Route {
  readonly name: string;
  /** As settings write them: `/til`, `/api/*`. */
  readonly paths: readonly string[];
  readonly service: string;
}

export interface PathRule {
  readonly service: string;
  readonly paths: readonly string[];
}

export interface PathTest {
  readonly path: string;
  readonly service: string;
}

const WILDCARD = "/*";

/** `/til/*` does not match `/til`, nor `/til` a path below it. https://cloud.google.com/load-balancing/docs/url-map-concepts#pm-constraints */
export function expandPath(path: string): string[] {
  const base = basePath(path);
  return base === "" ? [WILDCARD] : [base, base + WILDCARD];
}

/** @throws RangeError where two classes claim one path, which a URL map refuses. */
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

/** The longest pattern, the exact path first. https://cloud.google.com/load-balancing/docs/url-map-concepts#pm-constraints */
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

/** Google runs them before it takes the map: each path, one below it, and a neighbour that begins alike (`/tilx`). */
export function pathTests(rules: readonly PathRule[], defaultService: string): PathTest[] {
  const bases = rules.flatMap(({ paths }) => paths.map(basePath));
  const samples = new Set(["/", ...bases.flatMap((base) => [base, `${base}/sample`, `${base}x`])]);
  return [...samples]
    .filter((path) => path.startsWith("/"))
    .map((path) => ({ path, service: serviceOf(rules, defaultService, path) }));
}
