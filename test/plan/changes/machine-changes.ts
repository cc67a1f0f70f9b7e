import {
  ai1,
  ai2,
  generous,
  naming,
  production,
  threeGroups,
  threeVms,
  vms,
  withGroups,
  withImage,
  withMachines,
} from "./settings";
import { DIFFERS, type SettingsChange } from "./settings-change";

/** Of machines, groups and what runs on them. */
export const MACHINE_CHANGES: readonly SettingsChange[] = [
  {
    change: "a VM is added",
    before: generous,
    after: naming("ai-1", threeVms),
    expected: {
      edge: [
        "update google_monitoring_alert_policy.alerts_machines-missing_alert-policy: conditions.condition_threshold.threshold_value, conditions.display_name",
      ],
      "gke-serving": DIFFERS,
      "vm-serving": [
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
        "create google_compute_instance.vm-llm-vm-3_vm",
        "create google_compute_instance_group_membership.group-ai-1_llm-vm-3",
        "update terraform_data.applied-ai-1_record: input.VMs of ai-1",
      ],
    },
  },
  {
    change: "a VM is removed",
    before: threeVms,
    after: naming("ai-1", generous),
    expected: {
      edge: [
        "update google_monitoring_alert_policy.alerts_machines-missing_alert-policy: conditions.condition_threshold.threshold_value, conditions.display_name",
      ],
      "gke-serving": DIFFERS,
      "vm-serving": [
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
        "destroy google_compute_instance.vm-llm-vm-3_vm",
        "destroy google_compute_instance_group_membership.group-ai-1_llm-vm-3",
        "update terraform_data.applied-ai-1_record: input.VMs of ai-1",
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
    after: naming("ai-2", withGroups(ai1, { ...ai2, instances: vms("llm-vm-4") })),
    expected: {
      "vm-serving": [
        "destroy google_compute_instance.vm-llm-vm-2_vm",
        "create google_compute_instance.vm-llm-vm-4_vm",
        "destroy google_compute_instance_group_membership.group-ai-2_llm-vm-2",
        "create google_compute_instance_group_membership.group-ai-2_llm-vm-4",
        "update terraform_data.applied-ai-2_record: input.VMs of ai-2",
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
    after: naming("ai-b", withGroups(ai1, { ...ai2, name: "ai-b" })),
    expected: {
      "vm-serving": [
        "update google_compute_backend_service.backend-api_service: backend.group",
        "update google_compute_backend_service.backend-interview_service: backend.group",
        "update google_compute_backend_service.backend-news_service: backend.group",
        "update google_compute_backend_service.backend-til_service: backend.group",
        "update google_compute_instance.vm-llm-vm-2_vm: effective_labels.group, labels.group",
        "destroy google_compute_instance_group.group-ai-2_group",
        "create google_compute_instance_group.group-ai-b_group",
        "destroy google_compute_instance_group_membership.group-ai-2_llm-vm-2",
        "create google_compute_instance_group_membership.group-ai-b_llm-vm-2",
        "destroy terraform_data.applied-ai-2_record",
        "create terraform_data.applied-ai-b_record",
        "update terraform_data.applied-groups_record: input.groups",
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
    after: naming("ai-3", generous),
    expected: {
      edge: [
        "update google_monitoring_alert_policy.alerts_machines-missing_alert-policy: conditions.condition_threshold.threshold_value, conditions.display_name",
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
        "destroy terraform_data.applied-ai-3_record",
        "update terraform_data.applied-groups_record: input.groups",
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
    change: "a group is added",
    before: generous,
    after: naming("ai-3", threeGroups),
    expected: {
      edge: [
        "update google_monitoring_alert_policy.alerts_machines-missing_alert-policy: conditions.condition_threshold.threshold_value, conditions.display_name",
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
        "create terraform_data.applied-ai-3_record",
        "update terraform_data.applied-groups_record: input.groups",
      ],
    },
  },
  {
    change: "the machine type of one group changes",
    before: generous,
    after: naming("ai-1", withMachines(generous, { type: "g2-standard-48" }, undefined)),
    expected: {
      "vm-serving": [
        "update google_compute_instance.vm-llm-vm-1_vm: machine_type, metadata.user-data",
        "update terraform_data.applied-ai-1_record: input.machine.type of ai-1",
      ],
    },
  },
  {
    change: "the second group's boot disk grows as the first one's has",
    before: naming("ai-1", withMachines(production, { bootDiskGb: 300 }, undefined)),
    after: naming("ai-2", withMachines(production, { bootDiskGb: 300 }, { bootDiskGb: 300 })),
    expected: {
      "vm-serving": [
        "replace google_compute_instance.vm-llm-vm-2_vm, old one first: boot_disk.initialize_params.size",
        "replace google_compute_instance_group_membership.group-ai-2_llm-vm-2, old one first: instance",
        "update terraform_data.applied-ai-2_record: input.machine.bootDiskGb of ai-2",
      ],
    },
    order: [["destroy google_compute_instance.vm-llm-vm-2_vm", "create google_compute_instance.vm-llm-vm-2_vm"]],
  },
  {
    change: "the balancing mode changes",
    before: production,
    after: { ...production, balancing: { mode: "custom-metrics" }, changing: { kind: "balancing" } },
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
        "update terraform_data.applied-balancing_record: input.balancing.mode",
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
    change: "all machines are what one group after the other became, and nothing is named",
    before: naming("ai-2", withMachines(production, { bootDiskGb: 300 }, { bootDiskGb: 300 })),
    after: { ...production, machine: { ...production.machine, bootDiskGb: 300 } },
    expected: { "vm-serving": ["nothing changes"] },
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
