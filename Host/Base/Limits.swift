// SPDX-License-Identifier: Apache-2.0
// Limits: every bound that protects the host, in one place, each with the reason for its size.

/// Fixed bounds of this build. What a tenant may configure lives in the configuration, never above these.
package enum Limits {
    // MARK: Documents

    /// Deeper documents are an attack on the stack, not data: real ones stay below 20.
    package static let jsonDepthMax = 128
    /// A flow, a configuration or a manifest a person wrote; larger ones are a mistake.
    package static let documentBytesMax = 1 << 20
    /// A manifest is printed, cached and sent with each load.
    package static let manifestBytesMax = 256 << 10

    // MARK: Frames between host and worker

    /// One frame's payload. Above 64 KiB a copy costs more than a further frame.
    package static let frameBytesMax = 64 << 10
    /// Bytes a call may have under way towards the host before it must wait for credit.
    package static let callCreditBytes = 1 << 20
    /// One call's result. Larger values belong into an artifact.
    package static let resultBytesMax = 64 << 20
    /// One call's request, passed as a sealed memfd above a frame's size.
    package static let requestBytesMax = 64 << 20
    /// All partial output of one call: it is shown live and kept in spans, not stored as a value.
    package static let partialBytesMax = 16 << 20
    /// Artifacts pushed by one call, together.
    package static let artifactBytesMax = 256 << 20
    package static let artifactsPerCallMax = 64
    /// Bytes the host queues towards a worker that does not read, before it ends the worker.
    package static let workerQueueBytesMax = 8 << 20
    /// Descriptors the host keeps open for a worker that does not read: those of fifteen calls with all the files a call
    /// may have. Without this, answers of some bytes and a sealed body each would use up the host's descriptors.
    package static let workerQueueDescriptorsMax = 1024
    /// Frames below this size cost the host more than their bytes say.
    package static let smallFrameBytes = 1 << 10
    /// Small frames a call may send before they count against the worker's rate: an ordinary call sends one or two.
    package static let smallFramesPerCallFree = 16
    /// Small frames of one worker in one second; then the host reads no more of it for a while. A host spends a few
    /// hundredths of a processor on that many, and streamed words of twenty calls are a tenth of it.
    package static let smallFramesPerSecondMax = 20_000
    /// What is read of a worker's printed text in one second; then its pipe stays full for a while.
    package static let printedBytesPerSecondMax = 8 << 20
    /// What a worker may write to the pipe of its crash record; a record has 48 bytes.
    package static let crashPipeBytesMax = 4 << 10
    /// A log line; longer ones are cut with a mark.
    package static let logLineBytesMax = 8 << 10
    /// Log lines of one worker in one second; more are counted and dropped.
    package static let logLinesPerSecondMax = 500
    /// Progress and partial frames of one call in one second that are forwarded to watchers.
    package static let progressPerSecondMax = 200
    /// Plugins one worker loads.
    package static let pluginsPerWorkerMax = 256

    // MARK: Calls

    /// Calls running in one worker at once; further ones wait in the host, where their wait is seen.
    package static let workerCallsMax = 16
    /// Threads kept for calls that have an ancestor, so that delegation cannot starve itself.
    package static let workerReservedThreads = 4
    /// An agent calling a tool calling an agent…: deeper than this is a loop.
    package static let callDepthMax = 16
    /// Host-service requests of one call that are under way at once.
    package static let serviceRequestsPerCallMax = 64

    // MARK: Flows

    package static let flowStepsMax = 20_000
    package static let forEachItemsMax = 100_000
    /// Evaluation steps of one expression; CEL is total, this makes it bounded too.
    package static let expressionCostMax = 1_000_000
    package static let expressionBytesMax = 16 << 10
    package static let expressionDepthMax = 64

    // MARK: Store

    /// Payloads up to this size live in the database, larger ones in files: SQLite's own crossover is near 100 KiB.
    package static let blobInlineBytesMax = 64 << 10
    package static let artifactFileBytesMax = 1 << 30

    // MARK: Network

    /// Requests that one host has under way in the broker; each costs it a connection and some hundred kilobytes.
    package static let networkRequestsMax = 256
    /// One tenant's share of them, so that no tenant can keep the others from the network.
    package static let networkRequestsPerTenantMax = 64
    /// Connections to one host and port: what two tenants can use, so that one tenant's streams leave room for others.
    package static let networkConnectionsPerHostMax = 128
    /// One frame between host and broker: a request's body comes in one piece (`serviceRequestBytesMax`) with its head.
    package static let brokerFrameBytesMax = 2 << 20
    /// Bytes the host queues towards a broker that does not read, before it ends the broker.
    package static let brokerQueueBytesMax = 32 << 20
    /// One response's body, decoded. It becomes a value in the journal; larger things belong into files.
    package static let httpBodyBytesMax = 16 << 20
    /// All headers of a response, interim ones included. Servers rarely send more than 8 KiB.
    package static let httpHeaderBytesMax = 64 << 10
    package static let httpHeadersMax = 128
    package static let httpURLBytesMax = 8 << 10
    /// Decoded bytes for each byte received, beyond the first megabyte. Text compresses 5 to 50 times, a bomb 1,000.
    package static let httpDecodeRatioMax = 100
    package static let httpRedirectsMax = 5
    /// One event of an event stream, as JSON: below what a worker takes as one event of a service.
    package static let httpEventBytesMax = 128 << 10
    /// Bytes of events that the broker may have sent and the plugin not taken; then it stops reading from the peer.
    package static let httpEventWindowBytes = 512 << 10
    /// The longest a request may take, whatever it asks for.
    package static let httpSecondsMax = 3600
    /// A secret's value: keys and tokens, not documents.
    package static let secretBytesMax = 16 << 10
    /// A file of certificates; Debian's bundle has 220 KiB.
    package static let certificateBytesMax = 4 << 20

    // MARK: Control socket

    package static let controlMessageBytesMax = 128 << 20
    package static let controlClientsMax = 256
}
