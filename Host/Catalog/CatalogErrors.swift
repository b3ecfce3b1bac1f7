// SPDX-License-Identifier: Apache-2.0
// CatalogErrors: every error text of this module.

import CorralBase

extension ErrorCode {
    package static let catalogueUnreadable = ErrorCode(400, "catalogue_unreadable")
    package static let pluginFileRefused = ErrorCode(401, "plugin_file_refused")
    package static let pluginNotELF = ErrorCode(402, "plugin_not_elf")
    package static let pluginWrongArchitecture = ErrorCode(403, "plugin_wrong_architecture")
    package static let pluginNotALibrary = ErrorCode(404, "plugin_not_a_library")
    package static let pluginMissingDependency = ErrorCode(405, "plugin_missing_dependency")
    package static let pluginNoEntryPoint = ErrorCode(406, "plugin_no_entry_point")
    package static let pluginProbeCrashed = ErrorCode(407, "plugin_probe_crashed")
    package static let pluginProbeHung = ErrorCode(408, "plugin_probe_hung")
    package static let pluginManifestInvalid = ErrorCode(409, "plugin_manifest_invalid")
    package static let pluginWrongABI = ErrorCode(410, "plugin_wrong_abi")
    package static let pluginWrongToolchain = ErrorCode(411, "plugin_wrong_toolchain")
    package static let pluginIDConflict = ErrorCode(412, "plugin_id_conflict")
    package static let pluginSidecarInvalid = ErrorCode(413, "plugin_sidecar_invalid")
    package static let pluginChanged = ErrorCode(414, "plugin_changed")
    package static let pluginRefusedLoad = ErrorCode(415, "plugin_refused_load")
    package static let pluginMissingExtension = ErrorCode(416, "plugin_missing_extension")
    package static let nativeSymbolMissing = ErrorCode(417, "native_symbol_missing")
    package static let nativeSignatureInvalid = ErrorCode(418, "native_signature_invalid")
    package static let pluginUnknown = ErrorCode(419, "plugin_unknown")
    package static let toolUnknown = ErrorCode(420, "tool_unknown")
    package static let pluginCannotOpen = ErrorCode(421, "plugin_cannot_open")
    package static let pluginDamaged = ErrorCode(422, "plugin_damaged")
    package static let catalogueCopyFailed = ErrorCode(423, "catalogue_copy_failed")
    package static let pluginFolderUnclear = ErrorCode(424, "plugin_folder_unclear")
    package static let toolsFileInvalid = ErrorCode(425, "tools_file_invalid")
    package static let pluginNotAnAgent = ErrorCode(426, "plugin_not_an_agent")
    package static let pluginBadDescriptor = ErrorCode(427, "plugin_bad_descriptor")
    package static let pluginBeingWritten = ErrorCode(435, "plugin_being_written")
    package static let pluginShadowsGlobal = ErrorCode(436, "plugin_shadows_global")
    package static let customAgentsOff = ErrorCode(437, "custom_agents_off")
    package static let pluginWrongKind = ErrorCode(900, "plugin_wrong_kind")
}

// MARK: Files

extension CorralError {
    package static func catalogueUnreadable(_ folder: String, _ cause: String) -> CorralError {
        CorralError(
            .catalogueUnreadable, "cannot read the plugins folder \"\(folder)\"",
            hint: "give the host's user read access: `chmod a+rx '\(folder)'`", cause: cause)
    }

    static func fileRefused(_ path: String, _ what: String, hint: String? = nil, cause: String? = nil) -> CorralError {
        CorralError(.pluginFileRefused, "cannot use \"\(path)\": \(what)", hint: hint, cause: cause)
    }

    static func copyFailed(_ path: String, to target: String, _ cause: String) -> CorralError {
        CorralError(
            .catalogueCopyFailed, "cannot copy \"\(path)\" into the plugin cache \"\(target)\"",
            hint: "look for a full disk or a missing permission: `df -h '\(target)'`", cause: cause)
    }

    static func folderUnclear(_ path: String, libraries: [String]) -> CorralError {
        let found = libraries.isEmpty ? "no .so file" : "\(libraries.count) .so files (\(listed(libraries)))"
        return CorralError(
            .pluginFolderUnclear,
            "cannot tell which library of the folder \"\(path)\" is the plugin: it holds \(found)",
            hint: "name the plugin's library lib.so and put libraries it needs into \"\(path)/lib\"")
    }
}

// MARK: ELF

