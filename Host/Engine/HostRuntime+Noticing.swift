// SPDX-License-Identifier: Apache-2.0
// HostRuntime+Noticing: what others change by hand is recorded when the host sees it: plugins that come, change and go, with
// what they ask for, and sections of configuration files. Who did it the host does not know.

import CorralBase
import CorralCatalog
import CorralIdentity
import CorralStore

extension HostRuntime {
    /// Compares the configuration with what it was when the host last looked.
    /// - Parameters:
    ///   - tenant: nil for the operator's files.
    ///   - isOurs: whether the host has just written it, for somebody whom the log names already.
    func noticeConfiguration(of tenant: TenantID? = nil, isOurs: Bool = false) async {
        guard let sections = try? options.sections(tenant) else { return }
        let digests = sections.mapValues { ContentHash(of: Array($0.utf8)).hex }
        await notice(.configuration(tenant), digests) { change in
            guard !isOurs else { return nil }
            return AuditDraft(
                action: "configuration.\(change.kind.rawValue)", outcome: .noticed, tenant: tenant, subject: change.name
            )
        }
    }

    /// - Parameter tenant: nil for the folders of all tenants.
    func noticePlugins(of tenant: TenantID?, _ snapshot: CatalogSnapshot) async {
        let entries = snapshot.entries
        let digests = Dictionary(
            entries.map { id, entry in
                let asked = Array("\(entry.digest)\n\(entry.requested)\n".utf8) + entry.configuration
                return (id.text, ContentHash(of: asked).hex)
            }, uniquingKeysWith: { first, _ in first })
        let details = Dictionary(
            entries.map { id, entry in
                let detail: JSON = [
                    "version": .string("\(entry.manifest.version)"), "digest": .string("\(entry.digest)"),
                    "file": .string(entry.source),
                ]
                return (id.text, detail)
            }, uniquingKeysWith: { first, _ in first })
        await notice(.plugins(tenant), digests) { change in
            AuditDraft(
                action: "plugin.\(change.kind.rawValue)", outcome: .noticed, tenant: tenant, subject: change.name,
                detail: details[change.name] ?? [:])
        }
    }

    /// What cannot be recorded stops nobody who only dropped a file, but the host's log says so.
    private func notice(
        _ kind: Noticed, _ now: [String: String], _ draft: @escaping @Sendable (NoticedChange) -> AuditDraft?
    ) async {
        do {
            try await store.notice(kind, now, draft)
        } catch {
            log.warning("a change of \(kind.text) could not be recorded: \(error)")
        }
    }
}
