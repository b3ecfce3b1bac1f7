// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// ARCHITECTURE.md has a paragraph for each target and the table of arrows between them; a test compares it with this
// file. Folders do not carry the prefix that module names do.

import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A one-file edit links in about a second with lld, and in over twenty with the default linker.
let lld: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

/// A sandboxed Swift program shows libdispatch its own `open` (Host/WorkerRuntime/Shim/dispatch.c).
let sandboxedLinking: [LinkerSetting] = [
    .unsafeFlags(["-use-ld=lld", "-Xlinker", "--export-dynamic-symbol=open"])
]

/// A plugin exports its entry point alone and stays mapped: Swift code must not be unloaded.
let pluginLinking: [LinkerSetting] = [
    .unsafeFlags([
        "-use-ld=lld", "-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/exports.map", "-Xlinker", "-z",
        "-Xlinker", "nodelete",
    ])
]

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let sdk = Target.Dependency.product(name: "CorralSDK", package: "PluginSDK")
let pluginHeaders = Target.Dependency.product(name: "CCorral", package: "PluginSDK")
let toolchain = Target.Dependency.product(name: "CCorralToolchain", package: "PluginSDK")

func host(
    _ name: String, _ folder: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Host/\(folder)", exclude: exclude, swiftSettings: strict)
}

func program(
    _ name: String, _ folder: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
    linking: [LinkerSetting] = lld
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Host/\(folder)", exclude: exclude, swiftSettings: strict,
        linkerSettings: linking)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, resources: resources,
        swiftSettings: strict, linkerSettings: lld)
}

