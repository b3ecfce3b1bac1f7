// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// A Corral plugin: `Wording` is the judge and can be tested as any library, `WordingEntry` exports it. `corral plugin
// build`, or `swift build -c release`, leaves .build/release/libwording.so, which goes into plugins.d/.

import PackageDescription

/// Where the SDK lies.
let sdk = Context.environment["CORRAL_SDK"] ?? "../.."

let package = Package(
    name: "wording",
    products: [
        .library(name: "wording", type: .dynamic, targets: ["WordingEntry"])
    ],
    dependencies: [
        .package(name: "PluginSDK", path: sdk)
    ],
    targets: [
        .target(
            name: "Wording",
            dependencies: [.product(name: "CorralSDK", package: "PluginSDK")]),
        .target(
            name: "WordingEntry",
            dependencies: ["Wording", .product(name: "CorralSDK", package: "PluginSDK")],
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
