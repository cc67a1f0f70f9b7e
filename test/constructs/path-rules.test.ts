import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  expandPath,
  type PathRule,
  pathRules,
  pathTests,
  type Route,
  serviceOf,
} from "../../constructs/loadbalancing/path-rules";
import { settingsOf } from "../support/environments";

const DEFAULT = "backend-default";

const segment = fc.stringMatching(/^[a-z0-9_]{1,6}$/);
const base = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `/${segments.join("/")}`);

/** Route classes whose paths are all different, written with and without a last wildcard. */
const routeTable: fc.Arbitrary<Route[]> = fc
  .uniqueArray(fc.tuple(base, fc.boolean()), { minLength: 1, maxLength: 8, selector: ([path]) => path })
  .map((paths) =>
    ["til", "news", "api"].map((name, index) => ({
      name,
      service: `backend-${name}`,
      paths: paths.filter((_, at) => at % 3 === index).map(([path, wild]) => (wild ? `${path}/*` : path)),
    })),
  );

/** What a user means by a path: it and all below it, the nearest ancestor deciding. Independent of the patterns. */
function meant(routes: readonly Route[], path: string): string {
  const owners = new Map(
    routes.flatMap((route) => route.paths.map((written) => [written.replace("/*", ""), route.service])),
  );
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const owner = owners.get(at);
    if (owner !== undefined) return owner;
  }
  return DEFAULT;
}

/** The paths around every written one whose service is another than meant. */
function misrouted(routes: readonly Route[], rules: readonly PathRule[]): string[] {
  return routes
    .flatMap(({ paths }) => paths.map((path) => path.replace("/*", "")))
    .flatMap((path) => [path, `${path}/a`, `${path}/a/b`, `${path}x`, `${path}x/a`, path.slice(0, -1)])
    .filter((path) => path.length > 1 && !path.endsWith("/"))
    .filter((path) => serviceOf(rules, DEFAULT, path) !== meant(routes, path));
}

describe("pathRules", () => {
  it("list a path and all below it, however it is written", () => {
    expect(expandPath("/til")).toEqual(["/til", "/til/*"]);
    expect(expandPath("/til/")).toEqual(["/til", "/til/*"]);
    expect(expandPath("/api/*")).toEqual(["/api", "/api/*"]);
    expect(expandPath("/")).toEqual(["/*"]);
  });

  it("send every path to the class that its nearest ancestor belongs to, and no neighbour", () => {
    fc.assert(fc.property(routeTable, (routes) => misrouted(routes, pathRules(routes)).length === 0));
  });

  it.each([
    ["only the exact path", (path: string) => [path]],
    ["only what is below it", (path: string) => [`${path}/*`]],
    ["everything that begins alike", (path: string) => [path, `${path}/*`, `${path}x`]],
  ])("are caught when they match %s", (_, patterns) => {
    const routes = [{ name: "til", paths: ["/til"], service: "backend-til" }];
    const planted = [{ service: "backend-til", paths: patterns("/til") }];
    expect(misrouted(routes, planted)).not.toEqual([]);
  });

  it("throw for one path in two classes, also where it is written differently", () => {
    fc.assert(
      fc.property(base, fc.constantFrom("", "/", "/*"), fc.constantFrom("", "/", "/*"), (path, one, other) => {
        const routes = [
          { name: "til", paths: [path + one], service: "a" },
          { name: "news", paths: [path + other], service: "b" },
        ];
        expect(() => pathRules(routes)).toThrow(`path ${path} belongs to route til already, so not to news`);
      }),
    );
  });

  it("take one path twice in one class", () => {
    expect(pathRules([{ name: "api", paths: ["/api", "/api/*"], service: "a" }])).toEqual([
      { service: "a", paths: ["/api", "/api/*"] },
    ]);
  });

  it("prefer the longer pattern and the exact path", () => {
    const rules = pathRules([
      { name: "api", paths: ["/api/*"], service: "api" },
      { name: "til", paths: ["/api/til"], service: "til" },
    ]);
    expect(["/api/til", "/api/til/1", "/api/tilx", "/api"].map((path) => serviceOf(rules, DEFAULT, path))).toEqual([
      "til",
      "til",
      "api",
      "api",
    ]);
  });
});

describe("pathTests", () => {
  it("test each path once: it, one below it and a neighbour, with the expected service", () => {
    fc.assert(
      fc.property(routeTable, (routes) => {
        const tests = pathTests(pathRules(routes), DEFAULT);
        const paths = tests.map(({ path }) => path);
        expect(new Set(paths).size).toBe(paths.length);
        for (const { path, service } of tests) expect(service).toBe(meant(routes, path));
        for (const written of routes.flatMap((route) => route.paths)) {
          const own = written.replace("/*", "");
          expect(paths).toEqual(expect.arrayContaining([own, `${own}/sample`, `${own}x`]));
        }
      }),
    );
  });

  it.each(["demo", "production"])("cover every path of %s", (environment) => {
    const table = Object.entries(settingsOf(environment).routes).map(([name, { paths }]) => ({
      name,
      paths,
      service: `backend-${name}`,
    }));
    const tests = pathTests(pathRules(table), "backend-api");
    expect(tests).toEqual(
      expect.arrayContaining([
        { path: "/", service: "backend-api" },
        { path: "/til", service: "backend-til" },
        { path: "/til/sample", service: "backend-til" },
        { path: "/tilx", service: "backend-api" },
        { path: "/generate_til", service: "backend-til" },
        { path: "/news", service: "backend-news" },
        { path: "/interview", service: "backend-interview" },
        { path: "/api/sample", service: "backend-api" },
      ]),
    );
  });
});
