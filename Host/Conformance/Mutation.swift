// SPDX-License-Identifier: Apache-2.0
// Mutation: from a seed and a number to a changed input. Half of the cases stay JSON and change its values, so that they
// get past the parser; the others change bytes.

import CorralBase

enum Mutation {
    /// Case `index` of `seed`: the same bytes whenever it is asked for.
    static func body(_ original: [UInt8], seed: UInt64, index: Int) -> [UInt8] {
        var random = SeededRandom(seed: seed &+ UInt64(truncatingIfNeeded: index) &* 0x2545_F491_4F6C_DD1D)
        if Bool.random(using: &random), let value = try? JSON(parsing: original) {
            return changed(value, &random, depth: 0).bytes()
        }
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes, &random) }
        return bytes
    }

    // MARK: Values

    private static func changed(_ value: JSON, _ random: inout SeededRandom, depth: Int) -> JSON {
        if depth > 0, Int.random(in: 0..<3, using: &random) == 0 { return stranger(&random) }
        switch value {
        case .object(let object) where !object.isEmpty:
            var object = object
            let key = object.keys[Int.random(in: 0..<object.count, using: &random)]
            switch Int.random(in: 0..<8, using: &random) {
            case 0: object[key] = nil
            case 1: object["unknown" + key] = stranger(&random)
            default: object[key] = changed(object[key] ?? .null, &random, depth: depth + 1)
            }
            return .object(object)
        case .array(let items) where !items.isEmpty:
            var items = items
            let place = Int.random(in: 0..<items.count, using: &random)
            if Bool.random(using: &random) {
                items[place] = changed(items[place], &random, depth: depth + 1)
            } else {
                items.append(items[place])
            }
            return .array(items)
        default: return stranger(&random)
        }
    }

    /// Values that programs forget about.
    private static func stranger(_ random: inout SeededRandom) -> JSON {
        switch Int.random(in: 0..<14, using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .int(Int64.max)
        case 3: .int(Int64.min)
        case 4: .int(-1)
        case 5: .double(1e308)
        case 6: .double(-0.0)
        case 7: ""
        case 8: .string(String(repeating: "a", count: Int.random(in: 1...9000, using: &random)))
        case 9: "\u{0}\u{1}\u{7F}"
        case 10: "\u{202E}e\u{301}\u{1F469}\u{200D}\u{1F4BB}"
        case 11: []
        case 12: ["": .null]
        default: .array((0..<Int.random(in: 1...40, using: &random)).map { .int(Int64($0)) })
        }
    }

    // MARK: Bytes

    private static func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !bytes.isEmpty else {
            bytes.append(UInt8.random(in: 0...255, using: &random))
            return
        }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &random)))
        case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 16)], at: place)
        case 4: bytes = Array(bytes[..<place])
        default: bytes.insert(UInt8.random(in: 0...31, using: &random), at: place)
        }
    }
}
