import type { AlertMatcher, AlertRoute, AlertRouting } from "../../../observability/alerts/routing";
import { type AlertChannels, type MailProps, MESSAGE } from "../../observability/alertmanager-config";
import type { ObservabilityValues } from "./values";

type AlertmanagerSpec = ObservabilityValues["alertmanager"];
type Receiver = AlertmanagerSpec["receivers"][number];

/** Made by hand, so that no secret passes through Terraform. */
export const ALERTING_SECRET = { name: "alerting", slackKey: "slack-webhook", mailKey: "smtp-login" } as const;

const matcher = ({ label, operator, value }: AlertMatcher) => ({ name: label, value, matchType: operator });

function timing(route: AlertRoute) {
  return {
    groupWait: `${route.groupWaitSeconds}s`,
    groupInterval: `${route.groupIntervalSeconds}s`,
    repeatInterval: `${route.repeatIntervalSeconds}s`,
  };
}

function slack(channel: string): Omit<Receiver, "name"> {
  const { name, slackKey } = ALERTING_SECRET;
  return {
    slackConfigs: [
      { apiURL: { name, key: slackKey }, channel, sendResolved: true, title: MESSAGE.title, text: MESSAGE.text },
    ],
  };
}

function mail({ smarthost, from, to, username }: MailProps): Omit<Receiver, "name"> {
  const { name, mailKey } = ALERTING_SECRET;
  const login = username === undefined ? {} : { authUsername: username, authPassword: { name, key: mailKey } };
  return {
    emailConfigs: to.map((address) => ({
      to: address,
      from,
      smarthost,
      ...login,
      requireTLS: true,
      sendResolved: true,
      headers: [{ key: "Subject", value: MESSAGE.title }],
      text: MESSAGE.text,
    })),
  };
}

/** Routes, groups and inhibitions are those of the monitoring VM. */
export function alertmanagerSpec(routing: AlertRouting, channels: AlertChannels): AlertmanagerSpec {
  const { fallback, routes, inhibitions, groupBy } = routing;
  const receiver = ({ name, channels: notified }: AlertRoute): Receiver => ({
    name,
    ...(notified.includes("slack") && channels.slackChannel !== undefined ? slack(channels.slackChannel) : {}),
    ...(notified.includes("email") && channels.mail !== undefined ? mail(channels.mail) : {}),
  });
  return {
    route: {
      receiver: fallback.name,
      groupBy: [...groupBy],
      ...timing(fallback),
      routes: routes.map((route) => ({
        receiver: route.name,
        matchers: route.matchers.map(matcher),
        ...timing(route),
      })),
    },
    inhibitRules: inhibitions.map(({ source, target, equal }) => ({
      sourceMatch: source.map(matcher),
      targetMatch: target.map(matcher),
      equal: [...equal],
    })),
    receivers: [...routes, fallback].map(receiver),
  };
}
