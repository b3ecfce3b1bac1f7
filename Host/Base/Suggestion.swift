// SPDX-License-Identifier: Apache-2.0
// Suggestion: the nearest known name to a mistyped one, so that an error can say "did you mean".

/// The candidate nearest to `word` by edit distance (insert, delete, replace, swap of neighbours; letter case ignored),
/// or nil when none is near: at most a third of the word's length, at least one edit.
package func nearestName(to word: String, among candidates: some Sequence<String>) -> String? {
    let target = Array(word.lowercased().unicodeScalars)
    guard !target.isEmpty, target.count <= 128 else { return nil }
    let allowed = max(1, target.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let letters = Array(candidate.lowercased().unicodeScalars)
        guard letters.count <= 128, abs(letters.count - target.count) <= allowed else { continue }
        let distance = editDistance(target, letters)
        if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

/// `did you mean "name"?` for the nearest candidate, or nil.
package func didYouMean(_ word: String, among candidates: some Sequence<String>) -> String? {
    nearestName(to: word, among: candidates).map { "did you mean \"\($0)\"?" }
}

/// Optimal string alignment distance over three rows.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1] + [Int](repeating: 0, count: b.count)
        for j in b.indices {
            let replaced = previous[j] + (a[i] == b[j] ? 0 : 1)
            current[j + 1] = min(replaced, previous[j + 1] + 1, current[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                current[j + 1] = min(current[j + 1], beforePrevious[j - 1] + 1)
            }
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
}
