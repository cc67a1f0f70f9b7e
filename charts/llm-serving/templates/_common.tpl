{{/* Names are fixed: the gateway's table of models names `engine-0`, so there is one release in a namespace. */}}

{{/* Labels of every object. Takes a dict: root, component. */}}
{{- define "llm-serving.labels" -}}
app.kubernetes.io/name: llm-serving
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* Labels of pods: no version of the chart, or every new one would restart engines that did not change. */}}
{{- define "llm-serving.podLabels" -}}
app.kubernetes.io/name: llm-serving
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* What pods are selected by. Takes the same dict. No version: a selector cannot be changed. */}}
{{- define "llm-serving.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Pods with a gateway in them, wherever it is; of the colours that serve, where engines are in the same pods. */}}
{{- define "llm-serving.gatewaySelector" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
llm-serving/gateway: "true"
{{- if .Values.gateway.besideEngine }}
{{- include "llm-serving.servingColour" . | nindent 0 }}
{{- end }}
{{- end -}}

{{/* Selects one colour, or nothing more where both serve. */}}
{{- define "llm-serving.servingColour" -}}
{{- if ne .Values.engines.colours.serving "both" -}}
llm-serving/colour: {{ .Values.engines.colours.serving }}
{{- end -}}
{{- end -}}

{{/* Pod Security `restricted`. The group owns the volumes. */}}
{{- define "llm-serving.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "llm-serving.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Requests, and limits as their multiples. */}}
{{- define "llm-serving.requests" -}}
cpu: {{ printf "%dm" (int .cpuMillicores) }}
memory: {{ printf "%dMi" (int .memoryMib) }}
{{- end -}}

{{- define "llm-serving.limits" -}}
cpu: {{ printf "%dm" (mul (int .cpuMillicores) (int .cpuBurst)) }}
memory: {{ printf "%dMi" (mul (int .memoryMib) (int .memoryBurst)) }}
{{- end -}}

{{/*
Room on the node's disk for a container's log, the one thing that is written outside of volumes: the kubelet keeps five
files of 10 MiB, and turns them over every ten seconds, by when a container may have written more.
https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation
*/}}
{{- define "llm-serving.logRequest" -}}
ephemeral-storage: 64Mi
{{- end -}}

{{/* A pod beyond its limit is evicted. Takes MiB of the volumes on the disk, which count towards its containers' sum. */}}
{{- define "llm-serving.diskLimit" -}}
ephemeral-storage: {{ add (int .) 256 }}Mi
{{- end -}}

{{/* Environment in the order of the names. */}}
{{- define "llm-serving.env" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Pods of a workload apart: over zones first, then over nodes, as far as there are any. Takes a dict of labels. */}}
{{- define "llm-serving.spread" -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  # A pod beside another is better than none: an L4 may be had in one zone only.
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- $ | nindent 6 }}
{{- end }}
{{- end -}}

{{/* Metrics of a HorizontalPodAutoscaler. */}}
{{- define "llm-serving.metrics" -}}
{{- range . }}
{{- if eq .type "Pods" }}
- type: Pods
  pods:
    metric:
      name: {{ .name | quote }}
    target:
      type: AverageValue
      averageValue: {{ printf "%dm" (int .targetMillis) | quote }}
{{- else }}
- type: External
  external:
    metric:
      name: {{ .name | quote }}
      {{- with .labels }}
      selector:
        matchLabels:
          {{- range $label, $value := . }}
          {{ $label | quote }}: {{ $value | quote }}
          {{- end }}
      {{- end }}
    target:
      {{- if eq .per "pod" }}
      type: AverageValue
      averageValue: {{ printf "%dm" (int .targetMillis) | quote }}
      {{- else }}
      type: Value
      value: {{ printf "%dm" (int .targetMillis) | quote }}
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
Until an engine's first pod of a release must have answered: what the slowest one's predecessor takes to leave and itself
to come, on a new node. Terrace computes the release's own timeout from the same times.
*/}}
{{- define "llm-serving.releaseCheckSeconds" -}}
{{- $slowest := 0 }}
{{- range .Values.engines.models }}
{{- $slowest = max $slowest (int .coldStartSeconds) }}
{{- end }}
{{- add $slowest (int .Values.engines.noticeSeconds) (int .Values.engines.drainSeconds) (int .Values.engines.shutdownSeconds) }}
{{- end -}}
