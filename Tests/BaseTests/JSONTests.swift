// SPDX-License-Identifier: Apache-2.0
// JSONTests: the value model itself.

import CorralBase
import Testing

@Suite struct JSONTests {
    @Test func tellsAbsentFromNull() {
        let object: JSONObject = ["here": nil]
        #expect(object["here"] == .some(.null))
        #expect(object["gone"] == Optional<JSON>.none)
        #expect(object.count == 1)
    }

    @Test func removesAndReplacesMembers() {
        var object: JSONObject = ["a": 1, "b": 2, "c": 3]
        object["b"] = Optional<JSON>.none
        object["a"] = 9
        object["d"] = 4
        #expect(object.keys == ["a", "c", "d"])
        #expect(object.members.map(\.value) == [9, 3, 4])
        object["x"] = Optional<JSON>.none
        #expect(object.count == 3)
    }

    @Test func equalityIgnoresTheOrderOfMembers() {
        #expect(["a": 1, "b": 2] as JSON == ["b": 2, "a": 1] as JSON)
        #expect(["a": 1] as JSON != ["a": 1.0] as JSON)
        #expect(JSON.int(1) != .double(1))
    }

    @Test func convertsNumbersOnlyWhenExact() {
        #expect(JSON.double(3).intValue == 3)
        #expect(JSON.double(3.5).intValue == nil)
        #expect(JSON.double(1e300).intValue == nil)
        #expect(JSON.double(.nan).intValue == nil)
        #expect(JSON.int(3).doubleValue == 3)
        #expect(JSON.string("3").intValue == nil)
        #expect(JSON.bool(true).doubleValue == nil)
    }

    @Test func readsMembersOfObjectsOnly() {
        #expect((["a": [1]] as JSON)["a"] == [1])
        #expect(JSON.null["a"] == Optional<JSON>.none)
    }
}
