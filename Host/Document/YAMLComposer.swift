// SPDX-License-Identifier: Apache-2.0
// YAMLComposer: the events of libyaml → a tree of located nodes. It works on events, not on the tree that Yams builds,
// because the bounds on depth and aliases must hold while the tree grows, and every key needs its place.

import CYaml
import CorralBase

extension YAMLNode {
    /// Parses a document; JSON is YAML and is read the same way.
    ///
    /// Only the syntax stops at its first mistake; repeated keys, unknown tags and the like are all reported at once.
    /// - Returns: the document, or nil when there is none (an empty file, or comments only).
    /// - Throws: `yaml_invalid`, `yaml_duplicate_key`, `yaml_too_large`, `yaml_unsupported`.
    package static func parse(_ text: String, file: String) throws(DiagnosticsError) -> YAMLNode? {
        guard text.utf8.count <= Limits.documentBytesMax else {
            throw DiagnosticsError([.tooManyBytes(text.utf8.count, file: file)])
        }
        var composer = YAMLComposer(text: text, file: file)
        composer.readAll()
        guard composer.diagnostics.isEmpty else { throw DiagnosticsError(composer.diagnostics) }
        return composer.root
    }
}

struct YAMLComposer {
    /// A list or map whose end has not been read.
    struct Open {
        let location: SourceLocation
        let isMapping: Bool
        let anchor: String?
        var elements: [YAMLNode] = []
        var members: [(key: YAMLNode, value: YAMLNode)] = []
        var places: [String: SourceLocation] = [:]
        var key: YAMLNode?
        /// Values inside, and levels below, with aliases expanded.
        var size = 1
        var height = 1
    }

    struct Anchored {
        let node: YAMLNode
        let size: Int
        let height: Int
    }

    let text: String
    let file: String
    let lines: [Substring.UnicodeScalarView]
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var root: YAMLNode?
    private var open: [Open] = []
    private var anchors: [String: Anchored] = [:]
    private var size = 0
    private var hasDocument = false
    private var isDone = false

    init(text: String, file: String) {
        self.text = text
        self.file = file
        // Needed only to find the indentation of block texts; a line break inside is one scalar in either form.
        lines = Substring(text).unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    }

    mutating func readAll() {
        var bytes = ContiguousArray(text.utf8)
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            return stop(.yamlSyntax("out of memory", at: SourceLocation(file: file, line: 1, column: 1)))
        }
        defer { yaml_parser_delete(&parser) }
        bytes.withUnsafeMutableBufferPointer { buffer in
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            readEvents(&parser)
        }
    }

    private mutating func readEvents(_ parser: inout yaml_parser_t) {
        while !isDone {
            var event = yaml_event_t()
            guard yaml_parser_parse(&parser, &event) == 1 else { return stop(syntaxMistake(parser)) }
            defer { yaml_event_delete(&event) }
            handle(event)
        }
    }

    private mutating func handle(_ event: yaml_event_t) {
        let location = place(event.start_mark)
        switch event.type {
        case YAML_STREAM_END_EVENT: isDone = true
        case YAML_DOCUMENT_START_EVENT:
            if hasDocument { stop(.secondDocument(at: location)) }
            hasDocument = true
        case YAML_ALIAS_EVENT: alias(string(event.data.alias.anchor) ?? "", at: location)
        case YAML_SCALAR_EVENT: scalar(event, at: location)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            checkTag(string(start.tag), expected: "seq", at: location)
            begin(Open(location: location, isMapping: false, anchor: string(start.anchor)))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            checkTag(string(start.tag), expected: "map", at: location)
            begin(Open(location: location, isMapping: true, anchor: string(start.anchor)))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: end()
        default: break
        }
    }

    private mutating func begin(_ collection: Open) {
        guard open.count < Limits.jsonDepthMax else { return stop(.tooDeep(at: collection.location)) }
        size += 1
        guard size <= Limits.documentNodesMax else { return stop(.tooManyNodes(at: collection.location)) }
        open.append(collection)
    }

    private mutating func end() {
        guard let closed = open.popLast() else { return }
        let kind: YAMLNode.Kind = closed.isMapping ? .mapping(closed.members) : .sequence(closed.elements)
        let node = YAMLNode(location: closed.location, kind: kind)
        add(Anchored(node: node, size: closed.size, height: closed.height), anchor: closed.anchor)
    }

    private mutating func alias(_ name: String, at location: SourceLocation) {
        guard let anchored = anchors[name] else {
            diagnostics.append(.unknownAlias(name, at: location))
            return add(nullNode(at: location), anchor: nil)
        }
        guard open.count + anchored.height <= Limits.jsonDepthMax else { return stop(.tooDeep(at: location)) }
        size += anchored.size
        guard size <= Limits.documentNodesMax else { return stop(.tooManyNodes(at: location)) }
        add(anchored, anchor: nil)
    }

    private mutating func scalar(_ event: yaml_event_t, at location: SourceLocation) {
        size += 1
        guard size <= Limits.documentNodesMax else { return stop(.tooManyNodes(at: location)) }
        let data = event.data.scalar
        let bytes = UnsafeBufferPointer(start: data.value, count: data.length)
        let scalar = makeScalar(
            String(decoding: bytes, as: UTF8.self), style: data.style, tag: string(data.tag), at: location)
        let node = YAMLNode(location: location, kind: .scalar(scalar))
        add(Anchored(node: node, size: 1, height: 0), anchor: string(data.anchor))
    }

    private mutating func add(_ value: Anchored, anchor: String?) {
        if let anchor { anchors[anchor] = value }
        guard var parent = open.popLast() else {
            root = value.node
            return
        }
        parent.size += value.size
        parent.height = max(parent.height, value.height + 1)
        if !parent.isMapping {
            parent.elements.append(value.node)
        } else if let key = parent.key {
            parent.members.append((key, value.node))
            parent.key = nil
        } else {
            parent.key = value.node
            checkKey(value.node, &parent.places)
        }
        open.append(parent)
    }

    private mutating func checkKey(_ key: YAMLNode, _ places: inout [String: SourceLocation]) {
        guard let name = key.scalar?.text else { return diagnostics.append(.keyNotText(at: key.location)) }
        if let first = places.updateValue(key.location, forKey: name) {
            diagnostics.append(.duplicateKey(name, first: first, at: key.location))
        }
    }

    private mutating func stop(_ diagnostic: Diagnostic) {
        diagnostics.append(diagnostic)
        isDone = true
    }

    private func nullNode(at location: SourceLocation) -> Anchored {
        let scalar = YAMLScalar(
            text: "", isQuoted: false, value: .null, contentStart: location, isLiteralBlock: false)
        return Anchored(node: YAMLNode(location: location, kind: .scalar(scalar)), size: 1, height: 0)
    }

    private func syntaxMistake(_ parser: yaml_parser_t) -> Diagnostic {
        let problem = parser.problem.map { String(cString: $0) } ?? "out of memory"
        guard parser.error == YAML_READER_ERROR else {
            return .yamlSyntax(problem, at: place(parser.problem_mark))
        }
        let before = Array(text.utf8.prefix(parser.problem_offset))
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
        return .yamlSyntax(problem, at: SourceLocation(file: file, line: line, column: column))
    }

    func place(_ mark: yaml_mark_t) -> SourceLocation {
        SourceLocation(file: file, line: mark.line + 1, column: mark.column + 1)
    }

    private func string(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        bytes.map { String(cString: UnsafePointer($0)) }
    }

    mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }
}
