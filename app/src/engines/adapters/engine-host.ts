/** One engine endpoint, as far as adapters are concerned. Every method throws an `AppError` when the engine refuses. */
export interface EngineHost {
  readonly id: string;
  /** Whether requests are sent there now. */
  available(): boolean;
  loadAdapter(name: string, path: string, signal: AbortSignal): Promise<void>;
  unloadAdapter(name: string, signal: AbortSignal): Promise<void>;
  /** Names of the base model and of the adapters that the engine has. */
  listModels(signal: AbortSignal): Promise<readonly string[]>;
  /**
   * One short answer of the adapter, not queued behind others.
   * @returns its text
   * @throws AppError UNKNOWN_ADAPTER when the engine does not have it
   */
  smoke(name: string, signal: AbortSignal): Promise<string>;
}

/** The engines, as far as adapters are concerned. */
export interface EngineHosts {
  /** Endpoints that serve a model now. Empty where no task uses it. */
  hostsOf(baseModel: string): readonly EngineHost[];
}
