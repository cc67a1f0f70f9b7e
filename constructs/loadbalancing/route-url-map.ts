import { ComputeUrlMap } from "@cdktf/provider-google/lib/compute-url-map";
import { Construct } from "constructs";
import { pathRules, pathTests, type Route } from "./path-rules";

/** Host of the map's tests where any host is served. Reserved for such use by RFC 2606. */
const SAMPLE_HOST = "example.com";

export interface RouteUrlMapProps {
  readonly name: string;
  /**
   * Host name that the path rules are for.
   * @default any host
   */
  readonly host?: string | undefined;
  /** Route classes; no two may claim one path. */
  readonly routes: readonly Route[];
  /** Link of the backend service for every path that no route claims, and for other hosts. */
  readonly defaultService: string;
}

/**
 * URL map that sends each route class to its backend service, by path.
 *
 * Each path is listed twice, `/til` and `/til/*`, because neither matches what the other does. Google runs the map's
 * own tests before it takes any change; they name path and service only, as a test with `service` and a redirect code
 * together is refused.
 *
 * @example
 * new RouteUrlMap(this, "routes", {
 *   name: names.of("routes"), host: "llm.example.com", defaultService: names.backendServiceLink("api"),
 *   routes: [{ name: "til", paths: ["/til", "/generate_til"], service: names.backendServiceLink("til") }],
 * });
 */
export class RouteUrlMap extends Construct {
  readonly resource: ComputeUrlMap;

  /** @throws RangeError where two routes claim one path. */
  constructor(scope: Construct, id: string, props: RouteUrlMapProps) {
    super(scope, id);
    const { host, defaultService } = props;
    const rules = pathRules(props.routes);
    this.resource = new ComputeUrlMap(this, "map", {
      name: props.name,
      defaultService,
      hostRule: [{ hosts: [host ?? "*"], pathMatcher: "routes" }],
      pathMatcher: [
        {
          name: "routes",
          defaultService,
          pathRule: rules.map(({ service, paths }) => ({ service, paths: [...paths] })),
        },
      ],
      test: pathTests(rules, defaultService).map((test) => ({ host: host ?? SAMPLE_HOST, ...test })),
    });
  }

  /** Link for a target proxy. */
  get link(): string {
    return this.resource.id;
  }
}
