// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// The benchmarks measure the host's own modules, in release, without `package` access being widened for them: the
// package has the host's name and compiles the same folders, through the link Host. `make bench` runs them.

import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let lld: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let pluginHeaders = Target.Dependency.product(name: "CCorral", package: "PluginSDK")
let toolchain = Target.Dependency.product(name: "CCorralToolchain", package: "PluginSDK")

func host(
    _ name: String, _ folder: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Host/\(folder)", exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "Corral",
    dependencies: [
        .package(path: "../../PluginSDK"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // As in the package above; what the benchmarks do not measure is left out.
        host("CorralBase", "Base"),
        host("CorralDocument", "Document", ["CorralBase", yaml]),
        host("CorralExpression", "Expression", ["CorralBase"]),
        host("CorralFlow", "Flow", ["CorralBase", "CorralExpression", "CorralDocument"]),
        .target(name: "CorralSocket", path: "Host/Wire/Socket"),
        host("CorralWire", "Wire", ["CorralBase", "CorralSocket"], exclude: ["Socket"]),
        host("CorralIdentity", "Identity", ["CorralBase"]),
        host("CorralStore", "Store", ["CorralBase", "CorralIdentity", "CorralSocket", database, crypto]),
        host("CorralCatalog", "Catalog", ["CorralBase", "CorralDocument", crypto]),
        .systemLibrary(name: "CSpawnerProtocol", path: "Host/CSpawner/Protocol"),
        .executableTarget(
            name: "corral-spawner", path: "Host/CSpawner", exclude: ["Protocol"], linkerSettings: lld),
        host("CorralSandbox", "Sandbox", ["CorralBase", "CorralSocket", "CSpawnerProtocol"]),
        host(
            "CorralSupervision", "Supervision",
            ["CorralBase", "CorralSocket", "CorralWire", "CorralSandbox", "CorralCatalog"]),
        host("CorralPipeline", "Pipeline", ["CorralBase", "CorralWire", "CorralStore"]),
        host(
            "CorralBroker", "Broker",
            ["CorralBase", "CorralSandbox", "CorralSocket", "CorralSupervision", "CorralWire"],
            exclude: ["CCrypto", "CCurl", "Main", "Process"]),
        host(
            "CorralServices", "Services",
            ["CorralBase", "CorralBroker", "CorralPipeline", "CorralStore", "CorralWire"]),
        host("CorralControl", "Control", ["CorralBase", "CorralIdentity", "CorralWire"], exclude: ["Server"]),
        host(
            "CorralControlServer", "Control/Server", ["CorralBase", "CorralSocket", "CorralWire", "CorralControl"]),
        host(
            "CorralEngine", "Engine",
            [
                "CorralBase", "CorralCatalog", "CorralControl", "CorralControlServer", "CorralFlow", "CorralIdentity",
                "CorralPipeline", "CorralServices", "CorralSocket", "CorralStore", "CorralSupervision", "CorralWire",
                logging,
            ]),
        .systemLibrary(
            name: "CFFI", path: "Host/WorkerRuntime/FFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
        .target(name: "CorralWorkerShim", path: "Host/WorkerRuntime/Shim"),
        host(
            "CorralWorkerRuntime", "WorkerRuntime/Runtime",
            ["CorralBase", "CorralSocket", "CorralWire", "CorralWorkerShim", "CFFI", pluginHeaders, toolchain]),
        .executableTarget(
            name: "corral-worker", dependencies: ["CorralWorkerRuntime"], path: "Host/WorkerRuntime/Main",
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-use-ld=lld", "-Xlinker", "--export-dynamic-symbol=open"])]),

        // The floors, in C.
        .target(name: "CFloor", path: "Floor"),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CFloor", "CorralBase", "CorralCatalog", "CorralControl", "CorralEngine", "CorralPipeline",
                "CorralSandbox", "CorralStore", "CorralSupervision", "CorralWire", "corral-spawner", "corral-worker",
                logging,
            ],
            path: "Sources", swiftSettings: strict, linkerSettings: lld),
    ],
    swiftLanguageModes: [.v6]
)
