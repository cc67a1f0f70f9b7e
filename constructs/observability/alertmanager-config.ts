import { dump } from "js-yaml";
import type { AlertMatcher, AlertRoute, AlertRouting, Channel } from "../../observability/alerts/routing";

/** Files, because metadata may hold no secret. */
export const SLACK_WEBHOOK_FILE = "/run/secrets/slack-webhook";
export const SMTP_PASSWORD_FILE = "/run/secrets/smtp-login";

export interface MailProps {
  /** TLS is required. */
  readonly smarthost: string;
  readonly from: string;
  /** At least one. */
  readonly to: readonly string[];
  /** @default no login */
  readonly username?: string | undefined;
}

/** A missing channel is left out of every route. */
export interface AlertChannels {
  /** Its webhook is a secret. @default no Slack */
  readonly slackChannel?: string | undefined;
  /** @default no e-mail */
  readonly mail?: MailProps | undefined;
}

/** Go templates over Alertmanager's data. */
export const MESSAGE = {
  title:
    '{{ if eq .Status "firing" }}{{ .CommonLabels.severity }}{{ else }}resolved{{ end }}: {{ .GroupLabels.alertname }} ({{ .CommonLabels.environment }})',
  text: "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\n{{ .Annotations.runbook_url }}\n{{ end }}",
} as const;

type Receiver = Readonly<Record<string, unknown>>;

function slackReceiver(channel: string): Receiver {
  return {
    slack_configs: [
      { api_url_file: SLACK_WEBHOOK_FILE, channel, send_resolved: true, title: MESSAGE.title, text: MESSAGE.text },
    ],
  };
}

function mailReceiver({ smarthost, from, to, username }: MailProps): Receiver {
  const login = username === undefined ? {} : { auth_username: username, auth_password_file: SMTP_PASSWORD_FILE };
  return {
    email_configs: to.map((address) => ({
      to: address,
      from,
      smarthost,
      ...login,
      require_tls: true,
      send_resolved: true,
      headers: { Subject: MESSAGE.title },
      text: MESSAGE.text,
    })),
  };
}

/** The heartbeat reaches Cloud Monitoring by the collector. */
function receiver({ name, channels }: AlertRoute, { slackChannel, mail }: AlertChannels): Receiver {
  const has = (channel: Channel) => channels.includes(channel);
  return {
    name,
    ...(has("slack") && slackChannel !== undefined ? slackReceiver(slackChannel) : {}),
    ...(has("email") && mail !== undefined ? mailReceiver(mail) : {}),
  };
}

function matcher({ label, operator, value }: AlertMatcher): string {
  return `${label}${operator}${JSON.stringify(value)}`;
}

function timing(route: AlertRoute) {
  return {
    group_wait: `${route.groupWaitSeconds}s`,
    group_interval: `${route.groupIntervalSeconds}s`,
    repeat_interval: `${route.repeatIntervalSeconds}s`,
  };
}

/** `alertmanager.yml`. */
export function alertmanagerConfig(routing: AlertRouting, channels: AlertChannels): string {
  const { fallback, routes, inhibitions, groupBy } = routing;
  const config = {
    route: {
      receiver: fallback.name,
      group_by: [...groupBy],
      ...timing(fallback),
      routes: routes.map((route) => ({
        receiver: route.name,
        matchers: route.matchers.map(matcher),
        ...timing(route),
      })),
    },
    inhibit_rules: inhibitions.map(({ source, target, equal }) => ({
      source_matchers: source.map(matcher),
      target_matchers: target.map(matcher),
      equal: [...equal],
    })),
    receivers: [...routes, fallback].map((route) => receiver(route, channels)),
  };
  return dump(config, { lineWidth: -1, noRefs: true });
}
