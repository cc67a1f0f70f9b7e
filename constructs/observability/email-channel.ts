import { MonitoringNotificationChannel } from "@cdktf/provider-google/lib/monitoring-notification-channel";
import { Construct } from "constructs";

export interface EmailChannelProps {
  readonly address: string;
  /** The provider's default labels do not reach Cloud Monitoring. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Google requires no confirmation: send a test notification once, because a mistyped address stays silent.
 * @example
 * new EmailChannel(this, "ops@example.com", { address: "ops@example.com", labels });
 */
export class EmailChannel extends Construct {
  readonly resource: MonitoringNotificationChannel;

  constructor(scope: Construct, id: string, { address, labels }: EmailChannelProps) {
    super(scope, id);
    this.resource = new MonitoringNotificationChannel(this, "channel", {
      type: "email",
      displayName: address,
      labels: { email_address: address },
      userLabels: { ...labels },
      // Google refuses to delete a channel that a policy names. With this in the state, policies let go of it first.
      lifecycle: { createBeforeDestroy: true },
    });
  }

  get link(): string {
    return this.resource.id;
  }
}
