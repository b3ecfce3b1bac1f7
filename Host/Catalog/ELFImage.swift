// SPDX-License-Identifier: Apache-2.0
// ELFImage: what can be known about a shared library without loading it: for which machine it is, what it needs, what it
// exports, which toolchain built it. Every offset in the file is the word of a stranger and is checked before use.
//
// Layouts: System V ABI, "Object Files" (gabi.xinuos.com, 2024) and elf(5).

import CorralBase

package struct ELFImage: Sendable, Hashable {
    /// Names of libraries it needs (DT_NEEDED), in order.
    package var needed: [String] = []
    /// DT_RUNPATH or DT_RPATH.
    package var runpath: String?
    /// Names of the dynamic symbols it defines, sorted.
    package var exports: [String] = []
    /// The text of the Corral toolchain note, nil without one.
    package var toolchain: String?

    /// - Throws: `plugin_not_elf`, `plugin_wrong_architecture`, `plugin_not_a_library`, `plugin_damaged`.
    package init(_ bytes: UnsafeRawBufferPointer, path: String) throws(CorralError) {
        var reader = ELFReader(bytes: bytes, path: path)
        self = try reader.image()
    }

    init() {}

    package static let entrySymbol = "corral_plugin_entry"
}

/// Reads 64-bit little-endian ELF, the only kind that hosts of Corral run.
private struct ELFReader {
    let bytes: UnsafeRawBufferPointer
    let path: String

    struct Segment {
        var type: UInt32
        var offset: UInt64
        var address: UInt64
        var fileSize: UInt64
        var alignment: UInt64
    }

    static let segmentsMax = 512
    static let dynamicMax = 4096
    static let symbolsMax = 1 << 22
    static let nameBytesMax = 4096
    /// Of all exported names together: a small file could otherwise repeat a long name a million times.
    static let exportBytesMax = 64 << 20

    mutating func image() throws(CorralError) -> ELFImage {
        try checkHeader()
        let segments = try segments()
        try checkWhole(segments)
        guard let dynamic = segments.first(where: { $0.type == 2 }) else {
            throw .notALibrary(path, "a static ELF file without a dynamic section")
        }
        let isProgram = segments.contains { $0.type == 3 }
        var image = ELFImage()
        try readDynamic(dynamic, segments, isProgram: isProgram, into: &image)
        image.toolchain = try toolchain(segments)
        return image
    }

    private func checkHeader() throws(CorralError) {
        guard bytes.count >= 4, bytes[0] == 0x7F, bytes[1] == 0x45, bytes[2] == 0x4C, bytes[3] == 0x46 else {
            throw .notELF(path, kindOfFile(bytes))
        }
        guard bytes.count >= 64 else {
            throw .damaged(path, "it ends inside the ELF header, after \(bytes.count) bytes")
        }
        let machine = try u16(18)
        guard bytes[4] == 2, bytes[5] == 1, machine == hostMachine else {
            throw .wrongArchitecture(
                path, file: machineName(machine, is64: bytes[4] == 2), host: machineName(hostMachine, is64: true))
        }
        switch try u16(16) {
        case 3: break
        case 1: throw .notALibrary(path, "an object file (.o)")
        case 2: throw .notALibrary(path, "a program")
        case 4: throw .notALibrary(path, "a core dump")
        case let type: throw .notALibrary(path, "an ELF file of type \(type)")
        }
    }

    /// A copy that is still being written, or was cut off, lacks what the headers promise: parts to be loaded, or the
    /// table of sections, which linkers write last.
    private func checkWhole(_ segments: [Segment]) throws(CorralError) {
        for segment in segments where segment.type == 1 {
            _ = try offset(segment.offset, plus: segment.fileSize, room: 0)
        }
        let sections = try u64(40)
        guard sections != 0 else { return }
        _ = try offset(sections, plus: UInt64(try u16(58)) * UInt64(try u16(60)), room: 0)
    }

    private func segments() throws(CorralError) -> [Segment] {
        let table = try u64(32)
        let size = UInt64(try u16(54))
        let count = Int(try u16(56))
        guard size >= 56, count <= ELFReader.segmentsMax else {
            throw .damaged(path, "its table of segments cannot be read")
        }
        var segments: [Segment] = []
        for index in 0..<UInt64(count) {
            let start = try offset(table, plus: index &* size, room: 56)
            segments.append(
                Segment(
                    type: try u32(start), offset: try u64(start + 8), address: try u64(start + 16),
                    fileSize: try u64(start + 32), alignment: try u64(start + 48)))
        }
        return segments
    }

