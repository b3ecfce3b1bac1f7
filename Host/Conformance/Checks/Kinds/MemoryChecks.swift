// SPDX-License-Identifier: Apache-2.0
// MemoryChecks: what every backend must do with entries, so that agents need not know which one there is. What a search
// ranks first among good answers is the backend's own affair.

import CorralBase

struct MemoryChecks {
    let rig: CheckRig
    let facts: PluginFacts

    private static let now = KindExample.now

    /// One worker with an empty memory.
    private struct Session {
        let caller: KindCaller

        init(_ worker: CheckWorker) { caller = KindCaller(worker, .memory) }

        @discardableResult
        func put(
            _ text: String, in space: String = "a", key: String? = nil, layer: String = "medium_term",
            at time: Int64 = MemoryChecks.now, more: JSONObject = JSONObject()
        ) throws -> JSON {
            var body: JSONObject = [
                "now_ms": .int(time), "namespace": .string(space), "layer": .string(layer), "text": .string(text),
                "author": ["agent": "acme/check", "run": "r000000000000000"],
            ]
            if let key { body["key"] = .string(key) }
            for (name, value) in more.members { body[name] = value }
            return try caller.ask("put", .object(body), "a put")
        }

        func get(_ member: String, _ name: String, in space: String = "a", at time: Int64 = MemoryChecks.now) throws
            -> JSON?
        {
            let body: JSON = ["now_ms": .int(time), "namespace": .string(space), .init(member): .string(name)]
            let entry = try caller.ask("get", body, "a get by \(member)")["entry"] ?? .null
            return entry.isNull ? Optional.none : .some(entry)
        }

        /// JSON has a null of its own, which `== nil` would mean.
        func has(_ member: String, _ name: String, in space: String = "a", at time: Int64 = MemoryChecks.now) throws
            -> Bool
        {
            if case .some = try get(member, name, in: space, at: time) { true } else { false }
        }

        func search(
            _ query: String, in spaces: [String] = ["a"], limit: Int64 = 100, at time: Int64 = MemoryChecks.now,
            more: JSONObject = JSONObject()
        ) throws -> [JSON] {
            var body: JSONObject = [
                "now_ms": .int(time), "namespaces": .array(spaces.map { .string($0) }), "query": .string(query),
                "limit": .int(limit),
            ]
            for (name, value) in more.members { body[name] = value }
            return try caller.ask("search", .object(body), "a search for \"\(query.prefix(40))\"")["entries"]?
                .arrayValue ?? []
        }

        func list(
            in spaces: [String] = ["a"], limit: Int64 = 100, cursor: String? = nil, at time: Int64 = MemoryChecks.now,
            more: JSONObject = JSONObject()
        ) throws -> (entries: [JSON], cursor: String?) {
            var body: JSONObject = [
                "now_ms": .int(time), "namespaces": .array(spaces.map { .string($0) }), "limit": .int(limit),
            ]
            if let cursor { body["cursor"] = .string(cursor) }
            for (name, value) in more.members { body[name] = value }
            let page = try caller.ask("list", .object(body), "a list")
            return (page["entries"]?.arrayValue ?? [], page["cursor"]?.stringValue)
        }

        /// The host's own sweep, over all namespaces.
        func sweep(at time: Int64) throws -> Int64 {
            try caller.ask("forget", ["now_ms": .int(time), "expired": true], "a forget of what has expired")[
                "forgotten"]?
                .intValue ?? -1
        }

        func forget(_ more: JSONObject, in space: String = "a", at time: Int64 = MemoryChecks.now) throws -> Int64 {
            var body: JSONObject = ["now_ms": .int(time), "namespace": .string(space)]
            for (name, value) in more.members { body[name] = value }
            return try caller.ask("forget", .object(body), "a forget")["forgotten"]?.intValue ?? -1
        }
    }

    private func session() throws -> Session { Session(try facts.ready(rig)) }

    private func texts(_ entries: [JSON]) -> [String] { entries.compactMap { $0["text"]?.stringValue } }

    // MARK: The checks

