// SPDX-License-Identifier: Apache-2.0

/// Takes the spans of finished calls to where they are looked at (tracer.h). Batches come one at a time and in order.
public protocol Tracer: InfrastructurePlugin {
    /// - Throws: ``AgentError``; when `isRetryable` is set, the same batch comes again.
    func export(_ batch: SpanBatch, _ context: PluginContext) async throws -> ExportReceipt
}

/// An ExportTraceServiceRequest of OpenTelemetry in its JSON form.
public struct SpanBatch: Sendable {
    /// As the host wrote it: one JSON object on one line.
    public let json: [UInt8]

    public init(json: [UInt8]) { self.json = json }

    /// `{"resourceSpans": [{"resource", "scopeSpans": [{"scope", "spans": [...]}]}]}`.
    public func parsed() throws -> JSON { try JSONReader.value(JSON.self, from: json, named: "batch") }
}

public struct ExportReceipt: Codable, Sendable, Hashable {
    /// Spans that were not taken and never will be; nil: all were.
    public var rejected: Int?
    public var message: String?

    public init(rejected: Int? = nil, message: String? = nil) {
        self.rejected = rejected
        self.message = message
    }
}
