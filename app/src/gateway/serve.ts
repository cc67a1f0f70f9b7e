import type { AddressInfo } from "node:net";
import type { Config } from "../config/config";
import { accessLines, pageLink } from "../http/auth/access-lines";
import { watchPreemption } from "../operations/preemption/watch-preemption";
import { drain, drainTimes, exitOnSignals } from "../operations/shutdown";
import { listenErrorMessage } from "../shared/listen-error";
import { type Gateway, openGateway } from "./gateway";
import { type Output, openOutput } from "./output";

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

async function listen({ app, close }: Gateway, { port, host }: Config): Promise<number> {
  try {
    await app.listen({ port, host });
  } catch (thrown) {
    console.error(listenErrorMessage(thrown, port, "npm start"));
    await close();
    process.exit(1);
  }
  const address = app.server.address();
  return isAddress(address) ? address.port : port;
}

function welcome(
  { access, localToken, models, simulated }: Gateway,
  port: number,
  { say, warn, watched }: Output,
): void {
  const engine = simulated ? "simulated engine" : models.models.map((model) => model.baseUrl).join(", ");
  say(`listening on http://localhost:${port} (${engine}); try / and /docs, stop with Ctrl-C`, { port, simulated });
  const { policy } = access;
  for (const line of accessLines(policy, localToken)) (policy === "nobody" ? warn : say)(line, { policy });
  // To a person and never to a log, which others may read.
  if (watched && localToken !== undefined) say(`the page, with the token: ${pageLink(port, localToken)}`);
}

/**
 * Serves until a signal or a preemption, then drains and ends the process.
 * @throws ConfigError where a configured part cannot be had
 */
export async function serve(config: Config): Promise<void> {
  const output = openOutput(config);
  const { log, say } = output;
  const gateway = await openGateway(config, output);
  const { app, operations } = gateway;
  welcome(gateway, await listen(gateway, config), output);
  gateway.start();

  const exit = exitOnSignals({
    log,
    timeoutMs: config.preStopMs + config.drainTimeoutMs,
    onStopping: (signal) => say(`${signal}: finishing what is in flight; again to leave at once`, { signal }),
    stop: async (reason) => {
      const { lifecycle, work } = operations;
      await drain({ app, lifecycle, work, reason, ...drainTimes(config, reason), log });
      await preemption.stop();
      await gateway.close();
    },
  });
  const preemption = watchPreemption(config, { operations, exit, log });
}
