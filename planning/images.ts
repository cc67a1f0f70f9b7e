import type { Names, RegistryMirror } from "./names";

export interface ImageReference {
  /** E.g. `asia-northeast3-docker.pkg.dev/p/r/app`. */
  readonly repository: string;
  /** `sha256:` and 64 hexadecimal digits. @default the tag decides */
  readonly digest?: string | undefined;
  /** @default `latest` where there is no digest either */
  readonly tag?: string | undefined;
}

export function imageUri(image: ImageReference): string {
  return image.digest === undefined
    ? `${image.repository}:${image.tag ?? "latest"}`
    : `${image.repository}@${image.digest}`;
}

/** As settings name it: project and region stay in one place. */
export interface NamedImage {
  readonly registry: "own" | RegistryMirror;
  readonly name: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

/** Always from Artifact Registry, never from the internet. */
export function imageReference(names: Names, image: NamedImage): ImageReference {
  const repository = image.registry === "own" ? names.repository : names.mirrorRepository(image.registry);
  return { repository: `${names.registryHost(repository)}/${image.name}`, tag: image.tag, digest: image.digest };
}
