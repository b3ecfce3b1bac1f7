// SPDX-License-Identifier: Apache-2.0
// ConfigurationEnvironment: what values may refer to and need from outside, passed in so that tests decide it.

import Glibc

/// The variables and programs of the process that loads a configuration.
package struct ConfigurationEnvironment: Sendable {
    package let variables: [String: String]
    private let hasCommand: @Sendable (String) -> Bool

    /// - Parameter hasCommand: whether a program of this name can be started; by default looked up in `PATH`.
    package init(variables: [String: String], hasCommand: (@Sendable (String) -> Bool)? = nil) {
        self.variables = variables
        let path = variables["PATH"] ?? ""
        self.hasCommand = hasCommand ?? { isExecutable($0, path: path) }
    }

    /// The content of a variable. Secrets have none in this version: there is no store to take them from.
    func value(of reference: Reference) -> String? {
        switch reference {
        case .variable(let name): variables[name]
        case .secret: nil
        }
    }

    func has(_ need: Need, value: String) -> Bool {
        switch need.test {
        case .variable(let name): variables[name]?.isEmpty == false
        case .command(let name): hasCommand(name)
        case .commandNamedByValue: hasCommand(value)
        }
    }
}

private func isExecutable(_ command: String, path: String) -> Bool {
    if command.contains("/") { return access(command, X_OK) == 0 }
    return path.split(separator: ":").contains { access("\($0)/\(command)", X_OK) == 0 }
}
