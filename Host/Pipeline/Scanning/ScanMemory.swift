// SPDX-License-Identifier: Apache-2.0
// ScanMemory: what was found in texts that were scanned, by hash. It holds places and classes, never a text.

import CorralBase

/// Two generations: when the younger is full it becomes the older, so that what is used again stays.
///
/// Sixty-four bits of SipHash under a key that is drawn anew in each process: nobody outside can look for two texts with
/// one hash, and by chance one look-up in 2^47 would meet another text's.
struct ScanMemory {
    private var young: [UInt64: [Finding]] = [:]
    private var old: [UInt64: [Finding]] = [:]
    private var cleanYoung: Set<UInt64> = []
    private var cleanOld: Set<UInt64> = []
    /// Who found it: the versions of the scanners.
    private(set) var versions: [String] = []

    /// Forgets everything when others scan from now on, or another version of the same.
    mutating func note(_ versions: [String]) {
        guard versions != self.versions else { return }
        self = ScanMemory()
        self.versions = versions
    }

    subscript(hash: UInt64) -> [Finding]? {
        get { young[hash] ?? old[hash] }
        set {
            if young.count >= Limits.scanMemoryMax / 2 { (old, young) = (young, [:]) }
            young[hash] = newValue
        }
    }

    func isClean(_ part: UInt64) -> Bool { cleanYoung.contains(part) || cleanOld.contains(part) }

    mutating func markClean(_ part: UInt64) {
        if cleanYoung.count >= Limits.scanMemoryMax / 2 { (cleanOld, cleanYoung) = (cleanYoung, []) }
        cleanYoung.insert(part)
    }

    static func hash(_ text: ScanText) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(text)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
