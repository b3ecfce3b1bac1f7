// SPDX-License-Identifier: Apache-2.0
// TenantConfigurations: from the operator's files and a tenant's own to what the engine and the sandbox are told. The only
// place where the three meet.

import CorralBase
import CorralConfig
import CorralControl
import CorralEngine
import CorralHome
import CorralSandbox
import CorralStore
import Foundation

struct TenantConfigurations: Sendable {
    let home: Home
    /// Exactly this isolation for every tenant; nil = the best there is.
    var level: IsolationLevel?

    /// - Parameter tenant: with the tenant's own file over it; nil for the host's.
    /// - Throws: `configuration_has_mistakes`.
    func load(of tenant: TenantID? = nil) throws -> LoadedConfiguration {
        do {
            return try Configuration.load(
                directory: home.project, overlays: tenant.map { [overlay(of: $0)] } ?? [], environment: environment)
        } catch {
            throw CorralError.configurationHasMistakes(error)
        }
    }

    /// - Throws: `configuration_has_mistakes`, `tenant_folder_refused`.
    func settings(of tenant: TenantID) throws -> EngineSettings {
        let configuration = try load(checking: tenant)
        var settings = EngineSettings()
        settings.stepTimeout = configuration.stepTimeout
        settings.durability = configuration.durability
        settings.grants = configuration.grantPolicy
        settings.programs = configuration.programs
        settings.evaluation = configuration.evaluation
        settings.notifications = configuration.notifications
        settings.scanning = configuration.scanPolicy
        settings.equalCallsMax = configuration.equalCallsMax == 0 ? nil : configuration.equalCallsMax
        settings.promptLabel = configuration.promptLabel
        settings.promptsLearn = configuration.promptsLearn
        settings.limits = configuration.tenantLimits
        settings.isolationMinimum = configuration.isolationMinimum
        settings.allowsCustomAgents = configuration.allowsCustomAgents
        settings.memory = configuration.memorySettings
        settings.exportsSpans = configuration.exportsSpans
        settings.tracers = configuration.tracers
        settings.own = configuration.values(from: overlay(of: tenant)).map { OwnSetting(path: $0, value: $1) }
        return settings
    }

    /// What the kernel holds the tenant's workers to.
    func policy(of tenant: TenantID) throws -> SandboxPolicy {
        let configuration = try load(checking: tenant)
        return SandboxPolicy(
            minimum: configuration.isolationMinimum, level: level,
            limits: ResourceLimits(configuration.tenantLimits))
    }

    /// Changes the tenant's own file.
    /// - Throws: every mistake; nothing is written then.
    func change(_ request: TenantChangeRequest) throws {
        let change = OverlayChange(set: request.set.map { ($0.path, $0.value) }, unset: request.unset)
        _ = try Configuration.change(
            change, directory: home.project, file: overlay(of: request.tenant), environment: environment)
    }

    /// The sections of the operator's files by name, or a tenant's own file.
    func sections(of tenant: TenantID?) throws -> [String: String] {
        guard let tenant else { return try load().sectionTexts }
        try TenantFolder.check(TenantStore.folder(home: home.path, tenant: tenant))
        guard let content = FileManager.default.contents(atPath: overlay(of: tenant)) else { return [:] }
        return ["corral.yaml": String(decoding: content, as: UTF8.self)]
    }

    /// Another text after every change of the tenant's file.
    func mark(of tenant: TenantID) -> String {
        var status = stat()
        guard lstat(overlay(of: tenant), &status) == 0 else { return "none" }
        return "\(status.st_ino)/\(status.st_size)/\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    private func load(checking tenant: TenantID) throws -> LoadedConfiguration {
        try TenantFolder.check(TenantStore.folder(home: home.path, tenant: tenant))
        return try load(of: tenant)
    }

    private func overlay(of tenant: TenantID) -> String { "\(home.tenants)/\(tenant)/corral.yaml" }

    private var environment: ConfigurationEnvironment {
        ConfigurationEnvironment(variables: ProcessInfo.processInfo.environment)
    }
}

extension ResourceLimits {
    /// Fewer threads than the kernel's bound are the host's to count: it can say whose they are.
    init(_ limits: TenantLimits) {
        self.init()
        // A process that reaches the tenant's memory must see an error from malloc before the machine sees pressure.
        // Beside the heap, address space holds the libraries and the stacks of threads, mostly never touched.
        if let bytes = limits[.memoryBytes] {
            addressSpaceBytes = UInt64(clamping: bytes) + Self.besidesMemoryBytes
            memoryBytes = UInt64(clamping: bytes)
        }
        if let percent = limits[.processorPercent] { processors = Double(percent) / 100 }
        if let most = limits[.processes] { processes = max(processes, UInt64(clamping: most)) }
        if let files = limits[.openFiles] { openFiles = UInt64(clamping: files) }
        if let bytes = limits[.fileBytes] { fileBytes = UInt64(clamping: bytes) }
    }

    private static let besidesMemoryBytes: UInt64 = 1 << 30
}
