"""OpenTelemetry spans of calls, for an OTLP server."""
