import { edited } from "../../support/edit";
import { environment } from "../../support/synthesized";
import { bootText, edit, editIn, GPU, type Plant } from "./plant";

const VM = "google_compute_instance";
const TEMPLATE = "google_compute_instance_template";

export const MACHINES_PLANTS: readonly Plant[] = [
  edit("g2-terminates", "live migration", VM, { "scheduling.on_host_maintenance": "MIGRATE" }, GPU),
  editIn("managed", "g2-terminates", "live migration of a template", TEMPLATE, {
    "scheduling.on_host_maintenance": undefined,
  }),
  edit("g2-disks", "a standard disk", VM, { "boot_disk.initialize_params.type": "pd-standard" }, GPU),
  edit("g2-disks", "no disk type", VM, { "boot_disk.initialize_params.type": undefined }, GPU),
  editIn("managed", "g2-disks", "an extreme disk in a template", TEMPLATE, { "disk[0].disk_type": "pd-extreme" }),
  edit("g2-brings-its-gpu", "a second GPU", VM, { "guest_accelerator[0].type": "nvidia-l4" }, GPU),
  bootText("no-gpus-flag", "--gpus all", "--device", "--gpus all --device"),
  bootText("driver-is-executable", "no remount", /remount,exec/, "remount"),
  bootText("keep-alive-outlasts-the-balancer", "600 s", /KEEP_ALIVE_MS=\d+/, "KEEP_ALIVE_MS=600000"),
  bootText("keep-alive-outlasts-the-balancer", "the server's default", /KEEP_ALIVE_MS=\d+/, "X=1"),
  editIn("demo", "gpu-scheduling", "a restart of Spot", VM, { "scheduling.automatic_restart": true }),
  editIn("demo", "gpu-scheduling", "deletion of Spot", VM, { "scheduling.instance_termination_action": "DELETE" }),
  {
    rule: "not-spot-alone",
    mistake: "Spot on both",
    into: "production",
    plant: () => {
      const spot = { "scheduling.provisioning_model": "SPOT" };
      const one = edited(environment("production"), VM, spot, { name: "llm-vm-2" });
      return edited(one.environment, VM, spot, GPU);
    },
  },
  editIn("managed", "autoscaler-follows-load", "CPU", "google_compute_autoscaler", {
    "autoscaling_policy.cpu_utilization.target": 0.6,
  }),
  editIn("managed", "autoscaler-follows-load", "no queue", "google_compute_autoscaler", {
    "autoscaling_policy.metric[0].name": "custom.googleapis.com/other",
  }),
  editIn("managed", "autoscaler-follows-load", "fast scale-in", "google_compute_autoscaler", {
    "autoscaling_policy.scale_in_control.time_window_sec": 60,
  }),
  edit("no-public-address", "an external address", VM, { "network_interface[0].access_config": [{}] }, GPU),
  edit("no-public-address", "an external IPv6 address", VM, { "network_interface[0].ipv6_access_config": [{}] }),
  editIn("managed", "no-public-address", "an external address in a template", TEMPLATE, {
    "network_interface[0].access_config": [{}],
  }),
  edit("shielded-vm", "no secure boot", VM, { "shielded_instance_config.enable_secure_boot": false }, GPU),
  edit("shielded-vm", "nothing of it", VM, { shielded_instance_config: undefined }),
  edit("os-login", "no OS Login", VM, { "metadata.enable-oslogin": "FALSE" }),
  edit("os-login", "the project's keys", VM, { "metadata.block-project-ssh-keys": undefined }),
  edit("os-login", "keys", VM, { "metadata.ssh-keys": "me:ssh-ed25519 AAAA" }),
  edit("os-login", "a serial port", VM, { "metadata.serial-port-enable": "TRUE" }),
  edit("own-account", "no account", VM, { service_account: undefined }),
  edit("own-account", "the default account", VM, {
    "service_account.email": "1-compute@developer.gserviceaccount.com",
  }),
  edit("no-container-declaration", "a declared container", VM, { "metadata.gce-container-declaration": "spec:" }),
  bootText("no-ops-agent", "the Ops Agent", "#cloud-config", "#cloud-config\n# install google-cloud-ops-agent"),
  edit("container-optimized-os", "Debian", VM, { "boot_disk.initialize_params.image": "debian-cloud/debian-12" }),
  edit("no-forwarding", "a router", VM, { can_ip_forward: true }),
  edit("account-scope", "a narrow scope", VM, {
    "service_account.scopes": ["https://www.googleapis.com/auth/logging.write"],
  }),
];
