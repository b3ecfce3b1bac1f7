// SPDX-License-Identifier: Apache-2.0
// CheckRig: where a plugin is checked: which library, in which worker, behind which sandbox.

import CorralBase
import CorralSandbox
import CorralSupervision
import CorralWire

package struct CheckRig: Sendable {
    /// Absolute path of the library.
    package let library: String
    private let launcher: any WorkerLauncher
    private let generation = LaunchCount()
    private let scratch = CheckScratch()

    /// Calls a worker is told to run at once.
    static let callsMax = 16
    /// A sample that takes longer is no sample.
    static let callPatience: Duration = .seconds(10)
    /// From a cancellation to the end of a call, as the host waits before it kills.
    static let grace: Duration = .seconds(2)

    package init(library: String, launcher: any WorkerLauncher) {
        self.library = library
        self.launcher = launcher
    }

    /// A rig of its own spawner.
    package init(library: String, spawner: String, worker: String) {
        self.init(
            library: library,
            launcher: SpawnerLauncher(spawner: Spawner(executable: spawner), workerExecutable: worker))
    }

    var key: WorkerKey {
        WorkerKey(tenant: .system, compartment: CompartmentID("check"), generation: generation.current)
    }

    func launch(
        _ ends: WorkerEnds, storage: StorageFolder?, onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(CorralError) -> LaunchedWorker {
        generation.advance()
        let folder = library.lastIndex(of: "/").map { String(library[..<$0]) } ?? "/"
        return try await launcher.launch(
            WorkerLaunch(key: key, readable: [folder], storage: storage, ends: ends), onExit: onExit)
    }

    // MARK: Loads

    func probe() -> LoadMessage {
        LoadMessage(plugin: 1, form: .plugin, path: library, isProbe: true)
    }

    func load(_ configuration: [UInt8], services: [String] = [], storage: String = "") -> LoadMessage {
        LoadMessage(
            plugin: 1, form: .plugin, path: library, isProbe: false, configuration: configuration, services: services,
            storage: storage)
    }

    /// An empty folder that goes with the rig.
    /// - Throws: `check_unavailable`.
    func storageFolder(for plugin: PluginID) throws(CorralError) -> StorageFolder {
        StorageFolder(root: try scratch.folder(), plugin: plugin)
    }

    /// - Parameter number: of the plugin in its worker, not used for any other load there.
    func rehearsal(_ name: String, number: UInt32 = 2) -> LoadMessage {
        LoadMessage(plugin: number, form: .rehearsal, path: library, isProbe: true, native: Array(name.utf8))
    }
}
