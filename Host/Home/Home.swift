// SPDX-License-Identifier: Apache-2.0
// Home: the folder in which a host keeps everything it knows, and how it was chosen. `corral doctor` prints both.

import CorralBase
import Glibc

/// The folder of one host's data: databases, tenants, artifacts, the lock and the control socket.
package struct Home: Sendable, Equatable {
    /// Absolute, without a trailing slash.
    package let path: String
    /// Why it is this folder, for people: `--home`, `CORRAL_HOME is set`, `nearest .corral above "/src/a"`…
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The folder people work in: it holds corral.yaml, config/, plugins.d/ and flows/. The folder around a `.corral`,
    /// else the home itself.
    package var project: String {
        path.hasSuffix("/.corral") ? String(path.dropLast("/.corral".utf8.count)).orRoot : path
    }

    package var configuration: String { project.joined("corral.yaml") }
    package var plugins: String { project.joined("plugins.d") }
    package var flows: String { project.joined("flows") }
    package var tenants: String { path.joined("tenants") }
    /// Where the running host of this home listens.
    package var controlSocket: String { path.joined("control.sock") }
    package var lock: String { path.joined("host.lock") }
}

/// What the choice of a home depends on; passed in so that tests decide it.
package struct HomeSurroundings: Sendable {
    /// The value of `--home`.
    package var option: String?
    package var variables: [String: String]
    /// Absolute.
    package var workingDirectory: String
    /// Whether root's service manager started this process, or `--service` says so.
    package var isService: Bool

    package init(option: String? = nil, variables: [String: String], workingDirectory: String, isService: Bool = false)
    {
        self.option = option
        self.variables = variables
        self.workingDirectory = workingDirectory
        self.isService = isService
    }

    /// systemd names the process it started itself (systemd.exec(5), since 248). `INVOCATION_ID` would not do: shells
    /// below a service inherit it.
    package static func isStartedByServiceManager(_ variables: [String: String]) -> Bool {
        geteuid() == 0 && variables["SYSTEMD_EXEC_PID"] == String(getpid())
    }
}

extension Home {
    /// The home: `--home`, `$CORRAL_HOME`, the nearest folder `.corral` from the working directory upwards, else
    /// `/var/lib/corral` for a service and the XDG data folder for everyone else. Creates nothing.
    /// - Throws: `home_unusable` when there is nowhere to put one.
    package static func resolve(_ around: HomeSurroundings) throws(CorralError) -> Home {
        if let option = around.option {
            return Home(path: option.absolute(from: around.workingDirectory), reason: "named by --home")
        }
        if let variable = around.variables["CORRAL_HOME"], !variable.isEmpty {
            return Home(path: variable.absolute(from: around.workingDirectory), reason: "CORRAL_HOME is set")
        }
        if let found = nearest(from: around.workingDirectory) {
            return Home(path: found, reason: "nearest .corral at or above \"\(around.workingDirectory)\"")
        }
        if around.isService { return Home(path: "/var/lib/corral", reason: "started as a service") }
        return try dataFolder(around.variables)
    }

    private static func nearest(from directory: String) -> String? {
        var folder = directory
        while true {
            let candidate = folder.joined(".corral")
            if isFolder(candidate) { return candidate }
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
            folder = String(folder[..<slash]).orRoot
        }
    }

    /// XDG Base Directory Specification 0.8: a relative path in the variable is ignored.
    private static func dataFolder(_ variables: [String: String]) throws(CorralError) -> Home {
        let place = "no .corral above the working directory"
        if let data = variables["XDG_DATA_HOME"], data.hasPrefix("/") {
            return Home(path: data.absolute(from: "/").joined("corral"), reason: "XDG_DATA_HOME is set; \(place)")
        }
        guard let user = variables["HOME"], user.hasPrefix("/") else { throw .noPlaceForHome() }
        let path = user.absolute(from: "/").joined(".local/share/corral")
        return Home(path: path, reason: "the user's data folder; \(place)")
    }
}

// MARK: Paths

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

extension String {
    func joined(_ name: String) -> String { self == "/" ? "/\(name)" : "\(self)/\(name)" }

    var orRoot: String { isEmpty ? "/" : self }

    /// The path with `.` and `..` resolved as text, and without a trailing slash.
    func absolute(from directory: String) -> String {
        var parts: [Substring] = []
        for part in (hasPrefix("/") ? self : "\(directory)/\(self)").split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
