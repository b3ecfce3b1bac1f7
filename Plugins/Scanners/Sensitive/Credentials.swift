// SPDX-License-Identifier: Apache-2.0

/// Passwords in URLs (`scheme://user:password@host`, RFC 3986 §3.2.1). Of a database's URL it is the credentials of a
/// database. Only the password is reported: what else the URL says is what people need to find the mistake.
enum Credentials {
    static let patterns = [Pattern.literal("://", check: check)]

    private static let authorityMax = 512
    private static let databases: Set<String> = [
        "postgres", "postgresql", "mysql", "mysql2", "mariadb", "mongodb", "mongodb+srv", "redis", "rediss", "amqp",
        "amqps", "mssql", "sqlserver", "oracle", "cockroachdb", "clickhouse", "cassandra", "neo4j", "bolt", "couchbase",
        "couchdb", "influxdb", "elasticsearch", "db2", "snowflake", "redshift", "tcps", "ldap", "ldaps", "nats",
        "postgresql+psycopg2", "postgresql+asyncpg", "mysql+pymysql", "memcached", "kafka", "timescaledb", "valkey",
    ]

    private static func check(_ pass: ScanPass, end: Int) {
        guard let sign = userEnd(pass, from: end) else { return }
        var colon = end
        while colon < sign, pass.byte(colon) != UInt8(ascii: ":") { colon += 1 }
        guard colon < sign, sign - colon > 1 else { return }
        pass.credentialsEnd = sign
        let password = colon + 1..<sign
        guard !Placeholder.is(pass, password) else { return }
        let schemeStart = pass.start(of: .schemes, before: end - 3, most: 24)
        let scheme = pass.lowercased(schemeStart..<end - 3)
        pass.report(databases.contains(scheme) ? .databaseCredentials : .passwords, password, confidence: 0.95)
    }

    /// The last `@` of the authority. A password may hold an unescaped `/`, `?` or `#`: then what follows the colon is no
    /// port, and the `@` comes before the next blank.
    private static func userEnd(_ pass: ScanPass, from start: Int) -> Int? {
        let stop = pass.first(of: .authorityEnds, from: start, most: authorityMax)
        if let sign = lastSign(pass, start..<stop) { return sign }
        let byte = pass.byte(stop)
        guard ByteSet("/?#").contains(byte) else { return nil }
        let colon = pass.first(of: ByteSet(":"), from: start, most: stop - start)
        let portEnd = pass.end(of: .digits, from: colon + 1, most: 6)
        guard colon < stop, portEnd < stop else { return nil }
        let end = pass.first(of: .urlEnds, from: stop, most: authorityMax)
        return lastSign(pass, stop..<end)
    }

    private static func lastSign(_ pass: ScanPass, _ range: Range<Int>) -> Int? {
        var index = range.upperBound
        while index > range.lowerBound {
            index -= 1
            if pass.byte(index) == UInt8(ascii: "@") { return index }
        }
        return nil
    }
}

extension ByteSet {
    fileprivate static let authorityEnds = ByteSet(0...32, and: "\"'`<>|\\/?#")
    fileprivate static let schemes = ByteSet(
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        and: "+.-")
}
