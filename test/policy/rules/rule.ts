import type { Settings } from "../../../settings/schema/settings";
import { type EnvironmentView, type PlacedResource, resourcesIn } from "../../support/stack-view";
import { type Violation, violation } from "../../support/violation";

/** Something that must hold in every environment. */
export interface PolicyRule {
  readonly id: string;
  /** What must hold, and what happens where it does not. */
  readonly says: string;
  readonly check: (environment: EnvironmentView, settings: Settings) => readonly Violation[];
}

/** What is wrong with a resource, in words; several things, or nothing. */
export type Wrong = string | readonly string[] | undefined;

/** A rule on each resource of some types. */
export function resourceRule(
  id: string,
  says: string,
  types: readonly string[],
  wrong: (resource: PlacedResource, environment: EnvironmentView, settings: Settings) => Wrong,
): PolicyRule {
  return {
    id,
    says,
    check: (environment, settings) =>
      resourcesIn(environment, ...types).flatMap((resource) =>
        [wrong(resource, environment, settings) ?? []].flat().map((message) => {
          return violation(resource.stack, resource.address, message);
        }),
      ),
  };
}

/** The resource of a type that a reference such as `${type.id.self_link}` leads to. */
export function referenced(
  environment: EnvironmentView,
  reference: string | undefined,
  ...types: readonly string[]
): PlacedResource | undefined {
  return resourcesIn(environment, ...types).find(({ address }) => reference?.includes(`{${address}.`));
}
