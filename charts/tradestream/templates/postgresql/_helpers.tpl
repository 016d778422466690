{{- define "tradestream.postgresql.secretName" -}}
{{ .Values.postgresql.auth.existingSecret | default (include "tradestream.postgresql.fullname" .) }}
{{- end -}}

{{- define "tradestream.postgresql.labels" -}}
{{ include "tradestream.labels" (dict "root" . "name" "postgresql" "component" "primary" "image" .Values.postgresql.image) }}
{{- end -}}

{{- define "tradestream.postgresql.selectorLabels" -}}
{{ include "tradestream.selectorLabels" (dict "root" . "name" "postgresql" "component" "primary") }}
{{- end -}}
