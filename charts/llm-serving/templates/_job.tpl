{{/* Pod of a job: the gateway's image with other arguments. Takes a dict: root, name, job, account, and component where it is not `jobs`. */}}
{{- define "llm-serving.jobPod" -}}
metadata:
  labels:
    {{- include "llm-serving.podLabels" (dict "root" .root "component" (.component | default "jobs")) | nindent 4 }}
spec:
  serviceAccountName: {{ .account }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  restartPolicy: Never
  securityContext:
    {{- include "llm-serving.podSecurity" 10001 | nindent 4 }}
  containers:
    - name: {{ .name }}
      image: {{ .root.Values.gateway.image }}
      args:
        {{- range .job.args }}
        - {{ . | quote }}
        {{- end }}
      env:
        {{- include "llm-serving.env" .job.env | nindent 8 }}
      resources:
        requests:
          cpu: 100m
          memory: 256Mi
          {{- include "llm-serving.logRequest" . | nindent 10 }}
        limits:
          cpu: "1"
          memory: 1Gi
          {{- include "llm-serving.diskLimit" 1024 | nindent 10 }}
      securityContext:
        {{- include "llm-serving.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- include "llm-serving.authoritiesMount" .root.Values.gateway | nindent 8 }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 1Gi
    {{- include "llm-serving.authoritiesVolume" .root.Values.gateway | nindent 4 }}
{{- end -}}
