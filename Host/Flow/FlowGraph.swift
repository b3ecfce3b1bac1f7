// SPDX-License-Identifier: Apache-2.0
// FlowGraph: who waits for whom. Steps are positions in the order of the file.

struct FlowGraph: Sendable {
    let index: [String: Int]
    let after: [[Int]]
    let successors: [[Int]]

    init(names: [String], after: [[Int]]) {
        index = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
        self.after = after
        var successors = [[Int]](repeating: [], count: names.count)
        for (step, predecessors) in after.enumerated() {
            for predecessor in predecessors { successors[predecessor].append(step) }
        }
        self.successors = successors
    }

    /// Steps that no step waits for.
    var last: [Int] { successors.indices.filter { successors[$0].isEmpty } }

    /// One cycle of each knot of steps that wait for each other, as positions with the first repeated at the end.
    func cycles() -> [[Int]] {
        let waiting = sorted().waiting
        // What is left stands in a cycle or behind one; walking backwards inside it must run into a cycle.
        var cycles: [[Int]] = []
        var seen = Set<Int>()
        for start in waiting.indices where waiting[start] > 0 && !seen.contains(start) {
            if let cycle = walkBack(from: start, waiting, &seen) { cycles.append(cycle) }
        }
        return cycles
    }

    /// Steps in an order in which each comes after what it waits for, and for each step how many of those could not be
    /// ordered: more than none in and behind a cycle.
    func sorted() -> (order: [Int], waiting: [Int]) {
        var waiting = after.map(\.count)
        var order = waiting.indices.filter { waiting[$0] == 0 }
        var next = 0
        while next < order.count {
            for successor in successors[order[next]] {
                waiting[successor] -= 1
                if waiting[successor] == 0 { order.append(successor) }
            }
            next += 1
        }
        return (order, waiting)
    }

    private func walkBack(from start: Int, _ waiting: [Int], _ seen: inout Set<Int>) -> [Int]? {
        var path: [Int] = []
        var places: [Int: Int] = [:]
        var step = start
        while true {
            if let place = places[step] { return path[place...].reversed() + [path[path.count - 1]] }
            guard seen.insert(step).inserted else { return nil }
            places[step] = path.count
            path.append(step)
            guard let before = after[step].first(where: { waiting[$0] > 0 }) else { return nil }
            step = before
        }
    }
}