    func keep() throws -> Verdict {
        let memory = try session()
        let value: JSON = ["n": [1, 2.5, "drei", .null, true], "deep": ["a": ["b": "Größe 東京 🙂"]]]
        let receipt = try memory.put(
            "Readers prefer short sentences", key: "tone",
            more: ["value": value, "tags": ["style", "größe"], "expires_at_ms": .int(Self.now + 60_000)])
        let id = receipt["id"]?.stringValue ?? ""
        try require(receipt["replaced"] == false, "the first put of a key says that it replaced")
        for (member, name) in [("id", id), ("key", "tone")] {
            guard let entry = try memory.get(member, name) else {
                throw Fault("a put entry is not found by its \(member)")
            }
            let expected: [(String, JSON)] = [
                ("id", .string(id)), ("namespace", "a"), ("layer", "medium_term"), ("key", "tone"),
                ("text", "Readers prefer short sentences"), ("value", value), ("tags", ["style", "größe"]),
                ("created_at_ms", .int(Self.now)), ("updated_at_ms", .int(Self.now)),
                ("expires_at_ms", .int(Self.now + 60_000)),
            ]
            for (name, wanted) in expected {
                try require(
                    entry[name] == wanted,
                    "an entry's \(name) was put as \(wanted.text()) and comes back as \(entry[name]?.text() ?? "nothing")"
                )
            }
            try require(
                entry["author"]?["agent"] == "acme/check" && entry["author"]?["run"] == "r000000000000000",
                "an entry's author comes back as \(entry["author"]?.text() ?? "nothing")")
        }
        let again = try memory.put("Readers prefer pictures", key: "tone", at: Self.now + 5)
        try require(again["replaced"] == true, "the second put of a key does not say that it replaced")
        let entry = try memory.get("key", "tone")
        try require(entry?["text"] == "Readers prefer pictures", "a replaced entry has its old text")
        try require(
            entry?["created_at_ms"] == .int(Self.now) && entry?["updated_at_ms"] == .int(Self.now + 5),
            "a replaced entry must keep its time of creation and change its time of change")
        try require(try memory.list().entries.count == 1, "a replaced entry is listed twice")
        let one = try memory.put("no key")["id"], other = try memory.put("no key")["id"]
        try require(one != other, "two entries without a key have one id")
        try require(try !memory.has("key", "unknown"), "a key that was never put is found")
        let once: JSONObject = ["effect": "r1/s/-/1"]
        let first = try memory.put("an effect", more: once),
            second = try memory.put("an effect", at: Self.now + 9, more: once)
        try require(
            first == second && texts(try memory.list().entries).count { $0 == "an effect" } == 1,
            "a put that the host repeats with the same \"effect\" is a second entry, or is answered otherwise")
        return .passed("")
    }

    func apart() throws -> Verdict {
        let memory = try session()
        try memory.put("an apple of a", in: "a", key: "k")
        try memory.put("an apple of b", in: "b", key: "k")
        try memory.put("an apple of a, short", in: "a", key: "k", layer: "short_term")
        let id = try memory.put("an apple without a key", in: "b")["id"]?.stringValue ?? ""
        try require(
            try memory.get("key", "k", in: "b")?["text"] == "an apple of b", "a key finds another namespace's entry")
        try require(
            try memory.get("key", "k", in: "a")?["text"] == "an apple of a, short",
            "a get without a layer must look into the shortest first")
        try require(try !memory.has("id", id, in: "a"), "an id finds another namespace's entry")
        try require(
            Set(texts(try memory.search("apple", in: ["a"]))) == ["an apple of a", "an apple of a, short"],
            "a search finds another namespace's entries, or not its own")
        try require(
            texts(try memory.list(in: ["a"], more: ["layers": ["short_term"]]).entries) == ["an apple of a, short"],
            "a list of one layer has another's entries, or not its own")
        try require(try memory.list(in: ["a", "b"]).entries.count == 4, "a list of two namespaces lacks entries")
        try require(try memory.list(in: []).entries.isEmpty, "a list of no namespace has entries")
        _ = try memory.forget(["all": true, "layers": ["short_term"]], in: "a")
        try require(
            texts(try memory.list(in: ["a"]).entries) == ["an apple of a"],
            "forgetting one layer forgets another, or not it")
        _ = try memory.forget(["all": true], in: "a")
        try require(
            try memory.list(in: ["b"]).entries.count == 2, "forgetting one namespace forgets in another")
        return .passed("")
    }

    func expiry() throws -> Verdict {
        let memory = try session()
        try memory.put("a fleeting thought", key: "f", more: ["expires_at_ms": .int(Self.now + 1000)])
        try memory.put("a lasting thought", key: "l")
        try require(try memory.has("key", "f", at: Self.now + 999), "an entry is gone before it expires")
        for late in [Self.now + 1000, Self.now + 90_000] {
            try require(try !memory.has("key", "f", at: late), "an expired entry is found by its key")
            try require(
                texts(try memory.search("thought", at: late)) == ["a lasting thought"],
                "an expired entry is found by a search")
            try require(
                texts(try memory.list(at: late).entries) == ["a lasting thought"], "an expired entry is listed")
        }
        let again = try memory.put("a new thought", key: "f", at: Self.now + 2000)
        try require(again["replaced"] == false, "a put says that it replaced an entry that has expired")
        let swept = try memory.sweep(at: Self.now + 3000)
        try require(
            swept >= 0
                && Set(texts(try memory.list(at: Self.now + 3000).entries)) == ["a lasting thought", "a new thought"],
            "a forget of what has expired forgets what has not")
        return .passed("")
    }

