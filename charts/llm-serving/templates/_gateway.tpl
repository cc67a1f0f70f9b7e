{{/* The gateway's container, in a pod of its own or in an engine's. */}}
{{- define "llm-serving.gatewayContainer" -}}
- name: gateway
  image: {{ .Values.gateway.image }}
  env:
    {{- include "llm-serving.env" .Values.gateway.env | nindent 4 }}
  ports:
    - name: http
      containerPort: {{ int .Values.gateway.port }}
  # No preStop hook: at SIGTERM the gateway itself turns its readiness down, goes on serving until the load balancer has
  # noticed, and then lets what is in flight finish. A hook before that would only add to the time.
  startupProbe:
    httpGet:
      path: {{ .Values.gateway.livePath }}
      port: http
    periodSeconds: 2
    failureThreshold: 30
  readinessProbe:
    httpGet:
      path: {{ .Values.gateway.probePath }}
      port: http
    periodSeconds: 5
    timeoutSeconds: 3
    failureThreshold: 2
  livenessProbe:
    httpGet:
      path: {{ .Values.gateway.livePath }}
      port: http
    periodSeconds: 10
    timeoutSeconds: 3
    failureThreshold: 3
  resources:
    requests:
      {{- include "llm-serving.requests" .Values.gateway.resources | nindent 6 }}
      {{- include "llm-serving.logRequest" . | nindent 6 }}
    limits:
      {{- include "llm-serving.limits" .Values.gateway.resources | nindent 6 }}
      {{- include "llm-serving.diskLimit" 0 | nindent 6 }}
  securityContext:
    {{- include "llm-serving.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - name: tmp
      mountPath: /tmp
    {{- include "llm-serving.authoritiesMount" .Values.gateway | nindent 4 }}
{{- end -}}

{{/* Certificates by which the stores are known: public, and made by whoever makes the stores. Take the gateway's values. */}}
{{- define "llm-serving.authoritiesMount" -}}
{{- if .authoritiesConfigMap }}
- name: authorities
  mountPath: {{ .authoritiesPath }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "llm-serving.authoritiesVolume" -}}
{{- with .authoritiesConfigMap }}
- name: authorities
  configMap:
    name: {{ . }}
{{- end }}
{{- end -}}
