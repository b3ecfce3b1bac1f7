// SPDX-License-Identifier: Apache-2.0
// NetworkComposition: from the sections `network` and `secrets` to the broker's client and the service that uses it.

import CorralBase
import CorralBroker
import CorralConfig
import CorralSandbox
import CorralServices
import CorralSupervision
import Foundation
import Logging

/// The host's way to the network. One for the whole host.
struct NetworkComposition: Sendable {
    let broker: BrokerClient
    let vault: SecretVault
    private let lane: Lane

    /// The service `corral.host.http/1`.
    var http: HTTPService { HTTPService(broker: broker, vault: vault, clock: SystemClock()) }

    /// The service `corral.host.smtp/1`.
    var mail: MailService { MailService(broker: broker, vault: vault, clock: SystemClock()) }

    /// - Throws: `lane_failed`. A file of certificates that cannot be read is logged: less is trusted then, not more.
    init(_ configuration: LoadedConfiguration, sandbox: SpawnerBrokerLauncher, log: Logger) throws {
        lane = try Lane(name: "broker")
        let settings = NetworkSettings(
            proxy: configuration.networkProxy, withoutProxy: configuration.networkExceptions,
            certificates: Self.certificates(configuration.certificateFile, log))
        broker = BrokerClient(
            lane: lane, launcher: sandbox, settings: settings
        ) { log.warning("\($0)") }
        vault = SecretVault(
            configuration.secrets.compactMap(SecretBinding.init), environment: ProcessInfo.processInfo.environment)
    }

    func shutDown() async {
        await broker.shutDown()
        lane.stop()
    }

    private static func certificates(_ file: String?, _ log: Logger) -> [UInt8] {
        for file in file == nil ? [nil] : [file, nil] {
            do throws(CorralError) {
                let certificates = try NetworkSettings.certificates(file: file)
                if certificates.isEmpty {
                    log.warning("this machine has no file of certificates, so no https request can succeed")
                }
                return certificates
            } catch { log.warning("\(error.message): \(error.cause ?? "")") }
        }
        return []
    }
}

extension SecretBinding {
    /// The schema has checked the texts; nil only satisfies the compiler.
    init?(_ setting: SecretSetting) {
        guard let source = Source(setting.from), let place = Place(setting.scheme) else { return nil }
        self.init(name: setting.name, source: source, hosts: setting.hosts, place: place, tenants: setting.tenants)
    }
}
