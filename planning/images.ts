import type { Names, RegistryMirror } from "./names";
import type { ImageReference } from "./serving-unit";

/** An image as settings name it: by registry kind, so that project and region stay in one place. */
export interface NamedImage {
  readonly registry: "own" | RegistryMirror;
  readonly name: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

/** The image as a machine of this environment pulls it: always from Artifact Registry, never from the internet. */
export function imageReference(names: Names, image: NamedImage): ImageReference {
  const repository = image.registry === "own" ? names.repository : names.mirrorRepository(image.registry);
  return { repository: `${names.registryHost(repository)}/${image.name}`, tag: image.tag, digest: image.digest };
}
