// SPDX-License-Identifier: Apache-2.0
// MemoryConfiguration: the section `memory` in typed form.

import CorralBase

extension LoadedConfiguration {
    /// `memory`. Without the section the defaults hold: agents can remember as soon as a backend is installed.
    package var memorySettings: MemorySettings {
        var settings = MemorySettings()
        settings.isEnabled = node(at: "memory").map(isOn) ?? true
        settings.backend = value("memory.backend")?.stringValue
        for layer in MemoryLayer.allCases {
            let text = value("memory.layers.\(layer.rawValue).retention")?.stringValue
            if let retention = text.flatMap(MemoryRetention.init) { settings.retention[layer] = retention }
        }
        settings.isSharedByAgents = value("memory.sharing.cross_agent") == .bool(true)
        settings.isSharedBySessions = value("memory.sharing.cross_session") != .bool(false)
        settings.relevanceThreshold =
            value("memory.retrieval.relevance_threshold")?.doubleValue ?? settings.relevanceThreshold
        return settings
    }
}

extension LoadedConfiguration {
    /// Layers that ask for a kind of backend that no plugin offers: `memory.layers.*.type`.
    package var memoryFallbacks: [(layer: MemoryLayer, type: String)] {
        MemoryLayer.allCases.compactMap { layer in
            guard let type = value("memory.layers.\(layer.rawValue).type")?.stringValue, type != "sqlite" else {
                return nil
            }
            return (layer, type)
        }
    }

    /// `memory.retrieval.semantic_search`.
    package var wantsSemanticSearch: Bool { value("memory.retrieval.semantic_search") == .bool(true) }

    var memoryRows: [CheckRow] {
        guard isOn("memory") else { return [] }
        var rows = memoryFallbacks.map { layer, type in
            let path = "memory.layers.\(layer.rawValue).type"
            return CheckRow(
                setting: "\(path): \(type)", state: .degraded,
                reason: "no plugin keeps memory in \(type); the backend that is there keeps this layer too",
                fix: "see which: corral plugin list", location: node(at: path)?.location)
        }
        if wantsSemanticSearch {
            let path = "memory.retrieval.semantic_search"
            rows.append(
                CheckRow(
                    setting: "\(path): true", state: .degraded,
                    reason: "there is no embedder; search is by keywords, ranked by BM25", fix: nil,
                    location: node(at: path)?.location))
        }
        return rows
    }
}

extension MemoryRetention {
    /// The schema has checked the text; nil only satisfies the compiler.
    fileprivate init?(_ text: String) {
        switch text {
        case "current_session": self = .currentSession
        case "forever": self = .forever
        default:
            guard let duration = DurationText.parse(text) else { return nil }
            self = .milliseconds(Int64(duration / .milliseconds(1)))
        }
    }
}

extension LoadedConfiguration {
    /// Whether finished spans go to tracers: `observability.enabled`.
    package var exportsSpans: Bool { node(at: "observability").map(isOn) ?? true }
    /// `observability.tracers`; nil = all that are installed.
    package var tracers: [String]? { value("observability.tracers")?.arrayValue?.compactMap(\.stringValue) }
}
