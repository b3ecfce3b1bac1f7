// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// A Corral plugin: `WordTools` has the tools and can be tested as any library, `WordToolsEntry` exports them. `corral plugin
// build`, or `swift build -c release`, leaves .build/release/libword-tools.so, which goes into plugins.d/.

import PackageDescription

/// Where the SDK lies.
let sdk = Context.environment["CORRAL_SDK"] ?? "../.."

let package = Package(
    name: "word-tools",
    products: [
        .library(name: "word-tools", type: .dynamic, targets: ["WordToolsEntry"])
    ],
    dependencies: [
        .package(name: "PluginSDK", path: sdk)
    ],
    targets: [
        .target(
            name: "WordTools",
            dependencies: [.product(name: "CorralSDK", package: "PluginSDK")]),
        .target(
            name: "WordToolsEntry",
            dependencies: ["WordTools", .product(name: "CorralSDK", package: "PluginSDK")],
            // The host looks for one symbol; the version script hides all others. A Swift library must never be
            // unmapped, which `nodelete` promises. The linker is the one that comes with Swift.
            linkerSettings: [
                .unsafeFlags([
                    "-use-ld=lld",
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/plugin.map",
                    "-Xlinker", "-z", "-Xlinker", "nodelete",
                    "-Xlinker", "--gc-sections",
                ])
            ]),
    ],
    swiftLanguageModes: [.v6]
)
