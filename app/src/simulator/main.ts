import { ENV, PORTS } from "../contract";
import { listenErrorMessage } from "../listen-error";
import { buildSimulator } from "./simulator-server";

/** Reads a number from the environment. Two variables do not need the gateway's whole configuration. */
function numberFrom(name: string, fallback: number, max: number): number {
  const text = process.env[name] ?? "";
  if (text === "") return fallback;
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= max) return value;
  console.error(`${name}="${text}": must be a number from 0 to ${max}; or leave it unset (${fallback})`);
  process.exit(2);
}

async function main(): Promise<void> {
  const port = numberFrom(ENV.port, PORTS.engineBase, 65_535);
  const speed = numberFrom(ENV.simulatorSpeed, 1, 1_000);
  const host = process.env[ENV.host] || "127.0.0.1";
  const simulator = buildSimulator({ speed });
  try {
    const address = await simulator.listen({ port, host });
    console.log(`simulated engine at ${address}/v1 (one L4, ${speed === 0 ? "no delays" : `${speed} × real speed`})`);
  } catch (thrown) {
    console.error(listenErrorMessage(thrown, port, "npm run simulator"));
    process.exit(1);
  }
  const stop = () => void simulator.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

void main();
