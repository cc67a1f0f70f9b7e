{{/* Labels of every object. Takes a dict: root, component. */}}
{{- define "observability.labels" -}}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: observability
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* What pods are selected by. Takes the same dict. No version: a selector cannot be changed. */}}
{{- define "observability.selector" -}}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Pod Security `restricted`, as this user. */}}
{{- define "observability.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "observability.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/*
Takes resources: limits are multiples of requests. The disk is for the log, of which the kubelet keeps five files of 10 MiB.
https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation
*/}}
{{- define "observability.resources" -}}
requests:
  cpu: {{ printf "%dm" (int .cpuMillicores) }}
  memory: {{ printf "%dMi" (int .memoryMib) }}
  ephemeral-storage: 64Mi
limits:
  cpu: {{ printf "%dm" (mul (int .cpuMillicores) (int .cpuBurst)) }}
  memory: {{ printf "%dMi" (mul (int .memoryMib) (int .memoryBurst)) }}
  ephemeral-storage: 256Mi
{{- end -}}
