export { stopSharedCluster as default } from "./start-shared-cluster";
