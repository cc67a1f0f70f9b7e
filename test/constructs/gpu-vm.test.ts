import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { ComputeInstanceTemplate } from "@cdktf/provider-google/lib/compute-instance-template";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { describe, expect, it } from "@jest/globals";
import { App, TerraformStack } from "cdktf";
import { TASK_NAMES, tableOf } from "../../app/src/contract/tasks";
import { terraformLiteral } from "../../constructs/compute/boot/cloud-config";
import { GpuInstanceTemplate } from "../../constructs/compute/gpu-instance-template";
import type { GpuMachineProps } from "../../constructs/compute/gpu-machine";
import { GpuVm } from "../../constructs/compute/gpu-vm";
import { servingUnit } from "../../planning/serving-unit";
import { parseUserData } from "../boot/unit-file";
import { isObject, textAt } from "../support/json";
import type { Resource } from "../support/stack-view";
import { Template } from "../support/template";

const IMAGE = { repository: "asia-northeast3-docker.pkg.dev/p/r/image", digest: `sha256:${"a".repeat(64)}` };
const MODEL = "gemma3-12b-it-gptq";

const MACHINE: GpuMachineProps = {
  machineType: "g2-standard-8",
  bootDiskGb: 200,
  subnetwork: "projects/p/regions/asia-northeast3/subnetworks/terrace-test-serving",
  serviceAccountEmail: "test-llm-vm@p.iam.gserviceaccount.com",
  unit: servingUnit({
    appPort: 8001,
    images: { app: IMAGE, engine: IMAGE, dcgmExporter: IMAGE, nodeExporter: IMAGE },
    modelSource: { kind: "gcs", bucket: "p-test-models" },
    engines: [{ model: MODEL, gpu: 0, memoryShare: 0.9, maxModelLen: 4096, maxNumSeqs: 24, maxLoras: 4 }],
    tasks: tableOf(TASK_NAMES, () => MODEL),
    grace: { preStopSeconds: 15, gatewayDrainSeconds: 240, engineShutdownSeconds: 30 },
    reportLoad: false,
  }),
  provisioning: "standard",
  group: "ai-1",
  environment: "test",
};

function stack(): TerraformStack {
  const test = new TerraformStack(new App(), "test");
  new GoogleProvider(test, "google", { project: "p" });
  return test;
}

function vm(change: Partial<GpuMachineProps> = {}): Template {
  const test = stack();
  new GpuVm(test, "vm", { ...MACHINE, name: "llm-vm-1", zone: "asia-northeast3-a", ...change });
  return Template.ofStack(test);
}

/** The user data of a machine, with Terraform's own escapes undone. */
function userDataOf(resource: Resource): string {
  const { metadata } = resource.body;
  const text = isObject(metadata) ? textAt(metadata, "user-data") : undefined;
  if (text === undefined) throw new Error("no user data");
  return text.replaceAll(/([$%])\1(?=\{)/g, "$1");
}

describe("GpuVm", () => {
  it("is a shielded G2 machine on COS without an external address", () => {
    const resource = vm().expectResource(ComputeInstance, {
      name: "llm-vm-1",
      machineType: "g2-standard-8",
      bootDisk: {
        initializeParams: {
          image: "projects/cos-cloud/global/images/family/cos-129-lts",
          size: 200,
          type: "pd-balanced",
        },
      },
      labels: { role: "llm", group: "ai-1", environment: "test" },
      scheduling: { onHostMaintenance: "TERMINATE", automaticRestart: true, provisioningModel: "STANDARD" },
      shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
      networkInterface: [{ subnetwork: MACHINE.subnetwork, nicType: "GVNIC" }],
      serviceAccount: { email: MACHINE.serviceAccountEmail },
      metadata: {
        "enable-oslogin": "TRUE",
        "block-project-ssh-keys": "TRUE",
        "google-logging-enabled": "true",
        "cos-update-strategy": "update_disabled",
      },
    });
    expect(Object.keys(resource.body)).not.toContain("guest_accelerator");
    expect(JSON.stringify(resource.body)).not.toMatch(/access_config|gce-container-declaration/);
  });

  it("is stopped on Spot, not deleted, and not restarted", () => {
    vm({ provisioning: "spot" }).expectResource(ComputeInstance, {
      scheduling: {
        provisioningModel: "SPOT",
        preemptible: true,
        automaticRestart: false,
        instanceTerminationAction: "STOP",
        onHostMaintenance: "TERMINATE",
      },
    });
  });

  it("boots what its unit says, and leaves no template for Terraform to fill in", () => {
    const [resource] = vm().resources(ComputeInstance);
    if (resource === undefined) throw new Error("no VM");
    const { files } = parseUserData(userDataOf(resource));
    expect(files["/etc/terrace/boot/models.sh"]).toContain("${MODELS_DIR:-");
    expect(files["/etc/terrace/boot/storage.sh"]).toContain("%{http_code}");
    expect(JSON.stringify(resource.body.metadata)).not.toMatch(/(?<!\$)(?:\$\$)*\$\{|(?<!%)(?:%%)*%\{/);
  });

  it("refuses a unit that uses more GPUs than the machine has", () => {
    const [engine] = MACHINE.unit.engines;
    if (engine === undefined) throw new Error("no engine");
    const unit = { ...MACHINE.unit, engines: [{ ...engine, gpu: 1 }] };
    expect(() => vm({ unit })).toThrow("engine-0 uses GPU 1, the machine has 1");
    expect(() => vm({ unit, machineType: "g2-standard-24" })).not.toThrow();
  });
});

describe("GpuInstanceTemplate", () => {
  const template = (namePrefix: string, change: Partial<GpuMachineProps> = {}) => {
    const test = stack();
    new GpuInstanceTemplate(test, "template", { ...MACHINE, namePrefix, ...change });
    return Template.ofStack(test);
  };

  it("makes the same machine as GpuVm", () => {
    const [instance] = vm({ provisioning: "spot" }).resources(ComputeInstance);
    const [made] = template("ai-1-", { provisioning: "spot" }).resources(ComputeInstanceTemplate);
    for (const attribute of ["labels", "metadata", "network_interface", "scheduling", "service_account"]) {
      expect(instance?.body[attribute]).toBeDefined();
      expect(made?.body[attribute]).toEqual(instance?.body[attribute]);
    }
  });

  it("is made beside the old one instead of replacing it under its name", () => {
    template("ai-1-").expectResource(ComputeInstanceTemplate, {
      namePrefix: "ai-1-",
      lifecycle: { createBeforeDestroy: true },
    });
  });

  it("refuses a prefix that leaves no room for the generated part", () => {
    expect(() => template("a".repeat(38))).toThrow("longer than 37 characters");
  });
});

describe("terraformLiteral", () => {
  // What Terraform 1.x makes of the right-hand side was read off `terraform plan`.
  it.each([
    [`\${A}`, `$\${A}`],
    ["%{http_code}", "%%{http_code}"],
    ["$A $$ %n 100%", "$A $$ %n 100%"],
    [`$\${A}`, `$$\${A}`],
  ])("writes %s as %s", (text, literal) => {
    expect(terraformLiteral(text)).toBe(literal);
  });
});
