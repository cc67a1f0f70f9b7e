import { ComputeUrlMap } from "@cdktf/provider-google/lib/compute-url-map";
import { Construct } from "constructs";
import { type PathRule, pathRules, pathTests, type Route } from "./path-rules";

/** Reserved by RFC 2606. */
const SAMPLE_HOST = "example.com";

/** https://cloud.google.com/compute/docs/reference/rest/v1/urlMaps, `weightedBackendServices[].weight` */
const MAX_WEIGHT = 1000;

/** Sends a part of every path's requests to one other service. Weights are whole, 0 to 1000. */
export interface TrafficSplit {
  /** Link of the other one. */
  readonly service: string;
  readonly weight: number;
  readonly ownWeight: number;
}

export interface RouteUrlMapProps {
  readonly name: string;
  /** The map's own tests use the first. @default any host */
  readonly hosts?: readonly [string, ...string[]] | undefined;
  /** No two may claim one path. */
  readonly routes: readonly Route[];
  /** For paths that no route claims, and for other hosts. */
  readonly defaultService: string;
  /** For paths of `hosts` only. @default none */
  readonly split?: TrafficSplit | undefined;
}

/**
 * Lists each path as `/til` and `/til/*`. Google runs the map's own tests before it takes a change; with a split there
 * are none, because only the alpha API can state an expected weight (docs/adr/0009). A service of weight 0 is listed,
 * so that its health is checked.
 * @example
 * new RouteUrlMap(this, "routes", {
 *   name: names.of("routes"), hosts: ["llm.example.com"], defaultService: names.backendServiceLink("api"),
 *   routes: [{ name: "til", paths: ["/til", "/generate_til"], service: names.backendServiceLink("til") }],
 * });
 */
export class RouteUrlMap extends Construct {
  readonly resource: ComputeUrlMap;

  /** @throws RangeError where two routes claim one path, or the split's weights are none. */
  constructor(scope: Construct, id: string, props: RouteUrlMapProps) {
    super(scope, id);
    const { hosts = ["*"], defaultService, split } = props;
    const testedHost = hosts[0] === "*" ? SAMPLE_HOST : hosts[0];
    if (split !== undefined) checkSplit(props.name, split);
    const rules = pathRules(props.routes);
    this.resource = new ComputeUrlMap(this, "map", {
      name: props.name,
      defaultService,
      hostRule: [{ hosts: [...hosts], pathMatcher: "routes" }],
      ...(split === undefined
        ? {
            pathMatcher: [
              {
                name: "routes",
                defaultService,
                pathRule: rules.map(({ service, paths }) => ({ service, paths: [...paths] })),
              },
            ],
            test: pathTests(rules, defaultService).map((test) => ({ host: testedHost, ...test })),
          }
        : { pathMatcher: [splitMatcher(rules, defaultService, split)] }),
    });
  }

  get link(): string {
    return this.resource.id;
  }
}

function splitMatcher(rules: readonly PathRule[], defaultService: string, split: TrafficSplit) {
  const weighted = (service: string) => ({
    weightedBackendServices: [
      { backendService: service, weight: split.ownWeight },
      { backendService: split.service, weight: split.weight },
    ],
  });
  return {
    name: "routes",
    defaultRouteAction: weighted(defaultService),
    pathRule: rules.map(({ service, paths }) => ({ paths: [...paths], routeAction: weighted(service) })),
  };
}

/** @throws RangeError where Google would refuse the weights, or nothing would get any request. */
function checkSplit(name: string, { weight, ownWeight }: TrafficSplit): void {
  const weights = [weight, ownWeight];
  if (weights.some((value) => !Number.isInteger(value) || value < 0 || value > MAX_WEIGHT)) {
    throw new RangeError(
      `URL map "${name}": weights ${weights.join(" and ")} must be whole numbers, 0 to ${MAX_WEIGHT}`,
    );
  }
  if (weight + ownWeight === 0) throw new RangeError(`URL map "${name}": both weights are 0, so nobody would answer`);
}