    // MARK: Dynamic section

    private func readDynamic(
        _ dynamic: Segment, _ segments: [Segment], isProgram: Bool, into image: inout ELFImage
    ) throws(CorralError) {
        var tags: [UInt64: UInt64] = [:]
        var needed: [UInt64] = []
        let count = min(dynamic.fileSize / 16, UInt64(ELFReader.dynamicMax))
        for index in 0..<count {
            let start = try offset(dynamic.offset, plus: index * 16, room: 16)
            let tag = try u64(start)
            let value = try u64(start + 8)
            if tag == 0 { break }
            if tag == 1 { needed.append(value) } else { tags[tag] = value }
        }
        // DF_1_PIE (0x08000000) in DT_FLAGS_1: a program that is laid out like a library.
        if isProgram || (tags[0x6FFF_FFFB] ?? 0) & 0x0800_0000 != 0 { throw .notALibrary(path, "a program") }
        guard let strings = tags[5] else {
            guard needed.isEmpty else { throw .damaged(path, "its dynamic section has no strings") }
            return
        }
        let table = try fileOffset(strings, segments)
        for name in needed { image.needed.append(try text(table, name)) }
        if let runpath = tags[29] ?? tags[15] { image.runpath = try text(table, runpath) }
        if let symbols = tags[6] {
            let count = try symbolCount(tags, segments)
            image.exports = try exports(try fileOffset(symbols, segments), count, table)
        }
    }

    /// The dynamic section does not say how many symbols there are; the hash tables do.
    private func symbolCount(_ tags: [UInt64: UInt64], _ segments: [Segment]) throws(CorralError) -> Int {
        if let hash = tags[4] {
            let start = try fileOffset(hash, segments)
            return min(Int(try u32(try offset(start, plus: 4, room: 4))), ELFReader.symbolsMax)
        }
        guard let gnu = tags[0x6FFF_FEF5] else { return 0 }
        let start = try fileOffset(gnu, segments)
        let head = try offset(start, plus: 0, room: 16)
        let buckets = UInt64(try u32(head))
        let first = UInt64(try u32(head + 4))
        let bloom = UInt64(try u32(head + 8))
        let bucketTable = UInt64(16) + bloom * 8
        var last: UInt64 = 0
        guard buckets <= UInt64(ELFReader.symbolsMax) else { throw .damaged(path, "its hash table cannot be read") }
        for index in 0..<buckets {
            last = max(last, UInt64(try u32(try offset(start, plus: bucketTable + index * 4, room: 4))))
        }
        guard last >= first, last > 0 else { return Int(clamping: first) }
        // The last chain ends with an entry whose lowest bit is set.
        let chains = bucketTable + buckets * 4
        while last < UInt64(ELFReader.symbolsMax) {
            let entry = try u32(try offset(start, plus: chains + (last - first) * 4, room: 4))
            last += 1
            if entry & 1 == 1 { break }
        }
        return Int(clamping: last)
    }

    private func exports(_ table: UInt64, _ count: Int, _ strings: UInt64) throws(CorralError) -> [String] {
        var names: [String] = []
        var total = 0
        for index in 0..<UInt64(count) {
            let start = try offset(table, plus: index * 24, room: 24)
            let binding = bytes[start + 4] >> 4
            let visibility = bytes[start + 5] & 3
            // Defined, global or weak (or unique), default or protected.
            guard try u16(start + 6) != 0, [1, 2, 10].contains(binding), visibility == 0 || visibility == 3 else {
                continue
            }
            names.append(try text(strings, UInt64(try u32(start))))
            total += names.last?.utf8.count ?? 0
            guard total <= ELFReader.exportBytesMax else { throw .damaged(path, "its exported names have no end") }
        }
        return names.sorted()
    }

    // MARK: Notes

    private func toolchain(_ segments: [Segment]) throws(CorralError) -> String? {
        for segment in segments where segment.type == 4 {
            if let text = try toolchain(in: segment) { return text }
        }
        return nil
    }

    private func toolchain(in segment: Segment) throws(CorralError) -> String? {
        let alignment: UInt64 = segment.alignment == 8 ? 8 : 4
        var position: UInt64 = 0
        while position &+ 12 <= segment.fileSize {
            let start = try offset(segment.offset, plus: position, room: 12)
            let nameSize = UInt64(try u32(start))
            let contentSize = UInt64(try u32(start + 4))
            let type = try u32(start + 8)
            let content = padded(position + 12 + nameSize, alignment)
            guard content + contentSize <= segment.fileSize else { return nil }
            let name = try offset(segment.offset, plus: position + 12, room: nameSize)
            if type == 1, bytes[name..<(name + Int(nameSize))].elementsEqual("Corral\0".utf8) {
                let first = try offset(segment.offset, plus: content, room: contentSize)
                let text = bytes[first..<(first + Int(min(contentSize, 512)))].prefix { $0 != 0 }
                return String(decoding: text, as: UTF8.self)
            }
            position = padded(content + contentSize, alignment)
        }
        return nil
    }

