{{/*
The base of every name. It is the release's name and nothing else, because the published chart's sub-charts name
themselves `<release>-postgresql` and `<release>-redis`, and TradeStream's services look for these names.
*/}}
{{- define "tradestream.fullname" -}}
{{- .Release.Name -}}
{{- end -}}

{{- define "tradestream.postgresql.fullname" -}}
{{ include "tradestream.fullname" . }}-postgresql
{{- end -}}

{{- define "tradestream.redis.fullname" -}}
{{ include "tradestream.fullname" . }}-redis
{{- end -}}

{{/*
Labels that select pods; they never change during a release's life.
Argument: dict "root" $ "name" NAME "component" COMPONENT
*/}}
{{- define "tradestream.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/*
Labels of a pod: the recommended ones, except the chart's version, which would restart a database for nothing.
Argument: dict "root" $ "name" NAME "component" COMPONENT "image" IMAGE
*/}}
{{- define "tradestream.podLabels" -}}
{{ include "tradestream.selectorLabels" . }}
app.kubernetes.io/part-of: tradestream
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .image.tag | trunc 63 | trimAll "-_." | quote }}
{{- end -}}

{{/* Labels of every other object. Argument: as for tradestream.podLabels */}}
{{- define "tradestream.labels" -}}
{{ include "tradestream.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Full reference of an image; a digest wins over the tag. Argument: IMAGE */}}
{{- define "tradestream.image" -}}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end -}}

{{/* The fields of a pod's spec that are the same for both. Argument: dict "values" PRIMARY-OR-MASTER "image" IMAGE */}}
{{- define "tradestream.podDefaults" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .values.podSecurityContext.runAsUser | int64 }}
  runAsGroup: {{ .values.podSecurityContext.runAsGroup | int64 }}
  fsGroup: {{ .values.podSecurityContext.fsGroup | int64 }}
  {{- /* Always would hand the data to the group at each start, and PostgreSQL refuses a directory open to a group. */}}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.topologySpreadConstraints }}
topologySpreadConstraints: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What a container may do: nothing that its work does not need. Not configurable. Argument: PRIMARY-OR-MASTER */}}
{{- define "tradestream.containerSecurityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: {{ .podSecurityContext.runAsUser | int64 }}
runAsGroup: {{ .podSecurityContext.runAsGroup | int64 }}
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/*
The StatefulSet's fields about its volume: how long claims live, and the template of the claim.
Argument: dict "root" $ "name" NAME "component" COMPONENT "values" PRIMARY-OR-MASTER

Kubernetes refuses any change of a claim template. So a StatefulSet that is there keeps the size that it began with: it is
the claim that grows, and that belongs to nobody's release.
*/}}
{{- define "tradestream.claims" -}}
{{- $size := .values.persistence.size }}
{{- $statefulSet := printf "%s-%s" .root.Release.Name (eq .name "redis" | ternary "redis-master" .name) }}
{{- range lookup "apps/v1" "StatefulSet" .root.Release.Namespace $statefulSet | dig "spec" "volumeClaimTemplates" list }}
{{- $size = .spec.resources.requests.storage }}
{{- end }}
persistentVolumeClaimRetentionPolicy:
  whenDeleted: {{ .values.persistentVolumeClaimRetentionPolicy.whenDeleted }}
  whenScaled: {{ .values.persistentVolumeClaimRetentionPolicy.whenScaled }}
{{- if and .values.persistence.enabled (not .values.persistence.existingClaim) }}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: data
      # Only labels that never change: Kubernetes refuses any later change of a claim template.
      labels: {{- include "tradestream.selectorLabels" . | nindent 8 }}
      {{- with .values.persistence.annotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      accessModes: {{- toYaml .values.persistence.accessModes | nindent 8 }}
      {{- with .values.persistence.storageClass }}
      storageClassName: {{ if eq . "-" }}""{{ else }}{{ . | quote }}{{ end }}
      {{- end }}
      resources:
        requests:
          storage: {{ $size | quote }}
{{- end }}
{{- end -}}

{{/* The volume `data`, unless the claim template makes it. Argument: PRIMARY-OR-MASTER */}}
{{- define "tradestream.dataVolume" -}}
{{- if not .persistence.enabled -}}
- name: data
  emptyDir:
    sizeLimit: {{ .persistence.size | quote }}
{{- else if .persistence.existingClaim -}}
- name: data
  persistentVolumeClaim:
    claimName: {{ .persistence.existingClaim | quote }}
{{- end -}}
{{- end -}}

{{/* Bytes in an amount of memory, as Kubernetes (128Mi, 1G) or Redis (192mb) writes it. Argument: the amount */}}
{{- define "tradestream.bytes" -}}
{{- $amount := toString . -}}
{{- $factors := dict "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "kb" 1024 "mb" 1048576 "gb" 1073741824 -}}
{{- $unit := regexFind "[a-zA-Z]+$" $amount -}}
{{- mulf (trimSuffix $unit $amount | float64) (get $factors $unit | default 1) -}}
{{- end -}}
