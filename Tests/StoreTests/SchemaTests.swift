// SPDX-License-Identifier: Apache-2.0
// SchemaTests: the tables as they are on disk. A change of a golden file means that existing homes need a migration.

import CorralBase
import Foundation
import Testing

@testable import CorralStore

@Suite struct SchemaTests {
    @Test(arguments: ["state", "spans", "host"])
    func matchesTheGoldenFile(_ name: String) throws {
        let home = try StoreHome()
        _ = try home.open()
        _ = try SpanStore(folder: home.tenantFolder)
        _ = try HostStore(home: home.path)
        let file = name == "host" ? home.path + "/host.db" : home.tenantFolder + "/\(name).db"
        let schema = try home.sqlite(
            """
            SELECT 'PRAGMA application_id = ' || application_id || ';' FROM pragma_application_id
            UNION ALL SELECT '-- ' || name FROM schema_version
            UNION ALL SELECT * FROM (
                SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name)
            """, file)
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Golden/\(name)-schema.sql")
        if ProcessInfo.processInfo.environment["CORRAL_REWRITE_GOLDEN"] == "1" {
            try Data((schema + "\n").utf8).write(to: golden)
        }
        #expect(try String(contentsOf: golden, encoding: .utf8) == schema + "\n")
    }
}
