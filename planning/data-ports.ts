/** Each product's default. */
export const DATA_PORTS = {
  /** https://www.postgresql.org/docs/17/runtime-config-connection.html */
  postgres: 5432,
  /** With TLS too. https://cloud.google.com/memorystore/docs/valkey/networking */
  redis: 6379,
  /** Qdrant by REST; gRPC (6334) stays closed because nothing uses it. https://qdrant.tech/documentation/guides/configuration/ */
  vectorStore: 6333,
} as const;
