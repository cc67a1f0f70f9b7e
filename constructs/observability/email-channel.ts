import { MonitoringNotificationChannel } from "@cdktf/provider-google/lib/monitoring-notification-channel";
import { Construct } from "constructs";

export interface EmailChannelProps {
  /** E-mail address that is told. */
  readonly address: string;
  /** Labels; the provider's default labels do not reach Cloud Monitoring. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Cloud Monitoring notification channel to one e-mail address. Google asks for no confirmation: a mistyped address is
 * silent for ever, so send a test notification once.
 *
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
    });
  }

  /** Name for an alert policy's `notification_channels`. */
  get link(): string {
    return this.resource.id;
  }
}
