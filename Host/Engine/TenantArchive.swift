// SPDX-License-Identifier: Apache-2.0
// TenantArchive: a removed tenant in one file, written by the system's tar: it stores links as links, never opens a pipe
// or a device, and keeps the holes of sparse files.

import CorralBase
import CorralSocket
import CorralWire
import Foundation
import Glibc

struct TenantArchive {
    let home: String

    /// Blocks while tar works.
    /// - Returns: nil for the path when the tenant has no folder.
    /// - Throws: `tenant_archive_failed`; the tenant is then as it was.
    func store(_ tenant: TenantID, at now: Int64) throws(CorralError) -> (String?, Int64) {
        guard access("\(home)/tenants/\(tenant)", F_OK) == 0 else { return (nil, 0) }
        let folder = home + "/archive"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failed(tenant, errorText(errno)) }
        let packer = Self.packers.first { access($0.program, X_OK) == 0 }
        guard let packer else { throw failed(tenant, "neither zstd nor gzip is installed") }
        let path = Self.free("\(folder)/\(Self.name(of: tenant, now))", ".tar.\(packer.ending)")
        let draft = path + ".part"
        defer { unlink(draft) }
        let status = try run(
            ["tar", "--create", "--sparse", packer.option, "--file", draft, "--", tenant.text], tenant)
        guard status == 0 else { throw failed(tenant, "tar ended with status \(status)") }
        chmod(draft, 0o600)
        guard rename(draft, path) == 0 else { throw failed(tenant, errorText(errno)) }
        var information = stat()
        lstat(path, &information)
        return (path, Int64(information.st_size))
    }

    /// What an archive's name begins with, and that of its key.
    static func name(of tenant: TenantID, _ now: Int64) -> String { "\(tenant)-\(stamp(now))" }

    /// A tenant of the same name may have been removed within the same second.
    private static func free(_ path: String, _ ending: String) -> String {
        let names = [path + ending] + (2...100).map { "\(path)-\($0)\(ending)" }
        return names.first { access($0, F_OK) != 0 } ?? path + ending
    }

    private static let packers = [
        (program: "/usr/bin/zstd", option: "--zstd", ending: "zst"),
        (program: "/usr/bin/gzip", option: "--gzip", ending: "gz"),
        (program: "/bin/gzip", option: "--gzip", ending: "gz"),
    ]

    private func run(_ arguments: [String], _ tenant: TenantID) throws(CorralError) -> Int32 {
        let status = withCStrings(arguments) { arguments in
            withCStrings(["PATH=/usr/bin:/bin", "LC_ALL=C"]) { environment in
                corral_run_alone("/usr/bin/tar", arguments, environment, home + "/tenants")
            }
        }
        guard status >= 0 else { throw failed(tenant, "cannot start /usr/bin/tar: \(errorText(-status))") }
        return status
    }

    /// `20261125T221500Z`.
    private static func stamp(_ nanoseconds: Int64) -> String {
        let format = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        return Date(timeIntervalSince1970: Double(nanoseconds) / 1e9).formatted(format)
    }

    private func failed(_ tenant: TenantID, _ cause: String) -> CorralError { .tenantArchiveFailed(tenant, cause) }
}

private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(&pointers)
}
