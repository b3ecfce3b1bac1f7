// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// A Corral plugin: `SpanFile` is the tracer and can be tested as any library, `SpanFileEntry` exports it. `corral plugin
// build`, or `swift build -c release`, leaves .build/release/libspan-file.so, which goes into plugins.d/.

import PackageDescription

/// Where the SDK lies.
let sdk = Context.environment["CORRAL_SDK"] ?? "../.."

let package = Package(
    name: "span-file",
    products: [
        .library(name: "span-file", type: .dynamic, targets: ["SpanFileEntry"])
    ],
    dependencies: [
        .package(name: "PluginSDK", path: sdk)
    ],
    targets: [
        .target(
            name: "SpanFile",
            dependencies: [.product(name: "CorralSDK", package: "PluginSDK")]),
        .target(
            name: "SpanFileEntry",
            dependencies: ["SpanFile", .product(name: "CorralSDK", package: "PluginSDK")],
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