    func search() throws -> Verdict {
        let memory = try session()
        try memory.put("The price of copper rose in March", key: "1", more: ["tags": ["metal", "price"]])
        try memory.put("Gold and silver are metals", key: "2", more: ["tags": ["metal"]])
        try memory.put("Bonds fell when rates rose", key: "3", more: ["tags": ["price"]])
        for number in 0..<30 { try memory.put("filler \(number) about nothing", key: "x\(number)") }
        let copper = try memory.search("copper price")
        try require(
            copper.first?["text"] == "The price of copper rose in March",
            "the entry with all words of the query does not come first")
        for entry in copper {
            let score = entry["score"]?.doubleValue ?? -1
            try require((0...1).contains(score), "a score is \(entry["score"]?.text() ?? "missing"), not from 0 to 1")
        }
        let scores = copper.compactMap { $0["score"]?.doubleValue }
        try require(scores == scores.sorted(by: >), "the answers to a search are not ordered by their scores")
        try require(try memory.search("filler", limit: 5).count == 5, "a search does not keep to its limit")
        try require(
            texts(try memory.search("rose", more: ["tags": ["price", "metal"]])) == [
                "The price of copper rose in March"
            ],
            "a search with two tags finds entries that do not carry both, or not those that do")
        try require(try memory.search("zzyzx").isEmpty, "a word that no entry has is found")
        for query in Self.hostileQueries { _ = try memory.search(query) }
        return .passed("\(Self.hostileQueries.count) hostile queries")
    }

    /// Syntax of one search engine or another; here they are words.
    private static let hostileQueries = [
        "", " ", "\"", "\"\"", "'", "''; DROP TABLE entries; --", "*", "copper*", "^copper", "-copper", "+copper",
        "copper AND",
        "OR", "NOT", "NEAR(copper, gold)", "text: copper", "{text} : copper", "(copper", "copper)", "copper:",
        "a\u{0000}b",
        "%", "_", "\\", "[", "a/b", "~0.5", "🙂", "東京", "\u{202E}", String(repeating: "copper ", count: 580),
        String(repeating: "(", count: 4000), String(repeating: "\"", count: 4001),
    ]

    func pages() throws -> Verdict {
        let memory = try session()
        let count = 57
        for number in 0..<count {
            // Some changes share a time.
            try memory.put("entry \(number)", key: "k\(number)", at: Self.now + Int64(number / 2))
        }
        var seen: [JSON] = []
        var cursor: String?
        var pages = 0
        repeat {
            let page = try memory.list(limit: 10, cursor: cursor, at: Self.now + 1000)
            try require(page.entries.count <= 10, "a page of 10 has \(page.entries.count) entries")
            seen += page.entries
            cursor = page.cursor
            pages += 1
            try require(pages <= 20, "a list of \(count) entries in pages of 10 does not end")
        } while cursor != nil
        try require(
            Set(texts(seen)).count == count && seen.count == count,
            "a list of \(count) entries in pages of 10 shows \(seen.count), \(Set(texts(seen)).count) of them different"
        )
        let times = seen.compactMap { $0["updated_at_ms"]?.intValue }
        try require(times == times.sorted(by: >), "a list does not begin with what changed last")
        return .passed("\(pages) pages")
    }

    func forget() throws -> Verdict {
        let memory = try session()
        let id = try memory.put("by id")["id"]?.stringValue ?? ""
        try memory.put("by key", key: "k")
        try memory.put("old", at: Self.now - 10_000)
        try memory.put("new", key: "n")
        let steps: [(JSONObject, Int64, Set<String>)] = [
            (["id": .string(id)], 1, ["by key", "old", "new"]), (["id": .string(id)], 0, ["by key", "old", "new"]),
            (["key": "k"], 1, ["old", "new"]), (["key": "unknown"], 0, ["old", "new"]),
            (["older_than_ms": .int(Self.now - 5000)], 1, ["new"]), (["all": true], 1, []), (["all": true], 0, []),
        ]
        for (what, expected, left) in steps {
            let gone = try memory.forget(what)
            let shown = JSON.object(what).text()
            try require(gone == expected, "forgetting \(shown) says \(gone), expected \(expected)")
            try require(
                Set(texts(try memory.list().entries)) == left,
                "after forgetting \(shown) there is: \(texts(try memory.list().entries).sorted().joined(separator: ", "))"
            )
        }
        try require(try memory.search("new").isEmpty, "a forgotten entry is found by a search")
        return .passed("\(steps.count) ways")
    }

    func lasts() throws -> Verdict {
        guard facts.manifest.asks.storage else {
            return .skipped("it asks for no storage: what it keeps ends with its process")
        }
        let folder = try rig.storageFolder(for: facts.manifest.id)
        var worker: CheckWorker? = try facts.ready(rig, storage: folder)
        if let first = worker {
            let memory = Session(first)
            for number in 0..<20 { try memory.put("kept \(number)", key: "k\(number)") }
            _ = try memory.forget(["key": "k7"])
            first.kill()
        }
        worker = nil
        let memory = Session(try facts.ready(rig, storage: folder))
        let entries = try memory.list().entries
        try require(
            entries.count == 19,
            "of 20 entries put and one forgotten, \(entries.count) are there after the process was killed")
        try require(
            try memory.get("key", "k19")?["text"] == "kept 19",
            "the last entry is not there after the process was killed")
        try require(try !memory.has("key", "k7"), "a forgotten entry is there again after the process was killed")
        try require(
            try memory.search("kept").count == 19, "a search does not find what was there before the process was killed"
        )
        return .passed("killed once")
    }
}
