{{/* What pods may call outside the namespace, one list entry each, for policies of several of them. */}}

{{/* Both kinds of DNS pods that GKE runs. */}}
{{- define "llm-serving.egressToNames" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchExpressions:
          - { key: k8s-app, operator: In, values: [kube-dns, node-local-dns] }
  ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
{{- end -}}

{{/* Google's APIs, and the node's metadata server that gives tokens for them. */}}
{{- define "llm-serving.egressToGoogle" -}}
- to:
    {{- range .Values.network.googleApisRanges }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  ports:
    - { protocol: TCP, port: 443 }
- to:
    - ipBlock:
        cidr: 169.254.169.254/32
  ports:
    - { protocol: TCP, port: 80 }
- to:
    - ipBlock:
        cidr: 169.254.169.252/32
  ports:
    - { protocol: TCP, port: 988 }
{{- end -}}

{{/* Stores outside the cluster by their ranges, and Qdrant in it. */}}
{{- define "llm-serving.egressToStores" -}}
{{- range .Values.network.stores }}
- to:
    - ipBlock:
        cidr: {{ .range }}
  ports:
    - { protocol: TCP, port: {{ int .port }} }
{{- end }}
{{- with .Values.network.vectorsNamespace }}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ . }}
      podSelector:
        matchLabels:
          app.kubernetes.io/name: qdrant
  ports:
    - { protocol: TCP, port: {{ int $.Values.network.vectorsPort }} }
{{- end }}
{{- end -}}
