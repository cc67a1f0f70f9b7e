import { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { describe, expect, it } from "@jest/globals";
import { TerraformResource, TerraformStack, Testing } from "cdktf";
import { Template } from "./template";

function oneMachine(): Template {
  const stack = new TerraformStack(Testing.app(), "stack");
  new GoogleProvider(stack, "google", { project: "p" });
  new ComputeInstance(stack, "vm", {
    name: "llm-vm-1",
    machineType: "g2-standard-8",
    zone: "asia-northeast3-a",
    bootDisk: { initializeParams: { size: 100 } },
    networkInterface: [{ subnetwork: "s" }],
    labels: { role: "llm" },
    shieldedInstanceConfig: { enableSecureBoot: true },
    lifecycle: { preventDestroy: true },
  });
  return Template.ofStack(stack);
}

describe("Template", () => {
  const template = oneMachine();

  it("finds a resource by some of its properties, at any depth", () => {
    const found = template.expectResource(ComputeInstance, {
      name: "llm-vm-1",
      bootDisk: { initializeParams: { size: 100 } },
      networkInterface: [{ subnetwork: "s" }],
      labels: { role: "llm" },
      shieldedInstanceConfig: { enableSecureBoot: true },
      lifecycle: { preventDestroy: true },
    });
    expect(found.address).toBe("google_compute_instance.vm");
    expect(template.resources(ComputeInstance)).toHaveLength(1);
  });

  it("fails on a wrong value, saying where", () => {
    expect(() => template.expectResource(ComputeInstance, { bootDisk: { initializeParams: { size: 99 } } })).toThrow(
      "google_compute_instance.vm: boot_disk.initialize_params.size: expected 99, found 100",
    );
  });

  it("fails on a list of another length", () => {
    expect(() => template.expectResource(ComputeInstance, { networkInterface: [] })).toThrow();
    expect(() =>
      template.expectResource(ComputeInstance, { networkInterface: [{ subnetwork: "s" }, { subnetwork: "t" }] }),
    ).toThrow("network_interface");
  });

  it("fails for a type that the stack does not have", () => {
    expect(() => template.expectResource(ComputeDisk, { name: "d" })).toThrow(
      "no google_compute_disk here; there are google_compute_instance",
    );
  });

  it("fails for a class of no provider", () => {
    class Impostor extends TerraformResource {
      static readonly tfResourceType: string = "";
    }
    expect(() => template.expectNoResource(Impostor, { terraformResourceType: "x" })).toThrow(
      "is no resource class of a provider",
    );
    expect(() => template.resources(Impostor)).toThrow("is no resource class of a provider");
  });

  it("fails on a misspelt key, to the compiler and at run time", () => {
    // @ts-expect-error -- nmae is no property
    expect(() => template.expectResource(ComputeInstance, { nmae: "x" })).toThrow('has no attribute "nmae"');
    const nested = { enableSecureBoot: true, enableSecureBot: true };
    expect(() => template.expectResource(ComputeInstance, { shieldedInstanceConfig: nested })).toThrow(
      'has no attribute "shieldedInstanceConfig.enableSecureBot"',
    );
  });

  it("fails on a misspelt key under negation too", () => {
    // @ts-expect-error -- nmae is no property
    expect(() => template.expectNoResource(ComputeInstance, { nmae: "x" })).toThrow('has no attribute "nmae"');
    const inList = [{ subnetwork: "s", subnet: "s" }];
    expect(() => template.expectNoResource(ComputeInstance, { networkInterface: inList })).toThrow(
      'has no attribute "networkInterface[0].subnet"',
    );
  });

  it("fails on a Terraform name in place of the property's", () => {
    const snake = { name: "llm-vm-1", machine_type: "g2-standard-8" };
    expect(() => template.expectResource(ComputeInstance, snake)).toThrow('has no attribute "machine_type"');
  });

  it("fails on an expectation that expects nothing", () => {
    expect(() => template.expectResource(ComputeInstance, {})).toThrow("expects nothing");
    expect(() => template.expectNoResource(ComputeInstance, {})).toThrow("expects nothing");
  });

  it("negates", () => {
    template.expectNoResource(ComputeInstance, { name: "llm-vm-2" });
    expect(() => template.expectNoResource(ComputeInstance, { name: "llm-vm-1" })).toThrow(
      "should not be there: google_compute_instance.vm",
    );
  });

  it("counts exactly", () => {
    template.expectCount(ComputeInstance, 1);
    template.expectCount(ComputeDisk, 0);
    expect(() => template.expectCount(ComputeInstance, 2)).toThrow(
      "expected 2 google_compute_instance, found 1: google_compute_instance.vm",
    );
  });

  it("refuses an ambiguous match", () => {
    const stack = new TerraformStack(Testing.app(), "stack");
    new GoogleProvider(stack, "google", { project: "p" });
    for (const id of ["a", "b"]) new ComputeDisk(stack, id, { name: id, zone: "z" });
    expect(() => Template.ofStack(stack).expectResource(ComputeDisk, { zone: "z" })).toThrow(
      "2 resources match where one should",
    );
  });
});
