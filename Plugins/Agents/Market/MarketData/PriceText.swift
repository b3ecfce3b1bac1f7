// SPDX-License-Identifier: Apache-2.0
import MarketBars

/// The file as UTF-8 without byte-order mark, whatever it came as, or a clear refusal.
struct PriceText {
    let bytes: [UInt8]
    private(set) var notes: [String] = []

    init(_ raw: [UInt8]) throws {
        guard raw.count <= MarketDataErrors.bytesMax else { throw MarketDataErrors.tooLarge(raw.count) }
        var bytes = raw
        if Gunzip.isGzip(raw) {
            bytes = try Gunzip.unpack(raw, bytesMax: MarketDataErrors.bytesMax)
            notes.append("Unpacked from gzip.")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            bytes.removeFirst(3)
        } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            bytes = Self.fromUTF16(bytes)
            notes.append("Converted from UTF-16.")
        }
        guard !bytes.allSatisfy({ $0 == 32 || (9...13).contains($0) }) else { throw MarketDataErrors.empty() }
        // CSV holds no control characters but tabs and newlines; archives and images are full of them.
        if let offset = bytes.firstIndex(where: { ($0 < 32 && !(9...13).contains($0)) || $0 == 127 }) {
            throw MarketDataErrors.binary(offset: offset, byte: bytes[offset])
        }
        self.bytes = bytes
    }

    private static func fromUTF16(_ bytes: [UInt8]) -> [UInt8] {
        let isLittle = bytes[0] == 0xFF
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { index in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isLittle ? first | second << 8 : first << 8 | second
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
