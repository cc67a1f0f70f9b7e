/**
 * What kwok does in place of kubelets. Pods get ready at once and jobs succeed, without an image being fetched, a probe sent
 * or a volume mounted; a pod with {@link BROKEN_IMAGE} never gets ready.
 */

/** In a name of an image: nothing runs of it. */
export const BROKEN_IMAGE = "broken";

/** Pods that check a release, by their label. Whether one succeeds is for the tests to say. */
export const RELEASE_CHECK = "app.kubernetes.io/component=release-check";

const IMAGES = "[.spec.containers[].image, (.spec.initContainers // [])[].image]";
const HAS_BROKEN_IMAGE = `${IMAGES} | any(contains("${BROKEN_IMAGE}")) | tostring`;

interface Expression {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

const LIVES: Expression = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };
const NOT_STARTED: Expression = { key: ".status.podIP", operator: "DoesNotExist" };

/** https://kwok.sigs.k8s.io/docs/user/stages-configuration/ */
function stage(name: string, matchExpressions: readonly Expression[], next: object): object {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: { resourceRef: { apiGroup: "v1", kind: "Pod" }, selector: { matchExpressions }, next },
  };
}

function started(ready: boolean): string {
  const condition = (type: string, status: boolean) =>
    `- { type: ${type}, status: "${status ? "True" : "False"}", lastTransitionTime: {{ $now | Quote }} }`;
  const state = ready
    ? "running: { startedAt: {{ $now | Quote }} }"
    : "waiting: { reason: ImagePullBackOff, message: kwok fetches no image of this name }";
  return `
{{ $now := Now }}
conditions:
${condition("Initialized", ready)}
${condition("Ready", ready)}
${condition("ContainersReady", ready)}
containerStatuses:
{{ range .spec.containers }}
- { name: {{ .name | Quote }}, image: {{ .image | Quote }}, ready: ${ready}, restartCount: 0, state: { ${state} } }
{{ end }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
phase: ${ready ? "Running" : "Pending"}
startTime: {{ $now | Quote }}
`;
}

const SUCCEEDED = `
{{ $now := Now }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  restartCount: 0
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} } }
{{ end }}
phase: Succeeded
`;

/** For `kwok --config`. */
export function simulatedKubelet(): readonly object[] {
  const broken: Expression = { key: HAS_BROKEN_IMAGE, operator: "In", values: ["true"] };
  const whole: Expression = { key: HAS_BROKEN_IMAGE, operator: "In", values: ["false"] };
  const running: Expression = { key: ".status.phase", operator: "In", values: ["Running"] };
  const ofJob: Expression = { key: ".metadata.ownerReferences.[].kind", operator: "In", values: ["Job"] };
  const [label, value = ""] = RELEASE_CHECK.split("=");
  const noReleaseCheck: Expression = { key: `.metadata.labels["${label}"]`, operator: "NotIn", values: [value] };
  return [
    stage("ready", [LIVES, NOT_STARTED, whole], { statusTemplate: started(true) }),
    stage("image-missing", [LIVES, NOT_STARTED, broken], { statusTemplate: started(false) }),
    stage("complete", [LIVES, running, ofJob, noReleaseCheck], { statusTemplate: SUCCEEDED }),
    stage("delete", [{ ...LIVES, operator: "Exists" }], { finalizers: { empty: true }, delete: true }),
  ];
}
