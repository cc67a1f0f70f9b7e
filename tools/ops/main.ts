/** `npm run ops -- COMMAND`: the operations of step 1, by `gcloud` and the operator's own login. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadEnvironments } from "../../settings/load";
import { SettingsError } from "../../settings/schema/problems";
import { ops } from "./command";
import { gcloud } from "./gcloud";
import { OpsError } from "./ops-error";

ops(process.argv.slice(2), {
  environments: () => loadEnvironments(process.env),
  run: gcloud,
  say: (line) => console.log(line),
  sleep: (ms) => delay(ms),
  folder: join(__dirname, "../../out/ops"),
  now: () => new Date(),
}).catch((thrown: unknown) => {
  if (!(thrown instanceof OpsError || thrown instanceof SettingsError)) throw thrown;
  console.error(thrown.message);
  process.exitCode = 1;
});
