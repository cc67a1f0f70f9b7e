import { ComputeBackendService } from "@cdktf/provider-google/lib/compute-backend-service";
import { ComputeUrlMap } from "@cdktf/provider-google/lib/compute-url-map";
import { describe, expect, it } from "@jest/globals";
import { Testing } from "cdktf";
import { environmentOf } from "../../environment/environment";
import type { TrafficState } from "../../planning/traffic";
import production from "../../settings/environments/production";
import { parseSettings } from "../../settings/parse";
import type { Settings } from "../../settings/schema/settings";
import { EdgeStack } from "../../stacks/edge";
import { blocksAlong, blocksAt, type JsonObject, numberAt, textAt } from "../support/json";
import { Template } from "../support/template";
import { TRAFFIC_STATES } from "../support/traffic-states";

const CLASSES = ["til", "news", "interview", "api"];

const TEMPLATES = new Map<string, Template>();

/** The front door in a state of the move, synthesized once; the state itself counts as what was applied before. */
function edge(state: TrafficState): Template {
  const settings = parseSettings(withTraffic({ ...state, previous: state }));
  const key = JSON.stringify(settings);
  const template = TEMPLATES.get(key) ?? Template.ofStack(new EdgeStack(Testing.app(), environmentOf(settings)));
  TEMPLATES.set(key, template);
  return template;
}

function withTraffic(traffic: NonNullable<Settings["kubernetes"]>["traffic"]): unknown {
  return { ...production, kubernetes: { ...production.kubernetes, traffic } };
}

function routesOf(template: Template): JsonObject {
  const map = template.resources(ComputeUrlMap).find(({ body }) => textAt(body, "name")?.endsWith("-routes"));
  return map?.body ?? {};
}

/** What each rule of the map, and its default, gives whom, in percent; 100 to a rule's one service. */
function shares(map: JsonObject): readonly Readonly<Record<string, number>>[] {
  const [matcher = {}] = blocksAt(map, "path_matcher");
  return [
    sharesOf(matcher, "default_service", "default_route_action"),
    ...blocksAt(matcher, "path_rule").map((rule) => sharesOf(rule, "service", "route_action")),
  ];
}

function sharesOf(rule: JsonObject, serviceKey: string, actionKey: string): Readonly<Record<string, number>> {
  const whole = textAt(rule, serviceKey);
  if (whole !== undefined) return { vm: 100 };
  const weighted = blocksAlong(rule, actionKey, "weighted_backend_services");
  return Object.fromEntries(
    weighted.map((target) => [
      textAt(target, "backend_service")?.startsWith("projects/") ? "vm" : "gke",
      numberAt(target, "weight") ?? -1,
    ]),
  );
}

describe("EdgeStack, moving traffic", () => {
  it.each(TRAFFIC_STATES)("splits $vm/$gke, attached: $attached", (state) => {
    const template = edge(state);
    const map = routesOf(template);
    const expected = state.attached ? { vm: state.vm, gke: state.gke } : { vm: 100 };
    expect(shares(map)).toEqual(Array.from({ length: CLASSES.length + 1 }, () => expected));
    template.expectCount(ComputeBackendService, state.attached ? 1 : 0);
    expect(blocksAt(map, "test").length > 0).toBe(!state.attached);
  });

  it("reaches the gateways' endpoint groups in each zone, like the VMs in everything else", () => {
    const group = (zone: string) =>
      `projects/terrace-production/zones/${zone}/networkEndpointGroups/terrace-production-gke-gateway`;
    edge({ vm: 95, gke: 5, attached: true }).expectResource(ComputeBackendService, {
      name: "terrace-production-gke",
      loadBalancingScheme: "EXTERNAL_MANAGED",
      securityPolicy: "projects/terrace-production/global/securityPolicies/terrace-production-armor",
      timeoutSec: 3600,
      connectionDrainingTimeoutSec: 300,
      backend: ["asia-northeast3-a", "asia-northeast3-b"].map((zone) => ({
        group: group(zone),
        balancingMode: "RATE",
        maxRatePerEndpoint: 100,
      })),
    });
  });

  it("keeps each path's own service at every weight", () => {
    const services = (state: TrafficState) => {
      const [matcher = {}] = blocksAt(routesOf(edge(state)), "path_matcher");
      return blocksAt(matcher, "path_rule").map((rule) => [
        rule.paths,
        textAt(rule, "service") ??
          textAt(blocksAlong(rule, "route_action", "weighted_backend_services")[0] ?? {}, "backend_service"),
      ]);
    };
    const before = services({ vm: 100, gke: 0, attached: false });
    for (const state of TRAFFIC_STATES) expect(services(state)).toEqual(before);
  });
});
