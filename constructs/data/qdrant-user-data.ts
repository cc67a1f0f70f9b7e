import { DATA_PORTS } from "../../planning/data-ports";
import type { ImageReference } from "../../planning/images";
import { dataVolume, statefulUserData } from "../compute/boot/stateful-user-data";

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
    openPorts: [DATA_PORTS.vectorStore],
    containers: [
      {
        name: "qdrant",
        description: "Qdrant vector database",
        image,
        args: [],
        env: {
          // The marker of a finished start would otherwise go into the image's own folder, which cannot be written.
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
