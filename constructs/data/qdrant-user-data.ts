import type { ImageReference } from "../../planning/serving-unit";
import { dataVolume, statefulUserData } from "../compute/boot/stateful-user-data";

/** HTTP and gRPC. Source: https://qdrant.tech/documentation/guides/installation/#networking. */
export const QDRANT_PORTS = { http: 6333, grpc: 6334 } as const;

/** Any user but root: the image allows it. */
const UID = 1000;

/** Seconds in which Qdrant flushes its write-ahead log; then it would recover from it at the next start. */
const STOP_SECONDS = 60;

/** Boot content of the Qdrant VM. */
export function qdrantUserData(image: ImageReference): string {
  return statefulUserData({
    description: "Qdrant",
    directories: [
      { name: "qdrant", uid: UID },
      { name: "qdrant-snapshots", uid: UID },
    ],
    openPorts: [QDRANT_PORTS.http, QDRANT_PORTS.grpc],
    containers: [
      {
        name: "qdrant",
        description: "Qdrant vector database",
        image,
        args: [],
        env: {
          // The marker of a finished start would otherwise go into the image's own folder, which cannot be written.
          QDRANT_INIT_FILE_PATH: "/qdrant/storage/.qdrant-initialized",
          QDRANT__SERVICE__GRPC_PORT: String(QDRANT_PORTS.grpc),
          QDRANT__SERVICE__HTTP_PORT: String(QDRANT_PORTS.http),
          QDRANT__TELEMETRY_DISABLED: "true",
        },
        stopTimeoutSeconds: STOP_SECONDS,
        user: `${UID}:${UID}`,
        options: [dataVolume("qdrant", "/qdrant/storage"), dataVolume("qdrant-snapshots", "/qdrant/snapshots")],
      },
    ],
  });
}
