import { ai1, ai2, generous, production, threeGroups, threeVms, vms, withGroups, withImage } from "./settings";
import { DIFFERS, type SettingsChange } from "./settings-change";

/** Of machines, groups and what runs on them. */
export const MACHINE_CHANGES: readonly SettingsChange[] = [
  {
    change: "a VM is added",
    before: generous,
    after: threeVms,
    expected: {
      edge: [
        "update google_monitoring_alert_policy.alerts_machines-missing_policy: conditions.condition_threshold.threshold_value, conditions.display_name",
      ],
      "gke-serving": DIFFERS,
      "vm-serving": [
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
        "create google_compute_instance.vm-llm-vm-3_vm",
        "create google_compute_instance_group_membership.group-ai-1_llm-vm-3",
      ],
    },
  },
  {
    change: "a VM is removed",
    before: threeVms,
    after: generous,
    expected: {
      edge: [
        "update google_monitoring_alert_policy.alerts_machines-missing_policy: conditions.condition_threshold.threshold_value, conditions.display_name",
      ],
      "gke-serving": DIFFERS,
      "vm-serving": [
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
        "destroy google_compute_instance.vm-llm-vm-3_vm",
        "destroy google_compute_instance_group_membership.group-ai-1_llm-vm-3",
      ],
    },
    order: [
      [
        "destroy google_compute_instance_group_membership.group-ai-1_llm-vm-3",
        "destroy google_compute_instance.vm-llm-vm-3_vm",
      ],
    ],
  },
  {
    change: "a VM is renamed",
    before: production,
    after: withGroups(ai1, { ...ai2, instances: vms("llm-vm-4") }),
    expected: {
      "vm-serving": [
        "destroy google_compute_instance.vm-llm-vm-2_vm",
        "create google_compute_instance.vm-llm-vm-4_vm",
        "destroy google_compute_instance_group_membership.group-ai-2_llm-vm-2",
        "create google_compute_instance_group_membership.group-ai-2_llm-vm-4",
      ],
    },
    order: [
      [
        "destroy google_compute_instance_group_membership.group-ai-2_llm-vm-2",
        "destroy google_compute_instance.vm-llm-vm-2_vm",
      ],
    ],
  },
  {
    change: "a group is renamed",
    before: production,
    after: withGroups(ai1, { ...ai2, name: "ai-b" }),
    expected: {
      "vm-serving": [
        "update google_compute_backend_service.backend-api_service: backend.group",
        "update google_compute_backend_service.backend-interview_service: backend.group",
        "update google_compute_backend_service.backend-news_service: backend.group",
        "update google_compute_backend_service.backend-til_service: backend.group",
        "replace google_compute_instance.vm-llm-vm-2_vm, old one first: boot_disk.initialize_params.labels",
        "destroy google_compute_instance_group.group-ai-2_group",
        "create google_compute_instance_group.group-ai-b_group",
        "destroy google_compute_instance_group_membership.group-ai-2_llm-vm-2",
        "create google_compute_instance_group_membership.group-ai-b_llm-vm-2",
      ],
    },
    order: [
      [
        "create google_compute_instance_group.group-ai-b_group",
        "update google_compute_backend_service.backend-til_service",
      ],
      [
        "update google_compute_backend_service.backend-til_service",
        "destroy google_compute_instance_group.group-ai-2_group",
      ],
      [
        "destroy google_compute_instance_group_membership.group-ai-2_llm-vm-2",
        "create google_compute_instance_group_membership.group-ai-b_llm-vm-2",
      ],
    ],
  },
  {
    change: "a group is removed",
    before: threeGroups,
    after: generous,
    expected: {
      edge: [
        "update google_monitoring_alert_policy.alerts_machines-missing_policy: conditions.condition_threshold.threshold_value, conditions.display_name",
      ],
      "gke-serving": DIFFERS,
      "vm-serving": [
        "update google_compute_backend_service.backend-api_service: backend",
        "update google_compute_backend_service.backend-interview_service: backend",
        "update google_compute_backend_service.backend-news_service: backend",
        "update google_compute_backend_service.backend-til_service: backend",
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
        "destroy google_compute_instance.vm-llm-vm-3_vm",
        "destroy google_compute_instance_group.group-ai-3_group",
        "destroy google_compute_instance_group_membership.group-ai-3_llm-vm-3",
      ],
    },
    order: [
      [
        "update google_compute_backend_service.backend-til_service",
        "destroy google_compute_instance_group.group-ai-3_group",
      ],
      [
        "destroy google_compute_instance_group_membership.group-ai-3_llm-vm-3",
        "destroy google_compute_instance.vm-llm-vm-3_vm",
      ],
    ],
  },
  {
    change: "a group in another zone is added",
    before: generous,
    after: threeGroups,
    expected: {
      edge: [
        "update google_monitoring_alert_policy.alerts_machines-missing_policy: conditions.condition_threshold.threshold_value, conditions.display_name",
      ],
      "gke-serving": DIFFERS,
      "vm-serving": [
        "update google_compute_backend_service.backend-api_service: backend",
        "update google_compute_backend_service.backend-interview_service: backend",
        "update google_compute_backend_service.backend-news_service: backend",
        "update google_compute_backend_service.backend-til_service: backend",
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
        "create google_compute_instance.vm-llm-vm-3_vm",
        "create google_compute_instance_group.group-ai-3_group",
        "create google_compute_instance_group_membership.group-ai-3_llm-vm-3",
      ],
    },
    order: [
      [
        "create google_compute_instance_group.group-ai-3_group",
        "update google_compute_backend_service.backend-til_service",
      ],
    ],
  },
  {
    change: "the machine type changes",
    before: generous,
    after: { ...generous, machine: { ...production.machine, type: "g2-standard-48" } },
    expected: {
      "gke-platform": DIFFERS,
      "vm-serving": [
        "update google_compute_instance.monitoring_machine_vm: metadata.config-grafana-dashboards-terrace-cost-json",
        "update google_compute_instance.vm-llm-vm-1_vm: machine_type, metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: machine_type, metadata.user-data",
      ],
    },
  },
  {
    change: "the boot disk grows",
    before: production,
    after: { ...production, machine: { ...production.machine, bootDiskGb: 300 } },
    expected: {
      "vm-serving": [
        "replace google_compute_instance.vm-llm-vm-1_vm, old one first: boot_disk.initialize_params.size",
        "replace google_compute_instance.vm-llm-vm-2_vm, old one first: boot_disk.initialize_params.size",
        "replace google_compute_instance_group_membership.group-ai-1_llm-vm-1, old one first: instance",
        "replace google_compute_instance_group_membership.group-ai-2_llm-vm-2, old one first: instance",
      ],
    },
    order: [["destroy google_compute_instance.vm-llm-vm-1_vm", "create google_compute_instance.vm-llm-vm-1_vm"]],
  },
  {
    change: "the balancing mode changes",
    before: production,
    after: { ...production, balancing: { mode: "custom-metrics" } },
    expected: {
      "vm-serving": [
        "update google_compute_backend_service.backend-api_service: backend.balancing_mode, backend.custom_metrics, backend.group, custom_metrics, locality_lb_policy",
        "update google_compute_backend_service.backend-interview_service: backend.balancing_mode, backend.custom_metrics, backend.group, custom_metrics, locality_lb_policy",
        "update google_compute_backend_service.backend-news_service: backend.balancing_mode, backend.custom_metrics, backend.group, custom_metrics, locality_lb_policy",
        "update google_compute_backend_service.backend-til_service: backend.balancing_mode, backend.custom_metrics, backend.group, custom_metrics, locality_lb_policy",
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
        "destroy google_compute_instance_group.group-ai-1_group",
        "destroy google_compute_instance_group.group-ai-2_group",
        "destroy google_compute_instance_group_membership.group-ai-1_llm-vm-1",
        "destroy google_compute_instance_group_membership.group-ai-2_llm-vm-2",
        "create google_compute_network_endpoint.group-ai-1_llm-vm-1",
        "create google_compute_network_endpoint.group-ai-2_llm-vm-2",
        "create google_compute_network_endpoint_group.group-ai-1_group",
        "create google_compute_network_endpoint_group.group-ai-2_group",
      ],
    },
    order: [
      [
        "create google_compute_network_endpoint_group.group-ai-1_group",
        "update google_compute_backend_service.backend-til_service",
      ],
      [
        "update google_compute_backend_service.backend-til_service",
        "destroy google_compute_instance_group.group-ai-1_group",
      ],
    ],
  },
  {
    change: "a model takes fewer sequences at once",
    before: production,
    after: withGroups({ ...ai1, engines: ai1.engines.map((engine) => ({ ...engine, maxNumSeqs: 10 })) }, ai2),
    expected: {
      "gke-serving": DIFFERS,
      "vm-serving": ["update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data"],
    },
  },
  {
    change: "the app's image changes",
    before: production,
    after: withImage("app", "1"),
    expected: {
      "gke-serving": DIFFERS,
      operations: [
        "update google_cloud_run_v2_job.backup_job: template.template.containers.image",
        "update google_cloud_run_v2_job.restore-test_job: template.template.containers.image",
      ],
      "vm-serving": [
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
      ],
    },
  },
  {
    change: "vLLM's image changes",
    before: production,
    after: withImage("engine", "1"),
    expected: {
      "gke-serving": DIFFERS,
      "vm-serving": [
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
      ],
    },
  },
];
