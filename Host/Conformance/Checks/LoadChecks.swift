// SPDX-License-Identifier: Apache-2.0
// LoadChecks: what can be seen of a library before anything is called: its file, its entry point, its manifest.

import CorralBase
import CorralCatalog
import Glibc

struct LoadChecks {
    let rig: CheckRig

    /// An entry point does no I/O and starts nothing; a cold disk and a busy machine are allowed for.
    private static let entryMax: Duration = .seconds(1)

    func entry() throws -> Verdict {
        let loaded = try CheckWorker(rig).load(rig.probe())
        guard loaded.took <= Self.entryMax else {
            return .failed("loading it took \(shown(loaded.took)), at most \(shown(Self.entryMax)) is allowed")
        }
        return .passed("loaded in \(shown(loaded.took))")
    }

    func exports() throws -> Verdict {
        let image = try image()
        let others = image.exports.filter { $0 != ELFImage.entrySymbol }
        guard image.exports.contains(ELFImage.entrySymbol) else {
            return .failed("it does not export \(ELFImage.entrySymbol)")
        }
        guard others.isEmpty else {
            let named = others.prefix(5).joined(separator: ", ") + (others.count > 5 ? ", …" : "")
            return .failed(
                "it also exports \(others.count) other symbol\(others.count == 1 ? "" : "s"): \(named); "
                    + "link with the version script of the templates (plugin.map) or -fvisibility=hidden")
        }
        return .passed("")
    }

    private func image() throws -> ELFImage {
        guard let file = fopen(rig.library, "re") else { throw Fault("it cannot be read") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= Limits.pluginFileBytesMax else {
                throw Fault("it is larger than \(Limits.pluginFileBytesMax) bytes")
            }
        }
        do {
            return try bytes.withUnsafeBytes { try ELFImage($0, path: rig.library) }
        } catch let error as CorralError {
            throw Fault(error.message)
        }
    }

    func manifest() throws -> Verdict {
        let loaded: CheckWorker.Loaded
        do { loaded = try CheckWorker(rig).load(rig.probe()) } catch let fault as Fault {
            return .skipped("it does not load: \(fault.words)")
        } catch let lost as CheckWorker.Lost {
            return .skipped("it does not load: \(lost.cause)")
        }
        let manifest: PluginManifest
        do throws(CorralError) {
            manifest = try PluginManifest(parsing: loaded.manifest, source: rig.library)
        } catch {
            return .failed(([error.message] + (error.cause.map { [$0] } ?? [])).joined(separator: ": "))
        }
        var mistakes: [String] = []
        func review(_ schema: JSON, _ path: String) { mistakes += SchemaReview.mistakes(schema, at: path) }
        if let agent = manifest.agent {
            review(agent.input, "agent.input")
            review(agent.output, "agent.output")
        }
        for tool in manifest.tools {
            review(tool.input, "tools.\(tool.name).input")
            review(tool.output, "tools.\(tool.name).output")
        }
        guard mistakes.isEmpty else { return .failed(mistakes.joined(separator: "; ")) }
        return .passed("\(manifest.id) \(manifest.version)")
    }
}

/// `12.3 ms`.
func shown(_ duration: Duration) -> String {
    let milliseconds = Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
    let tenths = Int64((milliseconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) ms"
}
