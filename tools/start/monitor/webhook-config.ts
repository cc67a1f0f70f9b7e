import { dump, load } from "js-yaml";
import { z } from "zod";

const receiver = z.looseObject({ name: z.string() });
const config = z.looseObject({ receivers: z.array(receiver) });

/** Kinds of messages, by the field that holds their configuration. */
const KINDS = { slack_configs: "slack", email_configs: "email" } as const;

/**
 * Alertmanager's configuration as the product has it, in which every message goes to a webhook instead: same routes,
 * grouping and inhibition, and to `<url>/<receiver>/<slack|email>` what Slack or a mail server would have got.
 * @param yaml contents of `alertmanager.yml`
 * @param url without a slash at its end
 */
export function sentToWebhook(yaml: string, url: string): string {
  const { receivers, ...rest } = config.parse(load(yaml));
  const told = receivers.map((one) => {
    const kinds = Object.entries(KINDS).filter(([field]) => field in one);
    const webhooks = kinds.map(([, kind]) => ({ url: `${url}/${one.name}/${kind}`, send_resolved: true }));
    return { name: one.name, ...(webhooks.length > 0 && { webhook_configs: webhooks }) };
  });
  return dump({ ...rest, receivers: told }, { lineWidth: -1, noRefs: true });
}