extension CorralError {
    static func notELF(_ path: String, _ what: String) -> CorralError {
        CorralError(
            .pluginNotELF, "\"\(path)\" is not a shared library for Linux: it is \(what)",
            hint: "build a shared object, for example `cc -shared -fPIC -o plugin.so plugin.c`")
    }

    static func wrongArchitecture(_ path: String, file: String, host: String) -> CorralError {
        CorralError(
            .pluginWrongArchitecture, "\"\(path)\" was built for \(file), but this host runs on \(host)",
            hint: "build the plugin for \(host)")
    }

    static func notALibrary(_ path: String, _ what: String) -> CorralError {
        CorralError(
            .pluginNotALibrary, "\"\(path)\" is \(what), not a shared library",
            hint: "link it with `-shared` (C, C++), as a dynamic library product (Swift) or as a cdylib (Rust)")
    }

    static func damaged(_ path: String, _ what: String) -> CorralError {
        CorralError(
            .pluginDamaged, "\"\(path)\" is damaged: \(what)",
            hint: "copy or build it again; `readelf -Wl '\(path)'` shows what is there")
    }

    static func wrongToolchain(_ path: String, plugin: String, worker: String) -> CorralError {
        CorralError(
            .pluginWrongToolchain, "\"\(path)\" was built with \(plugin), but the host's workers with \(worker)",
            hint:
                "build the plugin with the toolchain of the host; Swift libraries of two toolchains cannot share a process"
        )
    }
}

// MARK: Loading

extension CorralError {
    static func loadProblem(_ problem: LoadProblem, source: String) -> CorralError {
        let detail = problem.detail.isEmpty ? nil : problem.detail
        func error(_ code: ErrorCode, _ message: String, hint: String? = nil) -> CorralError {
            CorralError(code, message, hint: hint, cause: detail)
        }
        switch problem.reason {
        case .cannotOpen:
            return error(
                .pluginCannotOpen, "cannot load \"\(source)\"", hint: "look at what it needs: `ldd '\(source)'`")
        case .missingDependency:
            return error(
                .pluginMissingDependency, "\"\(source)\" needs a library that is not installed",
                hint: "install the package that brings it, or put the library into the plugin folder's lib/")
        case .noEntryPoint:
            return error(
                .pluginNoEntryPoint, "\"\(source)\" does not export corral_plugin_entry, so it is no plugin",
                hint: "export the entry point (see corral/entry.h), or describe a C library in a .tools.yaml file")
        case .refusedByPlugin:
            return error(
                .pluginRefusedLoad, "the plugin in \"\(source)\" refused to be loaded",
                hint: "its log lines may say why: `corral plugin show`")
        case .activationFailed:
            return error(
                .pluginRefusedLoad, "the plugin in \"\(source)\" refused to start with its configuration",
                hint: "check the `config` section of its plugin.yaml")
        case .wrongABI: return error(.pluginWrongABI, "\"\(source)\" speaks another version of the plugin interface")
        case .manifestDiffers:
            return error(
                .pluginChanged, "the library of \"\(source)\" states another manifest than when it was checked",
                hint: "a manifest must be the same in every load; build the plugin again if it reads its surroundings")
        case .manifestTooLarge:
            return error(
                .pluginManifestInvalid, "the manifest of \"\(source)\" exceeds \(Limits.manifestBytesMax) bytes")
        case .missingExtension:
            return error(.pluginMissingExtension, "\"\(source)\" lacks an extension that its manifest provides")
        case .missingSymbol:
            return error(
                .nativeSymbolMissing, "\"\(source)\" names a function that the library does not have",
                hint: "list what it has: `nm -D --defined-only LIBRARY`")
        case .badSignature:
            return error(
                .nativeSignatureInvalid, "\"\(source)\" has a signature that cannot be read",
                hint: "write it like \"(x: f64, y: f64) -> f64\"")
        case .badDescriptor: return error(.pluginBadDescriptor, "the plugin in \"\(source)\" describes itself wrongly")
        case .crashed:
            return error(
                .pluginProbeCrashed, "\"\(source)\" crashed while it was loaded",
                hint: "run it under a debugger, or look at what its constructors and entry point do")
        case .hung:
            return error(
                .pluginProbeHung, "\"\(source)\" did not finish loading and was stopped",
                hint: "constructors and the entry point must not wait for anything")
        }
    }
}

// MARK: Manifests and names

