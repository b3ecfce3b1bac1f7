// SPDX-License-Identifier: Apache-2.0
// CallQueue: calls that wait in the host. First come, first served among those that can go: a plugin that is serial or
// still loading holds up its own calls, not its neighbours'.

import CorralCatalog

struct CallQueue {
    /// Calls of one plugin; those with an ancestor apart, because they may use the reserved places.
    struct Line: Hashable {
        var plugin: ContentDigest
        var isNested: Bool
    }

    private struct Item {
        var sequence: UInt64
        var call: UInt64
    }

    /// A first-in first-out list whose front moves instead of its items.
    private struct Items {
        var items: [Item] = []
        var front = 0
        /// Removed from the middle; passed over when they reach the front.
        var gone: Set<UInt64> = []

        mutating func head() -> Item? {
            while front < items.count, gone.remove(items[front].call) != nil { front += 1 }
            if front == items.count {
                items.removeAll(keepingCapacity: true)
            } else if front > 1024 {
                compact()
            } else {
                return items[front]
            }
            if items.isEmpty { front = 0 }
            return front < items.count ? items[front] : nil
        }

        private mutating func compact() {
            items.removeSubrange(0..<front)
            front = 0
        }
    }

    private var lines: [Line: Items] = [:]
    private var nextSequence: UInt64 = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ call: UInt64, to line: Line) {
        lines[line, default: Items()].items.append(Item(sequence: nextSequence, call: call))
        nextSequence += 1
        count += 1
    }

    mutating func remove(_ call: UInt64, from line: Line) {
        guard lines[line]?.gone.insert(call).inserted == true else { return }
        count -= 1
        if lines[line]?.head() == nil { lines[line] = nil }
    }

    /// Takes the call that waits longest among the lines that `canGo`, or nil.
    mutating func takeFirst(where canGo: (Line) -> Bool) -> UInt64? {
        var best: (line: Line, item: Item)?
        for line in lines.keys where canGo(line) {
            guard let item = lines[line]?.head(), item.sequence < best?.item.sequence ?? .max else { continue }
            best = (line, item)
        }
        guard let best else { return nil }
        lines[best.line]?.front += 1
        count -= 1
        if lines[best.line]?.head() == nil { lines[best.line] = nil }
        return best.item.call
    }

    /// The plugins that have calls waiting.
    var plugins: Set<ContentDigest> { Set(lines.keys.map(\.plugin)) }

    /// Any call of a plugin: all of one content have the same entry.
    func anyCall(of plugin: ContentDigest) -> UInt64? {
        for (line, items) in lines where line.plugin == plugin {
            if let item = items.items[items.front...].first(where: { !items.gone.contains($0.call) }) {
                return item.call
            }
        }
        return nil
    }

    /// Takes all calls, of one plugin or of all, in the order they came.
    mutating func takeAll(of plugin: ContentDigest? = nil) -> [UInt64] {
        var taken: [Item] = []
        for (line, items) in lines where plugin == nil || line.plugin == plugin {
            taken += items.items[items.front...].filter { !items.gone.contains($0.call) }
            lines[line] = nil
        }
        count -= taken.count
        return taken.sorted { $0.sequence < $1.sequence }.map(\.call)
    }
}
