{{- define "tradestream.redis.secretName" -}}
{{ .Values.redis.auth.existingSecret | default (include "tradestream.redis.fullname" .) }}
{{- end -}}

{{- define "tradestream.redis.labels" -}}
{{ include "tradestream.labels" (dict "root" . "name" "redis" "component" "master" "image" .Values.redis.image) }}
{{- end -}}

{{- define "tradestream.redis.selectorLabels" -}}
{{ include "tradestream.selectorLabels" (dict "root" . "name" "redis" "component" "master") }}
{{- end -}}

{{/* The whole of redis.conf; the password is not in it. */}}
{{- define "tradestream.redis.configuration" -}}
{{- $master := .Values.redis.master -}}
bind * -::*
port 6379
# Who may connect is a matter of NetworkPolicies (and of the password, where there is one); protected mode would refuse
# every other pod.
protected-mode no
dir /data
maxmemory {{ $master.maxMemory }}
maxmemory-policy {{ $master.maxMemoryPolicy }}
{{- range $master.disableCommands }}
rename-command {{ . }} ""
{{- end }}
{{ .Values.redis.commonConfiguration | trim }}
{{- end -}}