    private func padded(_ value: UInt64, _ alignment: UInt64) -> UInt64 { (value + alignment - 1) & ~(alignment - 1) }

    // MARK: Bytes

    /// Where the byte that will have `address` in memory lies in the file.
    private func fileOffset(_ address: UInt64, _ segments: [Segment]) throws(CorralError) -> UInt64 {
        for segment in segments where segment.type == 1 && address >= segment.address {
            let distance = address - segment.address
            if distance < segment.fileSize { return segment.offset &+ distance }
        }
        throw .damaged(path, "it refers to an address that no part of it has")
    }

    private func offset(_ start: UInt64, plus distance: UInt64, room: UInt64) throws(CorralError) -> Int {
        let (position, overflow) = start.addingReportingOverflow(distance)
        guard !overflow, position <= UInt64(bytes.count), room <= UInt64(bytes.count) - position else {
            throw .damaged(path, "it refers to a place behind its end; it may be cut off at \(bytes.count) bytes")
        }
        return Int(position)
    }

    private func text(_ table: UInt64, _ index: UInt64) throws(CorralError) -> String {
        let start = try offset(table, plus: index, room: 1)
        let run = bytes[start...].prefix(ELFReader.nameBytesMax).prefix { $0 != 0 }
        guard run.endIndex < bytes.count, run.count < ELFReader.nameBytesMax else {
            throw .damaged(path, "a name in it has no end")
        }
        return String(decoding: run, as: UTF8.self)
    }

    private func u16(_ offset: Int) throws(CorralError) -> UInt16 { try integer(offset) }
    private func u32(_ offset: Int) throws(CorralError) -> UInt32 { try integer(offset) }
    private func u64(_ offset: Int) throws(CorralError) -> UInt64 { try integer(offset) }

    private func integer<T: FixedWidthInteger>(_ offset: Int) throws(CorralError) -> T {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else {
            throw .damaged(path, "it is cut off at \(bytes.count) bytes")
        }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

#if arch(x86_64)
    private let hostMachine: UInt16 = 62
#elseif arch(arm64)
    private let hostMachine: UInt16 = 183
#endif

private func machineName(_ machine: UInt16, is64: Bool) -> String {
    let names: [UInt16: String] = [
        3: "x86 (32 bit)", 8: "MIPS", 20: "PowerPC", 21: "PowerPC 64", 22: "IBM Z", 40: "ARM (32 bit)",
        62: is64 ? "x86-64" : "x86-64 (x32)", 183: "ARM64 (aarch64)", 243: "RISC-V", 258: "LoongArch",
    ]
    return names[machine] ?? "machine type \(machine)"
}

/// What a file that is no ELF file looks like, for people.
private func kindOfFile(_ bytes: UnsafeRawBufferPointer) -> String {
    func starts(_ magic: [UInt8]) -> Bool { bytes.starts(with: magic) }
    if bytes.isEmpty { return "empty" }
    if starts(Array("!<arch>\n".utf8)) || starts(Array("!<thin>\n".utf8)) { return "a static library (ar archive)" }
    let machO: [[UInt8]] = [
        [0xCF, 0xFA, 0xED, 0xFE], [0xCE, 0xFA, 0xED, 0xFE], [0xCA, 0xFE, 0xBA, 0xBE], [0xFE, 0xED, 0xFA, 0xCF],
    ]
    if machO.contains(where: starts) { return "a Mach-O file, for macOS" }
    if starts([0x4D, 0x5A]) { return "a Windows file (PE)" }
    if starts([0x50, 0x4B, 3, 4]) { return "a zip archive" }
    if starts([0x1F, 0x8B]) { return "a gzip archive" }
    if starts([0, 0x61, 0x73, 0x6D]) { return "a WebAssembly module" }
    if starts([0x42, 0x43, 0xC0, 0xDE]) { return "LLVM bitcode" }
    if starts(Array("#!".utf8)) { return "a script" }
    if starts(Array("/* GNU ld script".utf8)) { return "a linker script; name the library it points at" }
    let sample = bytes.prefix(512)
    let isText = sample.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    return isText ? "a text file" : "a file of unknown kind"
}
