/** An empty Qdrant that is gone once it is closed. */
export interface QdrantServer {
  readonly url: string;
  readonly apiKey: string | undefined;
  close(): Promise<void>;
}
