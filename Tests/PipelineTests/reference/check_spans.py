# SPDX-License-Identifier: Apache-2.0
"""Reads OTLP/JSON lines as OpenTelemetry's own Python package does, strictly, and prints what it understood.

usage: PYTHONPATH=DIR check_spans.py FILE...   with DIR filled by: pip install --target DIR opentelemetry-proto
"""
import base64
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

# OTLP's JSON has ids in hexadecimal where protobuf's has base64 (OTLP specification, "JSON Protobuf Encoding").
IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def to_protobuf(value):
    if isinstance(value, list):
        return [to_protobuf(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = {}
    for name, member in value.items():
        if name in IDS:
            raw = bytes.fromhex(member)
            assert len(raw) == IDS[name] and any(raw), f"{name} {member!r}"
            assert member == member.lower(), f"{name} {member!r} is not lower case"
            members[name] = base64.b64encode(raw).decode()
        else:
            if name.endswith("UnixNano"):
                assert isinstance(member, str) and member.isdigit(), f"{name} {member!r} is no decimal text"
            if name in ("kind", "code"):
                assert isinstance(member, int), f"{name} {member!r} is no number"
            members[name] = to_protobuf(member)
    return members


def attributes(items):
    return {item.key: getattr(item.value, item.value.WhichOneof("value") or "string_value") for item in items}


def main(paths):
    spans = []
    for path in paths:
        for line in open(path, encoding="utf-8"):
            request = ExportTraceServiceRequest()
            json_format.Parse(json.dumps(to_protobuf(json.loads(line))), request, ignore_unknown_fields=False)
            for resource in request.resource_spans:
                common = attributes(resource.resource.attributes)
                assert common["service.name"] == "corral", common
                for scope in resource.scope_spans:
                    assert scope.scope.name == "corral" and scope.scope.version
                    for span in scope.spans:
                        assert span.end_time_unix_nano >= span.start_time_unix_nano > 0
                        own = attributes(span.attributes)
                        spans.append({
                            "tenant": common["corral.tenant"], "trace": span.trace_id.hex(),
                            "span": span.span_id.hex(), "parent": span.parent_span_id.hex(), "name": span.name,
                            "kind": span.kind, "status": span.status.code, "message": span.status.message,
                            "operation": own.get("gen_ai.operation.name", ""),
                            "agent": own.get("gen_ai.agent.name", ""),
                            "types": {key: type(value).__name__ for key, value in own.items()},
                        })
    json.dump({"spans": spans}, sys.stdout)


main(sys.argv[1:])
