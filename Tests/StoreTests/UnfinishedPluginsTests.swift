// SPDX-License-Identifier: Apache-2.0
// UnfinishedPluginsTests: which contents must be kept, asked of a store that somebody else has open.

import CorralBase
import Testing

@testable import CorralStore

@Suite struct UnfinishedPluginsTests {
    @Test func namesWhatRunsThatAreNotOverWereRunBy() throws {
        let home = try StoreHome()
        let store = try home.open()
        let metrics = { (digest: String) in AttemptMetrics(worker: "w", pluginDigest: digest) }
        try store.add(
            runID(1), .runCreated(creation()), .attemptStarted(attempt("a"), worker: "w", pluginDigest: "one"),
            .attemptFailed(attempt("a"), failure, isInfrastructure: true, metrics: metrics("two")))
        try store.add(
            runID(2), .runCreated(creation()), .attemptStarted(attempt("a"), worker: "w", pluginDigest: "over"),
            .runFinished(.succeeded(output: Array("1".utf8))))
        #expect(try UnfinishedPlugins.digests(folder: home.tenantFolder) == ["one", "two"])
        #expect(try UnfinishedPlugins.digests(folder: home.tenantFolder + "/nowhere") == [])
        // The owner has lost nothing by being asked.
        try store.add(runID(1), .runFinished(.succeeded(output: Array("1".utf8))))
        #expect(try UnfinishedPlugins.digests(folder: home.tenantFolder) == [])
    }
}
