import { bothHosts, cluster, demo, generous, managedData, production, withClusterShare } from "./settings";
import { DIFFERS, LEFT, type SettingsChange } from "./settings-change";

/** Of what is around the machines. */
export const ENVIRONMENT_CHANGES: readonly SettingsChange[] = [
  {
    change: "a label is added",
    before: production,
    after: { ...production, labels: { ...production.labels, cost: "llm" } },
    expected: {
      bootstrap: ["update google_storage_bucket.state_bucket: effective_labels.cost"],
      data: [
        "update google_compute_disk.qdrant_machine_data: effective_labels.cost, labels.cost",
        "update google_compute_instance.qdrant_machine_vm: effective_labels.cost, labels.cost",
        "update google_compute_resource_policy.qdrant-snapshots_schedule: snapshot_schedule_policy.snapshot_properties.labels.cost",
        "update google_memorystore_instance.redis_instance: effective_labels.cost",
        "update google_network_connectivity_service_connection_policy.redis_connection-policy: effective_labels.cost",
        "update google_sql_database_instance.postgres_instance: settings.user_labels.cost",
        "update google_storage_bucket.authorities_bucket: effective_labels.cost",
      ],
      edge: [
        "update google_certificate_manager_certificate.certificates_llmexamplecom_certificate: effective_labels.cost",
        "update google_certificate_manager_certificate_map.certificates_map: effective_labels.cost",
        "update google_certificate_manager_certificate_map_entry.certificates_llmexamplecom_entry: effective_labels.cost",
        "update google_certificate_manager_dns_authorization.certificates_llmexamplecom_authorization: effective_labels.cost",
        "update google_compute_global_address.address_ipv4: effective_labels.cost",
        "update google_compute_global_address.address_ipv6: effective_labels.cost",
        "update google_compute_global_forwarding_rule.http_ipv4: effective_labels.cost",
        "update google_compute_global_forwarding_rule.http_ipv6: effective_labels.cost",
        "update google_compute_global_forwarding_rule.https_ipv4: effective_labels.cost",
        "update google_compute_global_forwarding_rule.https_ipv6: effective_labels.cost",
        "update 10 × google_monitoring_alert_policy: user_labels.cost",
        "update google_monitoring_notification_channel.llm-alertsexamplecom_channel: user_labels.cost",
        "update google_monitoring_uptime_check_config.uptime_check: user_labels.cost",
      ],
      foundation: [
        "update google_artifact_registry_repository.images_repository: effective_labels.cost",
        "update google_artifact_registry_repository.mirror-docker-hub_repository: effective_labels.cost",
        "update google_artifact_registry_repository.mirror-nvcr_repository: effective_labels.cost",
        "update google_compute_global_address.services_range: effective_labels.cost",
        "update 5 × google_dns_managed_zone: effective_labels.cost",
        "update google_secret_manager_secret.grafana-admin_secret: effective_labels.cost",
        "update google_secret_manager_secret.slack-webhook_secret: effective_labels.cost",
        "update google_secret_manager_secret.smtp-login_secret: effective_labels.cost",
        "update google_storage_bucket.adapters_bucket: effective_labels.cost",
        "update google_storage_bucket.backups_bucket: effective_labels.cost",
        "update google_storage_bucket.models_bucket: effective_labels.cost",
      ],
      "gke-cluster": [
        "update google_compute_global_address.ingress_ipv4: effective_labels.cost",
        "update google_container_cluster.cluster: effective_labels.cost",
        "update google_container_node_pool.cpu_pool: node_config.resource_labels.cost",
        "update google_container_node_pool.gpu_pool: node_config.resource_labels.cost",
      ],
      "gke-platform": DIFFERS,
      "gke-serving": DIFFERS,
      operations: [
        "update google_cloud_run_v2_job.backup_job: effective_labels.cost",
        "update google_cloud_run_v2_job.restore-test_job: effective_labels.cost",
      ],
      "vm-serving": [
        "update google_compute_disk.monitoring_machine_data: effective_labels.cost, labels.cost",
        "update google_compute_instance.monitoring_machine_vm: effective_labels.cost, labels.cost",
        "update google_compute_instance.vm-llm-vm-1_vm: effective_labels.cost, labels.cost",
        "update google_compute_instance.vm-llm-vm-2_vm: effective_labels.cost, labels.cost",
      ],
    },
  },
  {
    change: "a name is added beside the domain",
    before: production,
    after: { ...production, domain: bothHosts("llm.example.com", "ai.example.com") },
    expected: {
      edge: [
        "create google_certificate_manager_certificate.certificates_aiexamplecom_certificate",
        "create google_certificate_manager_certificate_map_entry.certificates_aiexamplecom_entry",
        "create google_certificate_manager_dns_authorization.certificates_aiexamplecom_authorization",
        "update google_compute_url_map.routes_map: host_rule.hosts",
        "create google_dns_record_set.certificates_aiexamplecom_authorization-record",
        "create google_dns_record_set.dns-aiexamplecom_a",
        "create google_dns_record_set.dns-aiexamplecom_aaaa",
      ],
    },
  },
  {
    change: "the domain and its other name change places",
    before: { ...production, domain: bothHosts("llm.example.com", "ai.example.com") },
    after: { ...production, domain: bothHosts("ai.example.com", "llm.example.com"), changing: { kind: "domain" } },
    expected: {
      edge: [
        "update google_compute_url_map.redirect_map: test.expected_output_url, test.host",
        "update google_compute_url_map.routes_map: test.host",
        "update google_monitoring_alert_policy.uptime_certificate-not-renewed: conditions.condition_threshold.filter",
        "update google_monitoring_alert_policy.uptime_not-reachable: conditions.condition_threshold.filter",
        "replace google_monitoring_uptime_check_config.uptime_check, new one first: monitored_resource.labels",
        "update terraform_data.applied-domain_record: input.domain.host",
      ],
      "gke-platform": DIFFERS,
      "vm-serving": ["update google_compute_instance.monitoring_machine_vm: metadata.config-prometheus-prometheus-yml"],
    },
    order: [
      [
        "create google_monitoring_uptime_check_config.uptime_check",
        "update google_monitoring_alert_policy.uptime_not-reachable",
      ],
      [
        "update google_monitoring_alert_policy.uptime_not-reachable",
        "destroy google_monitoring_uptime_check_config.uptime_check",
      ],
    ],
  },
  {
    change: "the old name goes",
    before: { ...production, domain: bothHosts("llm.example.com", "ai.example.com") },
    after: production,
    expected: {
      edge: [
        "destroy google_certificate_manager_certificate.certificates_aiexamplecom_certificate",
        "destroy google_certificate_manager_certificate_map_entry.certificates_aiexamplecom_entry",
        "destroy google_certificate_manager_dns_authorization.certificates_aiexamplecom_authorization",
        "update google_compute_url_map.routes_map: host_rule.hosts",
        "destroy google_dns_record_set.certificates_aiexamplecom_authorization-record",
        "destroy google_dns_record_set.dns-aiexamplecom_a",
        "destroy google_dns_record_set.dns-aiexamplecom_aaaa",
      ],
    },
  },
  {
    change: "demo gets a domain",
    before: demo,
    after: { ...demo, domain: { host: "demo.example.com", dnsZone: "example.com" } },
    expected: {
      edge: [
        "create google_certificate_manager_certificate.certificates_demoexamplecom_certificate",
        "create google_certificate_manager_certificate_map.certificates_map",
        "create google_certificate_manager_certificate_map_entry.certificates_demoexamplecom_entry",
        "create google_certificate_manager_dns_authorization.certificates_demoexamplecom_authorization",
        "create google_compute_global_forwarding_rule.https_ipv4",
        "create google_compute_global_forwarding_rule.https_ipv6",
        "create google_compute_ssl_policy.https_tls",
        "update google_compute_target_http_proxy.http_proxy: url_map",
        "create google_compute_target_https_proxy.https_proxy",
        "create google_compute_url_map.redirect_map",
        "update google_compute_url_map.routes_map: host_rule.hosts, test.host",
        "create google_dns_record_set.certificates_demoexamplecom_authorization-record",
        "create google_dns_record_set.dns-demoexamplecom_a",
        "create google_dns_record_set.dns-demoexamplecom_aaaa",
        "create google_monitoring_alert_policy.uptime_certificate-not-renewed",
        "update google_monitoring_alert_policy.uptime_not-reachable: conditions.condition_threshold.filter",
        "replace google_monitoring_uptime_check_config.uptime_check, new one first: monitored_resource.labels",
        "create terraform_data.applied-domain_record",
      ],
      foundation: ["create google_dns_managed_zone.public-zone"],
    },
    order: [
      [
        "update google_monitoring_alert_policy.uptime_not-reachable",
        "destroy google_monitoring_uptime_check_config.uptime_check",
      ],
    ],
  },
  {
    change: "an e-mail address changes",
    before: production,
    after: { ...production, alerts: { ...production.alerts, emails: ["others@example.com"] } },
    expected: {
      edge: [
        "update 10 × google_monitoring_alert_policy: notification_channels",
        "destroy google_monitoring_notification_channel.llm-alertsexamplecom_channel",
        "create google_monitoring_notification_channel.othersexamplecom_channel",
      ],
      "gke-platform": DIFFERS,
      "vm-serving": [
        "update google_compute_instance.monitoring_machine_vm: metadata.config-alertmanager-alertmanager-yml",
      ],
    },
    order: [
      [
        "update google_monitoring_alert_policy.uptime_not-reachable",
        "destroy google_monitoring_notification_channel.llm-alertsexamplecom_channel",
      ],
    ],
  },
  {
    change: "the cluster gets its first share of the traffic",
    before: withClusterShare(0, undefined),
    after: withClusterShare(5, 0),
    expected: {
      edge: [
        "update google_compute_url_map.routes_map: path_matcher.default_route_action.weighted_backend_services.weight, path_matcher.path_rule.route_action.weighted_backend_services.weight",
      ],
    },
  },
  {
    change: "the cluster leaves the settings",
    before: production,
    after: { ...production, kubernetes: null, changing: { kind: "cluster-removed" } },
    expected: {
      bootstrap: [
        "destroy google_project_iam_member.deployer_containeradmin",
        "destroy google_project_iam_member.planner_containerviewer",
        "destroy google_project_service.services_container",
        "destroy google_project_service.services_containerfilesystem",
        "update terraform_data.applied-cluster_record: input.kubernetes",
      ],
      edge: [
        "destroy google_monitoring_alert_policy.alerts_cluster-gateways-missing_alert-policy",
        "destroy google_monitoring_alert_policy.alerts_cluster-monitoring-silent_alert-policy",
        "update google_monitoring_alert_policy.alerts_errors-in-logs_alert-policy: conditions",
      ],
      "vm-serving": [
        "update google_compute_instance.vm-llm-vm-1_vm: metadata.user-data",
        "update google_compute_instance.vm-llm-vm-2_vm: metadata.user-data",
      ],
      foundation: ["update terraform_data.applied-cluster_record: input.kubernetes"],
      "gke-cluster": LEFT,
      "gke-platform": LEFT,
      "gke-serving": LEFT,
    },
  },
  {
    change: "the data lose their protection and Qdrant's disk grows",
    before: production,
    after: {
      ...production,
      data: { ...managedData, deletionProtection: false, vectorStore: { ...managedData.vectorStore, diskGb: 80 } },
    },
    expected: {
      data: [
        "update google_compute_disk.qdrant_machine_data: size",
        "update google_compute_instance.qdrant_machine_vm: deletion_protection",
        "update google_memorystore_instance.redis_instance: deletion_protection_enabled",
        "update google_sql_database_instance.postgres_instance: deletion_protection, settings.deletion_protection_enabled",
      ],
      "gke-platform": DIFFERS,
    },
  },
  {
    change: "the metrics adapter changes",
    before: production,
    after: { ...production, kubernetes: { ...cluster, metricsAdapter: "google" } },
    expected: { "gke-platform": DIFFERS, "gke-serving": DIFFERS },
  },
  { change: "the budget changes", before: production, after: generous, expected: {} },
];