extension CorralError {
    static func manifestInvalid(_ source: String, _ mistakes: [String]) -> CorralError {
        let count = mistakes.count == 1 ? "a mistake" : "\(mistakes.count) mistakes"
        let shown = mistakes.prefix(8).joined(separator: "; ") + (mistakes.count > 8 ? "; …" : "")
        return CorralError(
            .pluginManifestInvalid, "the manifest of \"\(source)\" has \(count): \(shown)",
            hint: "corral/plugin.h lists the members of a manifest")
    }

    static func manifestNotJSON(_ source: String, _ cause: String) -> CorralError {
        CorralError(
            .pluginManifestInvalid, "the manifest of \"\(source)\" is not JSON",
            hint: "corral/plugin.h lists the members of a manifest", cause: cause)
    }

    /// - Parameter kept: the file that had the id before the others came.
    static func idConflict(_ id: String, _ sources: [String], kept: String? = nil) -> CorralError {
        let files = sources.map { "\"\($0)\"" }.joined(separator: ", ")
        return CorralError(
            .pluginIDConflict,
            "plugin id \"\(id)\" is claimed by \(sources.count) files: \(files); "
                + (kept.map { "\"\($0)\" had it first and is used" } ?? "none is used"),
            hint: "remove all but one of them, or change the id in one manifest")
    }

    static func beingWritten(_ source: String) -> CorralError {
        CorralError(
            .pluginBeingWritten, "\"\(source)\" is being written: it counts once it is closed",
            hint: "wait for the copy to end, or look at who has it open: `fuser -v '\(source)'`", isRetryable: true)
    }

    static func customAgentsOff(_ source: String) -> CorralError {
        CorralError(
            .customAgentsOff, "\"\(source)\" is not used: this tenant may not bring plugins of its own",
            hint: "allow it in corral.yaml: multi_tenancy.tenant_config.allow_custom_agents")
    }

    package static func shadowsGlobal(_ id: String, _ source: String, global: String) -> CorralError {
        CorralError(
            .pluginShadowsGlobal,
            "\"\(source)\" claims the id \"\(id)\", which \"\(global)\" has for all tenants; it is not used",
            hint: "give the tenant's plugin an id of its own")
    }

    static func fileInvalid(_ code: ErrorCode, _ path: String, _ diagnostics: [Diagnostic]) -> CorralError {
        let errors = diagnostics.filter { $0.severity == .error }
        let count = errors.count == 1 ? "a mistake" : "\(errors.count) mistakes"
        let first = errors.first.map { ": line \($0.location.line): \($0.message)" } ?? ""
        return CorralError(code, "\"\(path)\" has \(count)\(first)", hint: errors.first?.suggestion)
    }

    static func pluginRemoved(_ id: String, source: String) -> CorralError {
        CorralError(
            .pluginUnknown, "no plugin \"\(id.prefix(128))\": \"\(source)\" was removed",
            hint: "put the file back to use it again; runs that had begun a step with it finish that step")
    }

    static func pluginUnknown(_ id: String, known: [String], problems: [ProblemEntry]) -> CorralError {
        let advice = didYouMean(id, among: known) ?? "list the plugins: `corral plugin list`"
        let broken = problems.isEmpty ? "" : " (\(problems.count) in the plugins folder cannot be used)"
        return CorralError(.pluginUnknown, "no plugin \"\(id.prefix(128))\"\(broken)", hint: advice)
    }

    static func notAnAgent(_ id: String, offers: [String]) -> CorralError {
        let tools = offers.isEmpty ? "no tools either" : "the tools \(listed(offers))"
        return CorralError(
            .pluginNotAnAgent, "plugin \"\(id)\" is not an agent; it offers \(tools)",
            hint: offers.first.map { "call a tool with `tool: \(id).\($0)`" })
    }

    static func notOfKind(_ id: String, _ kind: PluginKind, known: [String]) -> CorralError {
        let rest = known.isEmpty ? "no installed plugin is one" : "known: \(listed(known))"
        return CorralError(
            .pluginWrongKind, "plugin \"\(id)\" is not a \(kind.rawValue) of the operator's",
            hint: didYouMean(id, among: known) ?? "\(rest); it must lie in a plugins folder of the host's")
    }

    static func toolUnknown(_ name: String, plugin: String?, known: [String]) -> CorralError {
        let word = plugin.map { String(name.dropFirst($0.count + 1)) } ?? name
        let advice = didYouMean(word, among: known)
        let rest = known.isEmpty ? "there are no tools" : "known: \(listed(known))"
        let place = plugin.map { " in plugin \"\($0)\"" } ?? ""
        return CorralError(.toolUnknown, "no tool \"\(word.prefix(128))\"\(place)", hint: advice ?? rest)
    }
}

private func listed(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
}
