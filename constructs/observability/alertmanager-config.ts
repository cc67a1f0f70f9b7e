import { dump } from "js-yaml";

/** Where the webhook's URL is mounted: a file, because the configuration goes through metadata, where no secret may be. */
export const SLACK_WEBHOOK_FILE = "/run/secrets/slack-webhook";

/** Contents of `alertmanager.yml`: one receiver, Slack where there is a channel, else none. */
export function alertmanagerConfig(slackChannel: string | undefined): string {
  const slack =
    slackChannel === undefined
      ? {}
      : { slack_configs: [{ api_url_file: SLACK_WEBHOOK_FILE, channel: slackChannel, send_resolved: true }] };
  const config = {
    route: {
      receiver: "team",
      group_by: ["alertname", "environment"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "4h",
    },
    receivers: [{ name: "team", ...slack }],
  };
  return dump(config, { lineWidth: -1 });
}
