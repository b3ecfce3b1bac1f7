// SPDX-License-Identifier: Apache-2.0
// Options: what several verbs share.

import ArgumentParser
import CorralBase
import CorralHome
import Foundation

package struct HomeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The home to use; `corral doctor` says which it is otherwise.", valueName: "dir"))
    package var home: String?

    package init() {}

    /// - Throws: `home_unusable`.
    package func resolve() throws -> Home {
        let variables = ProcessInfo.processInfo.environment
        return try Home.resolve(
            HomeSurroundings(
                option: home, variables: variables, workingDirectory: Path.workingDirectory,
                isService: HomeSurroundings.isStartedByServiceManager(variables)))
    }
}

struct TenantOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Whose runs and plugins.", valueName: "tenant"))
    var tenant = "default"

    /// - Throws: `identifier_invalid`.
    func resolve() throws -> TenantID { try TenantID(tenant) }
}

struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON for scripts.")
    var json = false
}

/// Reads options of the form `key=value`.
func keyValue(_ text: String, option: String) throws -> (String, String) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
        throw CorralError.usage("\(option) \"\(text)\" is not of the form key=value", hint: "write \(option) key=value")
    }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
}

/// The examples a verb's help opens with.
package func examples(_ lines: String...) -> String {
    (["Examples:"] + lines.map { "  " + $0 }).joined(separator: "\n")
}

extension IsolationLevel: ExpressibleByArgument {}
