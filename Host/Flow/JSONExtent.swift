// SPDX-License-Identifier: Apache-2.0
// JSONExtent: how large a value is when it is written out. Values share their parts in memory, so a small flow can stand
// for an enormous text; and measuring one large value again for each of a thousand items would cost more than the items.

import CorralBase
import CorralExpression

struct JSONExtent: Hashable, Sendable {
    /// About as many as the compact text has.
    var bytes: Int
    /// Levels of lists and maps.
    var depth: Int

    static let small = JSONExtent(bytes: 8, depth: 0)

    func fits(bytes bytesMax: Int) -> Bool { bytes <= bytesMax && depth <= Limits.jsonDepthMax }

    /// Makes room for a member.
    mutating func add(_ member: JSONExtent, key: String = "") {
        let (sum, overflow) = bytes.addingReportingOverflow(member.bytes)
        bytes = overflow ? .max : sum + min(key.utf8.count, .max - sum)
        depth = max(depth, member.depth + 1)
    }
}

extension JSON {
    /// The extent, or nil when it is beyond `bytesMax` or the depth limit: the count stops there.
    func extent(bytesMax: Int) -> JSONExtent? {
        var left = bytesMax
        return depth(&left, allowed: Limits.jsonDepthMax).map { JSONExtent(bytes: bytesMax - left, depth: $0) }
    }

    private func depth(_ left: inout Int, allowed: Int) -> Int? {
        left -= 8
        guard left >= 0, allowed >= 0 else { return nil }
        var deepest = 0
        switch self {
        case .null, .bool, .int, .double: break
        case .string(let text):
            left -= text.utf8.count
            if left < 0 { return nil }
        case .array(let elements):
            for element in elements {
                guard let depth = element.depth(&left, allowed: allowed - 1) else { return nil }
                deepest = max(deepest, depth + 1)
            }
        case .object(let object):
            for member in object.members {
                left -= member.key.utf8.count
                guard let depth = member.value.depth(&left, allowed: allowed - 1) else { return nil }
                deepest = max(deepest, depth + 1)
            }
        }
        return deepest
    }
}

extension Binding {
    /// A bound on the extent of the value, from the extents of what it refers to; nil when an expression computes.
    func extent(of name: (String) -> JSONExtent?) -> JSONExtent? {
        switch kind {
        case .constant(let value): return value.extent(bytesMax: Limits.documentBytesMax * 16)
        case .template(let template, _):
            guard let references = template.plainReferences else { return nil }
            var total = JSONExtent(bytes: 8 + template.text.utf8.count, depth: 0)
            for reference in references {
                guard let extent = name(reference.root) else { return nil }
                total.add(extent)
            }
            return total
        case .list(let elements):
            var total = JSONExtent.small
            for element in elements {
                guard let extent = element.extent(of: name) else { return nil }
                total.add(extent)
            }
            return total
        case .map(let members):
            var total = JSONExtent.small
            for member in members {
                guard let extent = member.value.extent(of: name) else { return nil }
                total.add(extent, key: member.key)
            }
            return total
        }
    }
}
