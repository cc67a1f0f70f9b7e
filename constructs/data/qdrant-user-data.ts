import { DATA_PORTS } from "../../planning/data-ports";
import type { ImageReference } from "../../planning/images";
import { dataVolume, statefulUserData } from "../compute/boot/stateful-user-data";

const UID = 1000;

/** For flushing the write-ahead log; Qdrant would recover from it at the next start. */
const STOP_SECONDS = 60;

export function qdrantUserData(image: ImageReference): string {
  return statefulUserData({
    description: "Qdrant",
    directories: [
      { name: "qdrant", uid: UID },
      { name: "qdrant-snapshots", uid: UID },
    ],
    openPorts: [DATA_PORTS.vectorStore],
    containers: [
      {
        name: "qdrant",
        description: "Qdrant vector database",
        image,
        args: [],
        env: {
          // Its default is in the image's own folder, which is read-only.
          QDRANT_INIT_FILE_PATH: "/qdrant/storage/.qdrant-initialized",
          QDRANT__SERVICE__HTTP_PORT: String(DATA_PORTS.vectorStore),
          QDRANT__TELEMETRY_DISABLED: "true",
        },
        stopTimeoutSeconds: STOP_SECONDS,
        user: `${UID}:${UID}`,
        options: [dataVolume("qdrant", "/qdrant/storage"), dataVolume("qdrant-snapshots", "/qdrant/snapshots")],
      },
    ],
  });
}
