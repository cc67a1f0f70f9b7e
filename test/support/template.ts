import { type TerraformStack, Testing } from "cdktf";
import { type Expected, expectedAttributes, type ResourceClass, terraformType } from "./expected-attributes";
import { type JsonObject, parseObject } from "./json";
import { countsByType, type Resource, resourcesOf } from "./stack-view";
import { mismatch } from "./subset";

/**
 * Typed questions to one synthesized stack.
 *
 * cdktf's own matchers pass where they should not: for a misspelt key, and under `.not`. Here a key is checked by the
 * compiler and against the provider's class, in the negative too, so that a wrong question never gives a good answer.
 *
 * @example
 * const template = Template.ofStack(stack);
 * template.expectResource(ComputeInstance, { name: "llm-vm-1", shieldedInstanceConfig: { enableSecureBoot: true } });
 * template.expectNoResource(ComputeInstance, { scheduling: { onHostMaintenance: "MIGRATE" } });
 */
export class Template {
  private readonly config: JsonObject;

  constructor(config: JsonObject) {
    this.config = config;
  }

  /** Synthesizes a stack in memory, with the validations that `cdktf synth` runs. */
  static ofStack(stack: TerraformStack): Template {
    return new Template(parseObject(Testing.synth(stack, true)));
  }

  /** The resources of a class, in synthesized order. */
  resources<Config>(resourceClass: ResourceClass<Config>): readonly Resource[] {
    const type = terraformType(resourceClass);
    return resourcesOf(this.config).filter((resource) => resource.type === type);
  }

  /**
   * The one resource of the class that has at least these properties; lists match in full.
   * @throws Error where there is none or more than one, saying for each candidate what differs.
   */
  expectResource<Config>(resourceClass: ResourceClass<Config>, expected: Expected<Config>): Resource {
    const matching = this.matching(resourceClass, expected);
    const [match, ...others] = matching;
    if (match !== undefined && others.length === 0) return match;
    const type = terraformType(resourceClass);
    if (match !== undefined) {
      const addresses = matching.map((resource) => resource.address).join(", ");
      throw new Error(`${matching.length} resources match where one should: ${addresses}`);
    }
    const attributes = expectedAttributes(resourceClass, expected);
    const reasons = this.resources(resourceClass).map((r) => `  ${r.address}: ${mismatch(attributes, r.body)}`);
    throw new Error(
      reasons.length === 0
        ? `no ${type} here; there are ${Object.keys(countsByType(this.config)).join(", ") || "no resources"}`
        : `no ${type} matches:\n${reasons.join("\n")}`,
    );
  }

  /** @throws Error where a resource of the class has these properties, or where the class has no such property. */
  expectNoResource<Config>(resourceClass: ResourceClass<Config>, expected: Expected<Config>): void {
    const matching = this.matching(resourceClass, expected);
    if (matching.length > 0) {
      throw new Error(`should not be there: ${matching.map((resource) => resource.address).join(", ")}`);
    }
  }

  /** @throws Error where the number of resources of the class differs. */
  expectCount<Config>(resourceClass: ResourceClass<Config>, count: number): void {
    const found = this.resources(resourceClass);
    if (found.length === count) return;
    const addresses = found.map((resource) => resource.address).join(", ");
    throw new Error(`expected ${count} ${terraformType(resourceClass)}, found ${found.length}: ${addresses}`);
  }

  private matching<Config>(resourceClass: ResourceClass<Config>, expected: Expected<Config>): readonly Resource[] {
    const attributes = expectedAttributes(resourceClass, expected);
    if (Object.keys(attributes).length === 0) throw new Error("expects nothing: name at least one property");
    return this.resources(resourceClass).filter((resource) => mismatch(attributes, resource.body) === undefined);
  }
}
