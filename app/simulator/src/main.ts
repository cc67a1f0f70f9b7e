import { listenErrorMessage } from "../../src/shared/listen-error";
import { readCommand } from "./flags";
import { buildSimulator, type Simulator } from "./simulator-server";

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2), process.env);
  if (command.kind === "help") {
    console.log(command.text);
    return;
  }
  if (command.kind === "wrong") {
    console.error(`${command.problem}; --help lists the flags`);
    process.exit(2);
  }
  const { port, host, options } = command;
  const simulator = buildSimulator(options);
  try {
    const address = await simulator.listen({ port, host });
    const pace = options.speed === 0 ? "no delays" : `${options.speed} × real speed`;
    console.log(`simulated engine at ${address}/v1 (one L4, ${pace})`);
  } catch (thrown) {
    console.error(listenErrorMessage(thrown, port, "npm run simulator"));
    process.exit(1);
  }
  endOnSignals(simulator);
}

/** The first signal closes the server, the second one ends the process at once. */
function endOnSignals(simulator: Simulator): void {
  let signals = 0;
  const stop = () => {
    signals += 1;
    if (signals > 1) process.exit(130);
    void simulator.close().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

void main();
