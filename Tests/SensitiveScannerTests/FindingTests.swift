// SPDX-License-Identifier: Apache-2.0
import SensitiveScanner
import Testing

@Suite struct FindingTests {
    static let planted: [Planted] = [
        Planted(.emailAddresses, "write to §alice.smith+tag@example.co.uk§, please"),
        Planted(.emailAddresses, "<§o'brien_7@sub.example.org§>"),
        Planted(.emailAddresses, "mailto:§bob@example.com§."),
        Planted(.emailAddresses, "§jörg@müller.example§ wrote"),
        Planted(.emailAddresses, "?user=§carol%40example.net§&x=1"),
        Planted(.emailAddresses, "of §dave@mail.example.com§.txt"),
        Planted(.ssn, "of §536-90-4399§.txt"),
        Planted(.phoneNumbers, "call §(415) 555-2671§ today"),
        Planted(.phoneNumbers, "§415-555-2671§"),
        Planted(.phoneNumbers, "at §1-415-555-2671§."),
        Planted(.phoneNumbers, "§+1 415 555 2671§"),
        Planted(.phoneNumbers, "ring §+49 (0)30 901820§ now"),
        Planted(.phoneNumbers, "§+442071838750§"),
        Planted(.phoneNumbers, "Tel.: §030 / 901820-11§"),
        Planted(.phoneNumbers, "phone number: §415 555 2671§"),
        Planted(.ssn, "ssn §536-90-4399§"),
        Planted(.ssn, "her SSN is §536904399§."),
        Planted(.ssn, "social security §536 90 4399§"),
        Planted(.creditCards, "card §4111111111111111§ exp 12/27"),
        Planted(.creditCards, "§4111 1111 1111 1111§ 123"),
        Planted(.creditCards, "§5555-5555-5555-4444§"),
        Planted(.creditCards, "amex §3782 822463 10005§"),
        Planted(.creditCards, "§378282246310005§"),
        Planted(.creditCards, "§6011111111111117§"),
        Planted(.creditCards, "§3530111333300000§"),
        Planted(.creditCards, "§30569309025904§"),
        Planted(.creditCards, "§2223003122003222§"),
        Planted(.creditCards, "visa card §4222222222222§"),
        Planted(.iban, "to §GB82 WEST 1234 5698 7654 32§ by noon"),
        Planted(.iban, "IBAN:§DE89370400440532013000§"),
        Planted(.iban, "§FR1420041010050500013M02606§"),
        Planted(.iban, "§nl91abna0417164300§"),
        Planted(.iban, "§NO9386011117947§"),
        Planted(.apiKeys, "key §AKIAIOSFODNN7EXAMPLE§ here"),
        Planted(.apiKeys, "token=§ghp_16C7e42F292c6912E7710c838347Ae178B4a§"),
        Planted(.apiKeys, "'§sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789-ABCDEFGH_AA§'"),
        Planted(.apiKeys, "§sk-abcdefghijklmnopqrstT3BlbkFJabcdefghijklmnopqrst§"),
        Planted(.apiKeys, "§xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx§"),
        Planted(.apiKeys, "§sk_live_4eC39HqLyjWDarjtT1zdp7dc§"),
        Planted(.apiKeys, "§AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe§"),
        Planted(.apiKeys, "§glpat-abcdefghij0123456789§"),
        Planted(
            .apiKeys,
            "§eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U§"
        ),
        Planted(.apiKeys, "Authorization: Bearer §mF_9.B5f-4.1JqMabcdef12345§"),
        Planted(.apiKeys, #"aws_secret_access_key = "§wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY§""#),
        Planted(.passwords, "https://bob:§hunter2§@example.com/x"),
        Planted(.passwords, "ftp://bob:§pa/ss#w?rd§@example.com"),
        Planted(.passwords, "password=§s3cr3t-Pa55§;"),
        Planted(.passwords, #"{"passwd": "§correct horse battery§"}"#),
        Planted(.passwords, #"{\"password\":\"§Tr0ub4dor&3§\"}"#),
        Planted(.databaseCredentials, "postgres://app:§Pa55w0rd§@db.internal:5432/app"),
        Planted(.databaseCredentials, "redis://:§verysecret§@cache:6379"),
        Planted(.databaseCredentials, "mongodb+srv://u:§p%40ss§@cluster0.example.net"),
        Planted(.databaseCredentials, "Server=db;Database=x;User Id=sa;Password=§Pa55word!§;"),
        Planted(
            .privateKeys,
            "x §-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\n-----END RSA PRIVATE KEY-----§ y"),
        Planted(
            .privateKeys,
            "§-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\nMHcCAQEE\n-----END EC PRIVATE KEY-----§"
        ),
        Planted(
            .privateKeys,
            #"§-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXkt\n-----END OPENSSH PRIVATE KEY-----§\n"#),
        Planted(.privateKeys, "cut §-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwgg§"),
    ]

    @Test(arguments: planted) func findsExactlyTheValue(_ planted: Planted) throws {
        let found = try Shared.scan(planted.text)
        let values = found.map { String(decoding: Array(planted.text.utf8)[$0.range], as: UTF8.self) }
        #expect(values == [planted.value])
        #expect(found.map(\.sensitiveClass) == [planted.sensitiveClass])
    }

    @Test(arguments: planted) func redactingLeavesNothingToFind(_ planted: Planted) throws {
        let redacted = try Shared.redacted(planted.text)
        #expect(!redacted.contains(planted.value))
        #expect(try Shared.scan(redacted).isEmpty)
    }

    @Test(arguments: [
        ("ssn", "536904399", SensitiveClass.ssn), ("employee.phone_number", "030 901820", .phoneNumbers),
        ("dbPassword", "hunter2", .passwords), ("x-api-key", "0123456789abcdefX", .apiKeys),
        ("cardNumber", "4222222222222", .creditCards),
    ]) func takesTheNameOfATextIntoAccount(key: String, text: String, expected: SensitiveClass) throws {
        #expect(try Shared.scan(text, key: key).map(\.sensitiveClass) == [expected])
        #expect(try Shared.scan(text, key: "volume").isEmpty)
    }

    @Test func findsSeveralInOneText() throws {
        let text = "a@example.com, 4111111111111111; 536-90-4399 and b@example.org"
        #expect(
            try Shared.scan(text).map(\.sensitiveClass) == [.emailAddresses, .creditCards, .ssn, .emailAddresses])
    }

    @Test func joinsWhatOverlaps() throws {
        // The name of the key takes the whole, the token inside is found by its shape.
        let text = "password=ghp_16C7e42F292c6912E7710c838347Ae178B4a"
        #expect(try Shared.redacted(text) == "password=[redacted:api_keys]")
    }
}
