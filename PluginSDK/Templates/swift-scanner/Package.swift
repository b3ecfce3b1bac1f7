// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// A Corral plugin: `OrderNumbers` is the scanner and can be tested as any library, `OrderNumbersEntry` exports it. `corral plugin
// build`, or `swift build -c release`, leaves .build/release/liborder-numbers.so, which goes into plugins.d/.

import PackageDescription

/// Where the SDK lies.
let sdk = Context.environment["CORRAL_SDK"] ?? "../.."

let package = Package(
    name: "order-numbers",
    products: [
        .library(name: "order-numbers", type: .dynamic, targets: ["OrderNumbersEntry"])
    ],
    dependencies: [
        .package(name: "PluginSDK", path: sdk)
    ],
    targets: [
        .target(
            name: "OrderNumbers",
            dependencies: [.product(name: "CorralSDK", package: "PluginSDK")]),
        .target(
            name: "OrderNumbersEntry",
            dependencies: ["OrderNumbers", .product(name: "CorralSDK", package: "PluginSDK")],
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
