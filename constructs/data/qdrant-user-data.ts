import { type ImageReference, imageUri } from "../../planning/serving-unit";

export function qdrantUserData(image: ImageReference): string {
  return `#cloud-config\n# ${imageUri(image)}\n`;
}