/// A plugin's logic, which tests import, and the target with nothing but its exported entry point.
func plugin(
    _ name: String, _ folder: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> [Target] {
    [
        .target(
            name: name, dependencies: dependencies + [sdk], path: "Plugins/\(folder)", exclude: ["Entry"] + exclude,
            swiftSettings: strict),
        .target(
            name: "\(name)Entry", dependencies: [.byName(name: name), sdk], path: "Plugins/\(folder)/Entry",
            swiftSettings: strict, linkerSettings: pluginLinking),
    ]
}

func library(_ name: String, _ target: String) -> Product {
    .library(name: name, type: .dynamic, targets: [target])
}

let package = Package(
    name: "Corral",
    products: [
        .executable(name: "corral", targets: ["corral"]),
        .executable(name: "corral-worker", targets: ["corral-worker"]),
        .executable(name: "corral-spawner", targets: ["corral-spawner"]),
        .executable(name: "corral-broker", targets: ["corral-broker"]),
        // One line a plugin; a test compares them with the folders and with the catalogue.
        library("corral-market-data", "MarketDataEntry"),
        library("corral-technical-analyst", "TechnicalAnalystEntry"),
        library("corral-backtester", "BacktesterEntry"),
        library("corral-risk-manager", "RiskManagerEntry"),
        library("corral-regime-analyst", "RegimeAnalystEntry"),
        library("corral-seasonality-analyst", "SeasonalityAnalystEntry"),
        library("corral-anomaly-auditor", "AnomalyAuditorEntry"),
        library("corral-portfolio-manager", "PortfolioManagerEntry"),
        library("corral-compliance-checker", "ComplianceCheckerEntry"),
        library("corral-report-writer", "ReportWriterEntry"),
        library("corral-file-facts", "FileFactsEntry"),
        library("corral-judge-rules", "JudgeRulesEntry"),
        library("corral-notifier-webhook", "NotifierWebhookEntry"),
        library("corral-notifier-email", "NotifierEmailEntry"),
        library("corral-breakout", "BreakoutEntry"),
        library("corral-scanner-sensitive", "SensitiveScannerEntry"),
        library("corral-memory-sqlite", "MemorySQLiteEntry"),
        library("corral-tracer-file", "TracerFileEntry"),
    ],
    dependencies: [
        .package(path: "PluginSDK"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // The host
        host("CorralBase", "Base"),
        host("CorralDocument", "Document", ["CorralBase", yaml]),
        host("CorralExpression", "Expression", ["CorralBase"]),
        host("CorralFlow", "Flow", ["CorralBase", "CorralExpression", "CorralDocument"]),
        .target(name: "CorralSocket", path: "Host/Wire/Socket"),
        host("CorralWire", "Wire", ["CorralBase", "CorralSocket"], exclude: ["Socket"]),
        host("CorralConfig", "Config", ["CorralBase", "CorralDocument", "CorralExpression"]),
        host("CorralHome", "Home", ["CorralBase"]),
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

        // What a plugin's author uses
        host(
            "CorralConformance", "Conformance",
            [
                "CorralBase", "CorralCatalog", "CorralSandbox", "CorralSocket", "CorralSupervision", "CorralWire",
            ]),
        host("CorralAuthor", "Author", ["CorralBase"]),

        host(
            "CorralCommand", "corral",
            [
                "CorralAuthor", "CorralBase", "CorralConfig", "CorralConformance", "CorralControl", "CorralFlow",
                "CorralHome", "CorralIdentity", "CorralSandbox", "CorralStore", "CorralWire", arguments,
            ],
            exclude: ["Main", "Serve"]),
        host(
            "CorralServe", "corral/Serve",
            [
                "CorralBase", "CorralBroker", "CorralCatalog", "CorralConfig", "CorralControl", "CorralControlServer",
                "CorralEngine", "CorralHome", "CorralSandbox", "CorralServices", "CorralStore", "CorralSupervision",
                logging,
            ]),
        program(
            "corral", "corral/Main",
            ["CorralBase", "CorralCommand", "CorralControl", "CorralHome", "CorralServe", arguments]),

        // The worker
        .systemLibrary(
            name: "CFFI", path: "Host/WorkerRuntime/FFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
        .target(name: "CorralWorkerShim", path: "Host/WorkerRuntime/Shim"),
        host(
            "CorralWorkerRuntime", "WorkerRuntime/Runtime",
            ["CorralBase", "CorralSocket", "CorralWire", "CorralWorkerShim", "CFFI", pluginHeaders, toolchain]),
        program("corral-worker", "WorkerRuntime/Main", ["CorralWorkerRuntime"], linking: sandboxedLinking),

        // The broker
        .systemLibrary(
            name: "CCurl", path: "Host/Broker/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CCrypto", path: "Host/Broker/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        host(
            "CorralBroker", "Broker",
            ["CorralBase", "CorralSandbox", "CorralSocket", "CorralSupervision", "CorralWire"],
            exclude: ["CCrypto", "CCurl", "Main", "Process"]),
        host(
            "CorralBrokerProcess", "Broker/Process", ["CCrypto", "CCurl", "CorralBase", "CorralSocket", "CorralWire"]),
        program(
            "corral-broker", "Broker/Main", ["CorralBrokerProcess", "CorralWorkerShim"], linking: sandboxedLinking),

        // What the market agents share
        .systemLibrary(name: "CZlib", path: "Plugins/Agents/Market/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "MarketBars", path: "Plugins/Agents/Market/Bars", swiftSettings: strict),

        // What scanners find things with
        .systemLibrary(
            name: "CVectorscan", path: "Plugins/Scanners/Sensitive/CVectorscan", pkgConfig: "libhs",
            providers: [.apt(["libvectorscan-dev"])]),

        // What the notifiers share
        .target(name: "NotifierKit", dependencies: [sdk], path: "Plugins/Notifiers/Kit", swiftSettings: strict),

        // SQLite for the plugins that keep a database
        .systemLibrary(name: "CSQLite", path: "Plugins/Memory/CSQLite", providers: [.apt(["libsqlite3-dev"])]),

        // The agent in C
        .target(
            name: "FileFacts", path: "Plugins/Agents/Samples/FileFacts", exclude: ["Entry"],
            publicHeadersPath: "include"),
        .target(
            name: "FileFactsEntry", dependencies: ["FileFacts", pluginHeaders],
            path: "Plugins/Agents/Samples/FileFacts/Entry", publicHeadersPath: ".", linkerSettings: pluginLinking),

        // The hostile agent, and its attempts without a sandbox
        .target(
            name: "Breakout", path: "Plugins/Agents/Samples/Breakout", exclude: ["Entry"], publicHeadersPath: "include"),
        .target(
            name: "BreakoutEntry", dependencies: ["Breakout", pluginHeaders],
            path: "Plugins/Agents/Samples/Breakout/Entry", publicHeadersPath: ".", linkerSettings: pluginLinking),
        .executableTarget(
            name: "corral-breakout-bare", dependencies: ["Breakout"], path: "Tests/AttackTests/Bare",
            linkerSettings: lld),

        // Tests
        tests("ArchitectureTests", []),
        tests(
            "AttackTests",
            [
                "Breakout", "CorralBase", "CorralCommand", "corral", "corral-breakout-bare",
                "corral-spawner", "corral-worker",
            ], exclude: ["Bare"]),
        tests("AnomalyAuditorTests", ["AnomalyAuditor", "MarketBars"], exclude: ["reference"]),
        tests("BacktesterTests", ["Backtester", "MarketBars"], exclude: ["reference"]),
        tests("BaseTests", ["CorralBase"]),
        tests(
            "BrokerTests",
            [
                "CorralBase", "CorralBroker", "CorralBrokerProcess", "CorralSandbox", "CorralSocket",
                "CorralSupervision", "CorralWire", "corral-broker", "corral-spawner",
            ], exclude: ["Servers"]),
        tests(
            "CatalogTests",
            [
                "CorralCatalog", "CorralEngine", "CorralSandbox", "CorralStore", "CorralSupervision", "corral-spawner",
                "corral-worker",
            ]),
        tests(
            "CommandTests",
            [
                "corral", "CorralAuthor", "CorralBase", "CorralCommand", "CorralConformance", "CorralControl",
                "CorralControlServer", "CorralHome",
            ]),
        tests("ComplianceCheckerTests", ["ComplianceChecker", "MarketBars", sdk]),
        tests("ConfigTests", ["CorralConfig", "CorralDocument"], exclude: ["Fixtures", "Golden"]),
        tests("ConformanceTests", ["CorralAuthor", "CorralBase", "CorralConformance"]),
        tests(
            "ControlTests",
            [
                "CorralBase", "CorralControl", "CorralControlServer", "CorralIdentity", "CorralSocket", "CorralWire",
            ]),
        tests("DocumentTests", ["CorralDocument"]),
        tests(
            "EngineTests",
            [
                "CorralBase", "CorralControl", "CorralEngine", "CorralIdentity", "CorralPipeline", "CorralStore",
                "CorralSupervision", logging,
            ]),
        tests("ExpressionTests", ["CorralExpression"]),
        tests("FileFactsTests", ["FileFacts"]),
        tests("FlowTests", ["CorralFlow"]),
        tests("HomeTests", ["CorralHome"]),
        tests("IdentityTests", ["CorralBase", "CorralIdentity"]),
        tests("Integration", ["corral", "corral-spawner", "corral-worker"], exclude: ["Servers"]),
        tests("JudgeRulesTests", ["CorralBase", "JudgeRules"]),
        tests("MarketDataTests", ["CZlib", "MarketBars", "MarketData"], exclude: ["Fixtures"]),
        tests("NotifierTests", ["NotifierEmail", "NotifierKit", "NotifierWebhook", sdk]),
        .executableTarget(
            name: "MemoryWriter", dependencies: ["MemorySQLite"], path: "Tests/MemorySQLiteTests/Writer",
            swiftSettings: strict, linkerSettings: lld),
        tests("MemorySQLiteTests", ["CSQLite", "MemorySQLite", "MemoryWriter"], exclude: ["Writer"]),
        tests(
            "PipelineTests",
            [
                "CorralBase", "CorralBroker", "CorralPipeline", "CorralServices", "CorralStore", "CorralSupervision",
                "CorralWire",
            ], exclude: ["reference"]),
        tests("PluginSDKTests", ["FileFactsEntry", sdk, toolchain], exclude: ["build-outside.sh"]),
        tests("PortfolioManagerTests", ["MarketBars", "PortfolioManager", sdk], exclude: ["reference"]),
        tests("RegimeAnalystTests", ["MarketBars", "RegimeAnalyst"], exclude: ["reference"]),
        tests("ReportWriterTests", ["MarketBars", "MarketData", "ReportWriter", "TechnicalAnalyst"]),
        tests("RiskManagerTests", ["MarketBars", "RiskManager"], exclude: ["reference"]),
        tests(
            "SandboxTests", ["CSpawnerProtocol", "CorralBase", "CorralSandbox", "CorralSocket", "corral-spawner"],
            exclude: ["Inside"]),
        tests("SensitiveScannerTests", ["SensitiveScanner"]),
        .executableTarget(
            name: "StoreWriter", dependencies: ["CorralBase", "CorralStore"], path: "Tests/StoreTests/Writer",
            swiftSettings: strict, linkerSettings: lld),
        tests(
            "StoreTests", ["CorralBase", "CorralIdentity", "CorralStore", "StoreWriter"], exclude: ["Golden", "Writer"]),
        tests(
            "SupervisionTests",
            ["CorralSandbox", "CorralSocket", "CorralSupervision", "corral-spawner", "corral-worker"]),
        tests("SeasonalityAnalystTests", ["MarketBars", "SeasonalityAnalyst"], exclude: ["reference"]),
        tests("TracerFileTests", ["TracerFile"]),
        tests("TechnicalAnalystTests", ["MarketBars", "TechnicalAnalyst"], exclude: ["reference"]),
        tests(
            "WorkerRuntimeTests",
            [
                "CorralBase", "CorralSandbox", "CorralSocket", "CorralWire", "CorralWorkerRuntime", "corral-spawner",
                "corral-worker",
            ]),
    ]
        + plugin("SensitiveScanner", "Scanners/Sensitive", ["CVectorscan"], exclude: ["CVectorscan"])
        + plugin("MarketData", "Agents/Market/MarketData", ["MarketBars", "CZlib"])
        + plugin("TechnicalAnalyst", "Agents/Market/TechnicalAnalyst", ["MarketBars"])
        + plugin("Backtester", "Agents/Market/Backtester", ["MarketBars"])
        + plugin("RiskManager", "Agents/Market/RiskManager", ["MarketBars"])
        + plugin("RegimeAnalyst", "Agents/Market/RegimeAnalyst", ["MarketBars"])
        + plugin("SeasonalityAnalyst", "Agents/Market/SeasonalityAnalyst", ["MarketBars"])
        + plugin("AnomalyAuditor", "Agents/Market/AnomalyAuditor", ["MarketBars"])
        + plugin("PortfolioManager", "Agents/Market/PortfolioManager", ["MarketBars"])
        + plugin("ComplianceChecker", "Agents/Market/ComplianceChecker", ["MarketBars"])
        + plugin("ReportWriter", "Agents/Market/ReportWriter", ["MarketBars"])
        + plugin("JudgeRules", "Judges/Rules", ["CorralBase", "CorralExpression"])
        + plugin("NotifierWebhook", "Notifiers/Webhook", ["NotifierKit"])
        + plugin("NotifierEmail", "Notifiers/Email", ["NotifierKit"])
        + plugin("MemorySQLite", "Memory/SQLite", ["CSQLite"])
        + plugin("TracerFile", "Tracers/File", []),
    swiftLanguageModes: [.v6]
)
