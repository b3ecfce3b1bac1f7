// SPDX-License-Identifier: Apache-2.0
import CZlib
import MarketBars

/// Unpacks gzip (RFC 1952) up to a limit: a kilobyte of gzip can claim to be a gigabyte of zeros.
enum Gunzip {
    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// - Throws: `DataFault` when the stream is damaged, cut short, followed by other bytes or too long.
    static func unpack(_ packed: [UInt8], bytesMax: Int) throws -> [UInt8] {
        var stream = z_stream()
        // 15 bits of window, +16 means a gzip header and its CRC are required and checked (zlib.h, inflateInit2).
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw MarketDataErrors.gzip("zlib does not start")
        }
        defer { inflateEnd(&stream) }
        var input = packed
        return try input.withUnsafeMutableBufferPointer { buffer in
            stream.next_in = buffer.baseAddress
            stream.avail_in = UInt32(clamping: buffer.count)
            return try inflateMembers(&stream, bytesMax: bytesMax)
        }
    }

    /// A gzip file may be several gzip files in a row (RFC 1952, section 2.2).
    private static func inflateMembers(_ stream: inout z_stream, bytesMax: Int) throws -> [UInt8] {
        var unpacked: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let (status, produced) = chunk.withUnsafeMutableBufferPointer { buffer in
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(clamping: buffer.count)
                let status = inflate(&stream, Z_NO_FLUSH)
                return (status, buffer.count - Int(stream.avail_out))
            }
            guard unpacked.count + produced <= bytesMax else { throw MarketDataErrors.inflatesTooFar() }
            unpacked.append(contentsOf: chunk.prefix(produced))
            switch status {
            case Z_OK: continue
            case Z_STREAM_END where stream.avail_in == 0: return unpacked
            case Z_STREAM_END: try startNextMember(&stream)
            case Z_BUF_ERROR: throw MarketDataErrors.gzip("it is cut short")
            default: throw MarketDataErrors.gzip(stream.msg.map { String(cString: $0) } ?? "zlib status \(status)")
            }
        }
    }

    private static func startNextMember(_ stream: inout z_stream) throws {
        let rest = Int(stream.avail_in)
        guard rest >= 2, let next = stream.next_in, next[0] == 0x1F, next[1] == 0x8B else {
            throw MarketDataErrors.gzip("\(Figures.count(rest, "byte")) of something else follow the end")
        }
        guard inflateReset(&stream) == Z_OK else { throw MarketDataErrors.gzip("zlib does not restart") }
    }
}
