{{/* Volume mounts of whatever runs vLLM's image: nothing of the image can be written. */}}
{{- define "llm-serving.engineVolumes" -}}
- name: models
  emptyDir:
    sizeLimit: {{ int .weightsGib }}Gi
- name: scratch
  emptyDir:
    sizeLimit: {{ int .root.Values.engines.scratchGib }}Gi
- name: scripts
  configMap:
    name: engine-scripts
- name: shm
  emptyDir:
    medium: Memory
    sizeLimit: {{ int .root.Values.engines.shmGib }}Gi
- name: tmp
  emptyDir:
    sizeLimit: 4Gi
{{- end -}}

{{/*
Brings the weights before the engine starts, and checks each file against its SHA-256 sum: the VMs' own script, run in
vLLM's image, because that has curl and is on the node anyway. So the engine finds the same verified folder as on a VM and
takes the same flags. Takes a dict: root, engine, colour.
*/}}
{{- define "llm-serving.weightsContainer" -}}
- name: weights
  {{- if eq .root.Values.weights.source "gcs" }}
  image: {{ .colour.image }}
  command: [/bin/bash, /scripts/models.sh]
  env:
    - name: MODELS
      value: {{ .engine.model | quote }}
    - name: MODELS_BUCKET
      value: {{ .root.Values.weights.bucket | quote }}
    - name: MODELS_DIR
      value: /weights
  {{- else }}
  image: {{ .root.Values.gateway.image }}
  command: [/bin/bash, /scripts/models-from-image.sh]
  env:
    - name: MODEL
      value: {{ .engine.model | quote }}
    - name: MODELS_DIR
      value: /weights
  {{- end }}
  resources:
    requests:
      cpu: 500m
      memory: 256Mi
      ephemeral-storage: {{ int .engine.weightsGib }}Gi
    limits:
      cpu: "4"
      memory: 1Gi
      {{- include "llm-serving.diskLimit" (mul 1024 (add (int .engine.weightsGib) 4)) | nindent 6 }}
  securityContext:
    {{- include "llm-serving.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - name: models
      mountPath: /weights
    - name: scripts
      mountPath: /scripts
      readOnly: true
    - name: tmp
      mountPath: /tmp
{{- end -}}

{{/*
Keeps the adapters of the bucket beside the weights, as long as the pod runs: a sidecar, which is an init container that
may restart. The VMs' own script, so that both verify the same sums. Takes a dict: root, engine, colour.
*/}}
{{- define "llm-serving.adaptersContainer" -}}
- name: adapters
  image: {{ .colour.image }}
  restartPolicy: Always
  command: [/bin/bash, /scripts/adapters.sh]
  env:
    - name: ADAPTERS_BUCKET
      value: {{ .engine.adapterBucket | quote }}
    - name: ADAPTERS_DIR
      value: /weights/adapters
  resources:
    requests:
      cpu: 20m
      memory: 64Mi
      {{- include "llm-serving.logRequest" . | nindent 6 }}
    limits:
      cpu: "1"
      memory: 512Mi
      {{- include "llm-serving.diskLimit" 0 | nindent 6 }}
  securityContext:
    {{- include "llm-serving.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - name: models
      mountPath: /weights
    - name: scripts
      mountPath: /scripts
      readOnly: true
{{- end -}}

{{/* The engine's container. Takes a dict: root, engine, colour. */}}
{{- define "llm-serving.engineContainer" -}}
{{- $engines := .root.Values.engines -}}
- name: engine
  image: {{ .colour.image }}
  args:
    {{- range .engine.args }}
    - {{ . | quote }}
    {{- end }}
  env:
    {{- include "llm-serving.env" .engine.env | nindent 4 }}
    # Where the node's driver is mounted.
    - name: LD_LIBRARY_PATH
      value: /usr/local/nvidia/lib64:/usr/local/cuda/lib64
    # The user has no entry in the image, and PyTorch asks for its name and its home.
    - name: HOME
      value: /scratch
    - name: USER
      value: engine
  ports:
    - name: engine
      containerPort: {{ int .engine.port }}
  startupProbe:
    httpGet:
      path: {{ .engine.probePath }}
      port: engine
    periodSeconds: 10
    timeoutSeconds: 3
    failureThreshold: {{ int .engine.startupFailures }}
  # Readiness and liveness request the same path: vLLM's /health is 503 once the engine's process has ended, and /v1/models
  # is 200 even then. They differ in what follows: two failures of 3 s, 5 s apart, take the pod out of its Service; three
  # of 10 s, 10 s apart, restart it. Neither finds a server that answers and generates nothing: the gateway's circuit
  # breaker does.
  readinessProbe:
    httpGet:
      path: {{ .engine.probePath }}
      port: engine
    periodSeconds: 5
    timeoutSeconds: 3
    failureThreshold: 2
  livenessProbe:
    httpGet:
      path: {{ .engine.probePath }}
      port: engine
    periodSeconds: 10
    # A batch of long prompts keeps the server busy for seconds.
    timeoutSeconds: 10
    failureThreshold: 3
  lifecycle:
    preStop:
      exec:
        # vLLM's /health does not turn while it drains, and SIGTERM ends it after its own timeout: so the pod first
        # waits for its callers to leave.
        command:
          - /bin/bash
          - /scripts/drain.sh
          - {{ int .engine.port | quote }}
          - {{ int $engines.noticeSeconds | quote }}
          - {{ add (int $engines.noticeSeconds) (int $engines.drainSeconds) | quote }}
  resources:
    requests:
      {{- include "llm-serving.requests" $engines.resources | nindent 6 }}
      ephemeral-storage: {{ add (int .engine.weightsGib) (int $engines.scratchGib) }}Gi
      nvidia.com/gpu: 1
    limits:
      {{- include "llm-serving.limits" $engines.resources | nindent 6 }}
      {{- include "llm-serving.diskLimit" (mul 1024 (add (int .engine.weightsGib) (int $engines.scratchGib) 4)) | nindent 6 }}
      nvidia.com/gpu: 1
  securityContext:
    {{- include "llm-serving.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - name: models
      mountPath: /models
      readOnly: true
    - name: scratch
      mountPath: /scratch
    - name: scripts
      mountPath: /scripts
      readOnly: true
    - name: shm
      mountPath: /dev/shm
    - name: tmp
      mountPath: /tmp
{{- end -}}

{{/* Specification of an engine's pods. Takes a dict: root, engine, colour, and pods, the labels by which they are spread. */}}
{{- define "llm-serving.enginePod" -}}
serviceAccountName: engine
automountServiceAccountToken: false
# Variables such as ENGINE_0_PORT, which Kubernetes would make of the Services, are not asked for.
enableServiceLinks: false
priorityClassName: {{ .root.Values.engines.priorityClassName }}
terminationGracePeriodSeconds: {{ add (int .root.Values.engines.noticeSeconds) (int .root.Values.engines.drainSeconds) (int .root.Values.engines.shutdownSeconds) }}
securityContext:
  {{- include "llm-serving.podSecurity" 10001 | nindent 2 }}
{{- include "llm-serving.gpuNodes" .root | nindent 0 }}
topologySpreadConstraints:
  {{- include "llm-serving.spread" .pods | nindent 2 }}
initContainers:
  {{- include "llm-serving.weightsContainer" . | nindent 2 }}
  {{- if .engine.adapterBucket }}
  {{- include "llm-serving.adaptersContainer" . | nindent 2 }}
  {{- end }}
containers:
  {{- include "llm-serving.engineContainer" . | nindent 2 }}
  {{- if .root.Values.gateway.besideEngine }}
  {{- include "llm-serving.gatewayContainer" .root | nindent 2 }}
  {{- end }}
volumes:
  {{- include "llm-serving.engineVolumes" (dict "root" .root "weightsGib" .engine.weightsGib) | nindent 2 }}
  {{- if .root.Values.gateway.besideEngine }}
  {{- include "llm-serving.authoritiesVolume" .root.Values.gateway | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Nodes on which pods with a GPU may run. */}}
{{- define "llm-serving.gpuNodes" -}}
nodeSelector:
  cloud.google.com/gke-accelerator: {{ .Values.engines.accelerator }}
tolerations:
  - key: nvidia.com/gpu
    operator: Exists
    effect: NoSchedule
  {{- if .Values.engines.spot }}
  - key: cloud.google.com/gke-spot
    operator: Equal
    value: "true"
    effect: NoSchedule
  {{- end }}
{{- end -}}
