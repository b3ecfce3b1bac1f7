// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// What a plugin author resolves, and nothing else: this package has no dependencies, so an agent builds without a
// network. The host's package depends on it by path.

import PackageDescription

/// The compiler that reads this manifest also builds the plugin. Swift has no macro with its own version, so it is
/// asked step by step; the note adds the exact compiler commit, which settles releases this list does not know.
#if compiler(>=6.5)
    let swiftVersion = "6.5"
#elseif compiler(>=6.4.3)
    let swiftVersion = "6.4.3"
#elseif compiler(>=6.4.2)
    let swiftVersion = "6.4.2"
#elseif compiler(>=6.4.1)
    let swiftVersion = "6.4.1"
#elseif compiler(>=6.4)
    let swiftVersion = "6.4"
#elseif compiler(>=6.3.3)
    let swiftVersion = "6.3.3"
#elseif compiler(>=6.3.2)
    let swiftVersion = "6.3.2"
#elseif compiler(>=6.3.1)
    let swiftVersion = "6.3.1"
#else
    let swiftVersion = "6.3"
#endif

let package = Package(
    name: "PluginSDK",
    products: [
        .library(name: "CorralSDK", targets: ["CorralSDK"]),
        .library(name: "CCorral", targets: ["CCorral"]),
        .library(name: "CCorralToolchain", targets: ["CCorralToolchain"]),
    ],
    targets: [
        .target(
            name: "CCorral",
            path: ".",
            exclude: [
                "Swift", "C/CCorralToolchain", "C/Layout", "Conformance", "Templates", "include/layout-x86_64.txt",
            ],
            sources: ["C/CCorral"],
            publicHeadersPath: "include"),
        .target(
            name: "CCorralToolchain",
            dependencies: ["CCorral"],
            path: "C/CCorralToolchain",
            cSettings: [.define("CORRAL_SWIFT_VERSION", to: swiftVersion)]),
        .target(
            name: "CorralSDK",
            dependencies: ["CCorral", "CCorralToolchain"],
            path: "Swift/CorralSDK",
            swiftSettings: [
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
